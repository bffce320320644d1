# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2034,SC2154 # kinds and work are guest.sh's; it reads what is set here
# The namespaces, underlays and tunnels that guest.sh draws. Sourced by it.

# An underlay: two namespaces and their addresses on it.
link_ab=(a b 192.0.2.1 192.0.2.2)
link_bc=(b c 192.0.3.1 192.0.3.2)

declare -A device=() inner=() target=()  # by kind: its device, and 10.x.0 inside; where pktgen sends to
tunnels=0                       # plait's, so that each has its own session and indices

in_ns() { ip netns exec "$@"; }
in_a() { in_ns a "$@"; }
in_b() { in_ns b "$@"; }

# place KIND DEVICE: gives a kind its device and its addresses.
place() {
	device[$1]=$2
	inner[$1]=10.$((70 + ${#inner[@]})).0
	target[$1]=10.$((20 + ${#target[@]})).0.2
}

load_modules() {
	local module
	# Without these WireGuard and plait would be compared running scalar ciphers; newer
	# kernels have them built in, or under other names.
	for module in chacha-x86_64 poly1305-x86_64 curve25519-x86_64 libchacha20poly1305 \
		libchacha libpoly1305 libcurve25519 aesni-intel gcm ctr ghash-generic; do
		modprobe -q $module || true
	done
	for module in wireguard vxlan pktgen; do modprobe $module; done
}

namespaces() {
	local ns end
	for ns in a b c; do
		ip netns add $ns
		ip -n $ns link set lo up
		in_ns $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1
	done
	ip link add eth0 netns a type veth peer name eth0 netns b
	ip link add eth1 netns b type veth peer name eth0 netns c
	ip -n a link add lan type dummy
	for ns in b c; do ip -n $ns link add sink0 type dummy; done
	ip -n a addr add 10.1.0.1/24 dev lan
	ip -n a addr add "${link_ab[2]}/24" dev eth0
	ip -n b addr add "${link_ab[3]}/24" dev eth0
	ip -n b addr add "${link_bc[2]}/24" dev eth1
	ip -n c addr add "${link_bc[3]}/24" dev eth0
	for end in a/lan a/eth0 b/eth0 b/eth1 c/eth0 b/sink0 c/sink0; do
		ip -n "${end%/*}" link set "${end#*/}" up
	done
}

# A tunnel NAME's make_NAME LINK DEVICE PORT [WORDS...] makes a device at both ends of a link.

make_vxlan() {
	local -n ends=$1
	ip -n "${ends[0]}" link add "$2" type vxlan id 7 local "${ends[2]}" remote "${ends[3]}" dstport "$3"
	ip -n "${ends[1]}" link add "$2" type vxlan id 7 local "${ends[3]}" remote "${ends[2]}" dstport "$3"
}

make_wireguard() {
	local -n ends=$1
	local i peer
	for i in 0 1; do
		wg genkey >"$work/wg-$3-$i"
		wg pubkey <"$work/wg-$3-$i" >"$work/wg-$3-$i.pub"
		in_ns "${ends[i]}" ip link add "$2" type wireguard
	done
	for i in 0 1; do
		peer=$((1 - i))
		in_ns "${ends[i]}" wg set "$2" listen-port "$3" private-key "$work/wg-$3-$i" \
			peer "$(<"$work/wg-$3-$peer.pub")" endpoint "${ends[2 + peer]}:$3" allowed-ips 0.0.0.0/0
	done
}

new_keys() { # NAME
	local end
	for end in there back; do plaitctl genkey >"$work/key-$1-$end"; done
}

make_plait() { # ... CIPHER LANES
	local -n ends=$1
	local dev=$2 port=$3 cipher=$4 lanes=$5 n=$((++tunnels)) words
	new_keys "$2"
	words=(session "$n" epoch 0 cipher "$cipher" peer-lanes "$lanes")
	in_ns "${ends[0]}" ip link add "$dev" type plait local "${ends[2]}" remote "${ends[3]}" \
		port "$port" lanes "$lanes"
	in_ns "${ends[1]}" ip link add "$dev" type plait local "${ends[3]}" remote "${ends[2]}" \
		port "$port" lanes "$lanes"
	in_ns "${ends[0]}" plaitctl key new "$dev" "${words[@]}" local-index "0x1$n" \
		remote-index "0x2$n" tx-key "$work/key-$2-there" rx-key "$work/key-$2-back"
	in_ns "${ends[1]}" plaitctl key new "$dev" "${words[@]}" local-index "0x2$n" \
		remote-index "0x1$n" tx-key "$work/key-$2-back" rx-key "$work/key-$2-there"
}

make_userdp() { # ... CIPHER
	local -n ends=$1
	local n=$((++tunnels))
	modprobe tun
	new_keys "$2"
	user_end "${ends[0]}" "$2" plait-userdp --tun "$2" --port "$3" --cipher "$4" \
		--local "${ends[2]}" --remote "${ends[3]}" --local-index "0x1$n" --remote-index "0x2$n" \
		--tx-key "$work/key-$2-there" --rx-key "$work/key-$2-back"
	user_end "${ends[1]}" "$2" plait-userdp --tun "$2" --port "$3" --cipher "$4" \
		--local "${ends[3]}" --remote "${ends[2]}" --local-index "0x2$n" --remote-index "0x1$n" \
		--tx-key "$work/key-$2-back" --rx-key "$work/key-$2-there"
}

# user_end NS DEVICE PROGRAM...: runs a tunnel's end that is a process, until it has its TUN.
user_end() {
	in_ns "$1" "${@:3}" >"$work/log-$1-$2" 2>&1 &
	until ip -n "$1" link show "$2" >/dev/null 2>&1; do
		kill -0 $! || { cat "$work/log-$1-$2"; echo "FAILED: $3 did not start"; exit 1; }
		sleep 0.1
	done
	ip -n "$1" link set "$2" txqueuelen 1000       # as a NIC; a TUN has 500
}

# raise LINK DEVICE NET: addresses and up, at both ends.
raise() {
	local -n ends=$1
	local i
	for i in 0 1; do
		ip -n "${ends[i]}" addr add "$3.$((i + 1))/24" dev "$2"
		ip -n "${ends[i]}" link set "$2" up
	done
}

# answers NS ADDRESS WHAT: a tunnel is up, and has made its handshake.
answers() {
	local i
	for ((i = 0; i < 20; i++)); do
		in_ns "$1" ping -q -c 2 -i 0.2 -W 1 "$2" >/dev/null && return
	done
	echo "FAILED: no ping over $3"
	exit 1
}

# sink NS ADDRESS: packets to it end there, counted.
sink() {
	ip -n "$1" route add "$2/32" dev sink0
	ip -n "$1" neigh add "$2" lladdr 02:00:00:00:00:01 dev sink0 nud permanent
}

# chain KIND: a second tunnel of that kind from b to c; a's packets for c, and those of pktgen
# to the next address behind target, go by both.
chain() {
	local kind=$1 dev=${device[$1]}c net=${inner[$1]/10./10.1} far=${target[$1]%.2}.3
	"make_${kind%%-*}" link_bc "$dev" "${@:2}"
	raise link_bc "$dev" "$net"
	ip -n a route add "$net.0/24" via "${inner[$kind]}.2"
	ip -n c route add "${inner[$kind]}.0/24" via "$net.1"
	ip -n a route add "$far/32" via "${inner[$kind]}.2"
	ip -n b route add "$far/32" via "$net.2"
	sink c "$far"
	answers a "$net.2" "two tunnels of $kind"
}

build() {
	local kind
	umask 077
	load_modules
	namespaces
	place veth eth0
	inner[veth]=192.0.2
	place vxlan vxlan
	make_vxlan link_ab vxlan 4789
	place wireguard wg
	make_wireguard link_ab wg 51820
	place plait plait0
	make_plait link_ab plait0 51900 chacha20-poly1305 1
	place plait-gcm plait1
	make_plait link_ab plait1 51901 aes-256-gcm 1
	place plait-lanes4 plait2
	make_plait link_ab plait2 51902 chacha20-poly1305 4
	place plait-gcm-lanes4 plait3
	make_plait link_ab plait3 51903 aes-256-gcm 4
	echo "raw driver $(in_a plaitctl --json key show plait1 | sed -n 's/.*"driver": *"\([^"]*\)".*/\1/p')"
	others
	for kind in "${kinds[@]}"; do
		[[ $kind == veth ]] || raise link_ab "${device[$kind]}" "${inner[$kind]}"
		ip -n a route add "${target[$kind]}/32" via "${inner[$kind]}.2"
		sink b "${target[$kind]}"
	done
	for kind in "${kinds[@]}"; do
		answers a "${inner[$kind]}.2" "$kind"
		cipher_in_use "$kind"
		echo "raw mtu $kind $(in_a cat "/sys/class/net/${device[$kind]}/mtu")"
	done
}

# both_ciphers NAME DEVICE PORT CHACHA GCM: a tunnel for each, of kinds NAME and NAME-gcm.
both_ciphers() {
	place "$1" "${2}0"
	"make_$1" link_ab "${2}0" "$3" "$4"
	place "$1-gcm" "${2}1"
	"make_$1" link_ab "${2}1" $(($3 + 1)) "$5"
	kinds+=("$1" "$1-gcm")
}

# others: tunnels that are there only if asked for, or on some kernels.
others() {
	if wants userdp; then
		both_ciphers userdp udp 51910 chacha20-poly1305 aes-256-gcm
		forwarding_kinds+=(userdp)
	fi
	if wants openvpn; then both_ciphers openvpn ov 51920 CHACHA20-POLY1305 AES-256-GCM; fi
	if wants ovpn && modprobe -q ovpn; then
		both_ciphers ovpn ok 51930 chacha20-poly1305 aes-256-gcm
		forwarding_kinds+=(ovpn)
	fi
}
