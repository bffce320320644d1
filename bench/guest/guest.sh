#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in the guest: bare veth, VXLAN, WireGuard and plait side by side, and with the word
# "userdp" plait's data path in user space (bench/userdp) too. Prints
# progress as "== ...", results as "raw ..." for report.awk, profiles as "profile ...".
# With the word "flood" what flood.sh tells, for flood.awk.
#
#   ┌ src ───────┐       ┌ a ──────────────┐            ┌ b ──────────────────────────┐
#   │ pktgen     │       │ lan    10.1.0.1 │            │                             │
#   │ eth0       ├─ veth ┤                 │            │ sink0 (dummy) counts what   │
#   │ 10.1.0.2   │       │ eth0  192.0.2.1 ├─── veth ───┤ eth0 192.0.2.2  was carried │
#   └────────────┘       │ vxlan 10.71.0.1 │            │ 10.71.0.2                   │
#                        │ wg    10.72.0.1 │═ tunnels ══│ 10.72.0.2                   │
#                        │ plait 10.73.0.1 │            │ 10.73.0.2                   │
#                        │  gcm  10.74.0.1 │            │ 10.74.0.2                   │
#                        │ udp0  10.75.0.1 │            │ 10.75.0.2      plait-userdp │
#                        │ udp1  10.76.0.1 │            │ 10.76.0.2    if asked for   │
#                        └─────────────────┘            └─────────────────────────────┘
#
# TCP runs from a to b. pktgen's packets to 10.2x.0.2 go by tunnel x to sink0.
set -euo pipefail
here=/plait/bench
# shellcheck source=bench/guest/pktgen.sh
source $here/pktgen.sh
# shellcheck source=bench/guest/flood.sh
source $here/flood.sh
if [[ ${BENCH_GENERATOR:-pktgen} == dpdk ]]; then
	# shellcheck source=bench/guest/flood-dpdk.sh
	source $here/flood-dpdk.sh
fi

runs=${BENCH_RUNS:-5}
what=${BENCH_WHAT:-tcp single burst extra profile}
kinds=(veth vxlan wireguard plait)          # plait: ChaCha20-Poly1305
tcp_kinds=("${kinds[@]}" plait-gcm)         # the same with AES-256-GCM
user_kinds=(userdp userdp-gcm)              # the same wire format by bench/userdp
declare -A device=([veth]=eth0 [vxlan]=vxlan [wireguard]=wg [plait]=plait0 [plait-gcm]=plait1
	[userdp]=udp0 [userdp-gcm]=udp1)
declare -A inner=([veth]=192.0.2 [vxlan]=10.71.0 [wireguard]=10.72.0 [plait]=10.73.0 [plait-gcm]=10.74.0
	[userdp]=10.75.0 [userdp-gcm]=10.76.0)
declare -A target=([veth]=10.20.0.2 [vxlan]=10.21.0.2 [wireguard]=10.22.0.2 [plait]=10.23.0.2
	[userdp]=10.24.0.2)
# Chosen so that a run takes 0.3 to 0.5 · 10^9 instructions.
declare -A tcp_bytes=([veth]=400000000 [vxlan]=280000000 [wireguard]=12000000 [plait]=25000000 [plait-gcm]=40000000
	[userdp]=20000000 [userdp-gcm]=30000000)
work=$(mktemp -d)

say() { echo "== $*"; }
wants() { [[ " $what " == *" $1 "* ]]; }
in_a() { ip netns exec a "$@"; }
in_b() { ip netns exec b "$@"; }

build() {
	local module ns n end
	# Without these WireGuard and plait would be compared running scalar ciphers.
	for module in chacha-x86_64 poly1305-x86_64 curve25519-x86_64; do modprobe $module; done
	for module in libchacha20poly1305 aesni-intel gcm ctr ghash-generic wireguard vxlan pktgen; do modprobe $module; done
	for ns in src a b; do
		ip netns add $ns
		ip -n $ns link set lo up
		ip netns exec $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1
	done
	ip link add eth0 netns src type veth peer name lan netns a
	ip link add eth0 netns a type veth peer name eth0 netns b
	ip -n b link add sink0 type dummy
	ip -n src addr add 10.1.0.2/24 dev eth0
	ip -n a addr add 10.1.0.1/24 dev lan
	ip -n a addr add 192.0.2.1/24 dev eth0
	ip -n b addr add 192.0.2.2/24 dev eth0
	for n in src/eth0 a/lan a/eth0 b/eth0 b/sink0; do ip -n "${n%/*}" link set "${n#*/}" up; done

	in_a ip link add vxlan type vxlan id 7 local 192.0.2.1 remote 192.0.2.2 dstport 4789
	in_b ip link add vxlan type vxlan id 7 local 192.0.2.2 remote 192.0.2.1 dstport 4789

	umask 077
	for end in a b; do wg genkey >"$work/wg-$end"; done
	for end in a b; do in_$end ip link add wg type wireguard; done
	in_a wg set wg listen-port 51820 private-key "$work/wg-a" \
		peer "$(wg pubkey <"$work/wg-b")" endpoint 192.0.2.2:51820 allowed-ips 0.0.0.0/0
	in_b wg set wg listen-port 51820 private-key "$work/wg-b" \
		peer "$(wg pubkey <"$work/wg-a")" endpoint 192.0.2.1:51820 allowed-ips 0.0.0.0/0

	plait_tunnel plait0 51900 1 chacha20-poly1305
	plait_tunnel plait1 51901 2 aes-256-gcm
	echo "raw driver $(in_a plaitctl --json key show plait1 | sed -n 's/.*"driver": *"\([^"]*\)".*/\1/p')"

	if wants userdp; then
		user_tunnel udp0 51910 3 chacha20-poly1305
		user_tunnel udp1 51911 4 aes-256-gcm
		tcp_kinds+=("${user_kinds[@]}")
		kinds+=(userdp)
	fi

	for n in "${tcp_kinds[@]:1}"; do
		ip -n a addr add "${inner[$n]}.1/24" dev "${device[$n]}"
		ip -n b addr add "${inner[$n]}.2/24" dev "${device[$n]}"
		ip -n a link set "${device[$n]}" up
		ip -n b link set "${device[$n]}" up
	done
	for n in "${kinds[@]}"; do
		ip -n a route add "${target[$n]}/32" via "${inner[$n]}.2"
		ip -n b route add "${target[$n]}/32" dev sink0
		ip -n b neigh add "${target[$n]}" lladdr 02:00:00:00:00:01 dev sink0 nud permanent
	done
	# Every tunnel is up and has made its handshake before anything is measured.
	for n in "${tcp_kinds[@]}"; do
		in_a ping -q -c 2 -i 0.2 -W 5 "${inner[$n]}.2" >/dev/null || { echo "no ping over $n"; exit 1; }
		echo "raw mtu $n $(in_a cat "/sys/class/net/${device[$n]}/mtu")"
	done
}

new_keys() {
	local end
	for end in there back; do head -c 48 /dev/urandom | base64 -w 0 >"$work/key-$end"; done
}

plait_tunnel() { # DEVICE PORT NUMBER CIPHER
	local dev=$1 port=$2 n=$3 cipher=$4
	new_keys
	in_a ip link add "$dev" type plait local 192.0.2.1 remote 192.0.2.2 port "$port"
	in_b ip link add "$dev" type plait local 192.0.2.2 remote 192.0.2.1 port "$port"
	in_a plaitctl key new "$dev" session "$n" epoch 0 cipher "$cipher" \
		local-index "0x1$n" remote-index "0x2$n" \
		tx-key "$work/key-there" rx-key "$work/key-back"
	in_b plaitctl key new "$dev" session "$n" epoch 0 cipher "$cipher" \
		local-index "0x2$n" remote-index "0x1$n" \
		tx-key "$work/key-back" rx-key "$work/key-there"
}

user_tunnel() { # DEVICE PORT NUMBER CIPHER
	modprobe tun
	new_keys
	user_end a "$@" 192.0.2.1 192.0.2.2 "0x1$3" "0x2$3" there back
	user_end b "$@" 192.0.2.2 192.0.2.1 "0x2$3" "0x1$3" back there
}

user_end() { # NS DEVICE PORT NUMBER CIPHER LOCAL REMOTE LOCAL_INDEX REMOTE_INDEX TX RX
	ip netns exec "$1" plait-userdp --tun "$2" --port "$3" --cipher "$5" --local "$6" --remote "$7" \
		--local-index "$8" --remote-index "$9" --tx-key "$work/key-${10}" --rx-key "$work/key-${11}" &
	until ip -n "$1" link show "$2" >/dev/null 2>&1; do
		kill -0 $! || { echo "plait-userdp did not start"; exit 1; }
		sleep 0.1
	done
	ip -n "$1" link set "$2" txqueuelen 1000       # as a NIC; a TUN has 500
}

# A kernel that has just booted still works in the background for a second or two:
# a loop of 10^8 instructions takes 2·10^8 ns then. Wait until it takes 10^8.
settle() {
	local i span=0
	for ((i = 0; i < 20; i++)); do
		span=$(gauge clock)
		span=${span#*total=} span=${span%% *}
		if ((span < 100500000)); then
			echo "raw clock $span"
			return
		fi
		sleep 1
	done
	echo "FAILED: 10^8 instructions take $span ns: this clock counts no instructions"
	exit 1
}

tcp_run() { # ROW KIND RUN [gauge's words]
	local row=$1 kind=$2 run=$3 result
	shift 3
	result=$(gauge tcp a b "${inner[$kind]}.2" $((tcp_bytes[$kind] / 4)) "${tcp_bytes[$kind]}" "$@")
	echo "raw tcp $row $run $result"
}

uso() {
	in_a ethtool -K eth0 tx-udp-segmentation "$1" >/dev/null
	in_b ethtool -K eth0 tx-udp-segmentation "$1" >/dev/null
}

profile_run() { # KIND: three periods, so that none falls in step with the work
	local kind=$1 period
	for period in 49999 61843 73471; do
		tcp_run "profile-$kind" "$kind" $period "$work/profile" $period
		sed "s/^/profile $kind /" "$work/profile"
	done
}

build
settle

if wants flood; then flood; fi

if wants tcp || wants userdp; then
	for ((run = 1; run <= runs; run++)); do
		say "TCP, one stream: run $run of $runs (usually 15 s)"
		for kind in "${tcp_kinds[@]}"; do tcp_run "$kind" "$kind" $run; done
	done
	echo "raw counters $(in_a ethtool -S plait0 | awk 'NF == 2 && $2 > 0 { printf "a.%s%s ", $1, $2 }')" \
		"$(in_b ethtool -S plait0 | awk 'NF == 2 && $2 > 0 { printf "b.%s%s ", $1, $2 }')"
fi

if wants single; then compare single 64 8192 "$runs"; fi
if wants burst; then compare burst 64 8192 "$runs"; fi
if wants extra; then compare burst1300 1314 4096 3; fi

if wants extra; then
	uso off
	for ((run = 1; run <= 3; run++)); do
		say "TCP, underlay without UDP segmentation offload: run $run of 3 (usually 8 s)"
		for kind in wireguard plait; do tcp_run "$kind-no-uso" "$kind" $run; done
	done
	uso on
fi

# Not by default: while tuning the way of small packets.
if wants profile-burst; then
	for kind in wireguard plait; do
		say "pktgen, 64 B in bursts of 64: profile of $kind (usually 20 s)"
		offer[burst-$kind]=$SLOW_NS
		for period in 49999 61843 73471; do
			try burst "$kind" 64 8192 "$work/profile" $period
			sed "s/^/profile burst-$kind /" "$work/profile"
		done
		coalesce 0
	done
fi

if wants profile; then
	for kind in wireguard plait; do
		say "TCP, profile of $kind (usually 20 s)"
		profile_run "$kind"
	done
fi
