# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # runs, kinds, work... are guest.sh's and topology.sh's
# What goes by system calls from a to b: TCP, datagrams, round trips; over the underlay as it
# is, and changed; and the AEADs alone. Sourced by guest.sh.

# Chosen so that a run takes 0.15 to 0.25 · 10^9 instructions.
declare -A tcp_bytes=([veth]=200000000 [vxlan]=140000000 [wireguard]=6000000
	[plait]=12000000 [plait-gcm]=20000000 [plait-lanes4]=12000000 [plait-gcm-lanes4]=20000000
	[userdp]=10000000 [userdp-gcm]=15000000 [openvpn]=3000000 [openvpn-gcm]=4000000
	[ovpn]=6000000 [ovpn-gcm]=10000000)
STREAMS=16
UDP_COUNT=2048
TRIPS=700

# tcp_run TEST KIND RUN [gauge's options]
tcp_run() {
	local result bytes=${tcp_bytes[$2]}
	result=$(gauge tcp a b "${inner[$2]}.2" $((bytes / 4)) "$bytes" "${@:4}")
	echo "raw tcp $1 $2 $3 $result"
}

# Twice as much, and each stream comes as far in its warm-up as its share lets it.
tcp_streams_run() {
	local result bytes=${tcp_bytes[$2]}
	result=$(gauge tcp a b "${inner[$2]}.2" "$bytes" $((2 * bytes)) --streams $STREAMS)
	echo "raw tcp $1 $2 $3 $result"
}

# udp_run TEST KIND RUN [gauge's options]: TEST names the size of the packets.
udp_run() {
	local result size=${1#udp-}
	result=$(gauge udp a b "${inner[$2]}.2" "${size%%-*}" $UDP_COUNT "${@:4}")
	echo "raw packets $1 $2 $3 $result"
}

# rr_run TEST KIND RUN [gauge's options]: TEST names the protocol.
rr_run() {
	local result protocol=${1#rr-}
	result=$(gauge rr a b "${inner[$2]}.2" "${protocol%%-*}" $TRIPS "${@:4}")
	echo "raw rr $1 $2 $3 $result"
}

# alternate RUN_FUNCTION TEST KIND...: each kind in turns, so that what drifts hits all.
alternate() {
	local run kind
	for ((run = 1; run <= runs; run++)); do
		say "$2: run $run of $runs"
		for kind in "${@:3}"; do "$1" "$2" "$kind" $run; done
	done
}

counters() { # KIND
	local dev=${device[$1]}
	echo "raw counters $1 $(in_a ethtool -S "$dev" | awk 'NF == 2 && $2 > 0 { printf "a.%s%s ", $1, $2 }')" \
		"$(in_b ethtool -S "$dev" | awk 'NF == 2 && $2 > 0 { printf "b.%s%s ", $1, $2 }')"
}

# counter NS DEVICE NAME: one of plait's.
counter() { in_ns "$1" ethtool -S "$2" | awk -v name="$3:" '$1 == name { print $2 }'; }

# --- underlays ---------------------------------------------------------------------------

uso() {
	in_a ethtool -K eth0 tx-udp-segmentation "$1" >/dev/null
	in_b ethtool -K eth0 tx-udp-segmentation "$1" >/dev/null
}

# A NIC that aggregates datagrams as a frag_list, one after the other as they came: they are
# sent without segmentation offload, and the receiver's NAPI has GRO. veth hands datagrams
# to a NAPI only if their sender has no TSO, which no tunnel here uses.
frag_list() { # on|off
	local tso=on
	[[ $1 == off ]] || tso=off
	in_a ethtool -K eth0 tso $tso >/dev/null
	in_b ethtool -K eth0 gro "$1" rx-gro-list "$1" >/dev/null
}

underlays() {
	local some=(wireguard plait plait-gcm) before
	uso off
	alternate tcp_run tcp-no-uso "${some[@]}"
	frag_list on
	before=$(counter b plait0 rx_aggregates)
	alternate tcp_run tcp-frag-list "${some[@]}"
	(($(counter b plait0 rx_aggregates) > before)) ||
		{ echo "FAILED: b's eth0 made no aggregates"; exit 1; }
	frag_list off
	uso on
}

# The filter on b's underlay. It changes veth for everybody: no segmentation offload towards
# it, a NAPI with GRO behind it; so WireGuard has rows here too, and passes it untouched.
filtered() {
	local some=(wireguard plait plait-gcm plait-lanes4 plait-gcm-lanes4)
	# As `ip netns exec` hides /sys/fs/bpf.
	nsenter --net=/run/netns/b plaitctl xdp attach eth0 mode native
	alternate tcp_run tcp-filter "${some[@]}"
	alternate tcp_streams_run tcp16-filter "${some[@]}"
	alternate udp_run udp-64-filter "${some[@]}"
	alternate rr_run rr-udp-filter "${some[@]}"
	echo "raw filter $(nsenter --net=/run/netns/b plaitctl xdp stats eth0 | awk '$2 > 0 { printf "%s=%s ", $1, $2 }')"
	nsenter --net=/run/netns/b plaitctl xdp detach eth0
}

# --- forwarding between two tunnels --------------------------------------------------------

hub_run() { # TEST KIND RUN
	local result bytes=$((tcp_bytes[$2] * 2 / 3)) net=${inner[$2]/10./10.1}
	result=$(gauge tcp a c "$net.2" $((bytes / 4)) "$bytes")
	echo "raw tcp $1 $2 $3 $result"
}

hub() {
	chain wireguard 51840
	chain plait 51940 chacha20-poly1305 1
	chain plait-gcm 51941 aes-256-gcm 1
	alternate hub_run tcp-hub wireguard plait plait-gcm
	if forwards hub; then compare hub 64 2048 wireguard plait plait-gcm; fi
}

# --- the AEADs alone -----------------------------------------------------------------------

# floors: of the datagrams that the TCP rows are made of, and of pktgen's packets by size.
floors() {
	local kind cipher run mtu size parameter=/sys/module/plait_aeadfloor/parameters/run
	mtu=$(in_a cat /sys/class/net/plait0/mtu)
	[[ -e $parameter ]] || { say "no plait_aeadfloor.ko for this kernel: the AEADs are not measured alone"; return; }
	for ((run = 1; run <= runs; run++)); do
		for kind in plait plait-gcm; do
			cipher=chacha20-poly1305
			[[ $kind == plait ]] || cipher=aes-256-gcm
			for size in "$mtu" 50 1300; do
				echo "$cipher $size" >$parameter
				[[ $size == "$mtu" ]] && size='' || size=-$size
				echo "raw floor $kind$size $run $(<$parameter)"
			done
		done
	done
}

# --- where the instructions go ---------------------------------------------------------------

# profiled NAME KIND RUN_FUNCTION TEST: three periods, so that none falls in step with the work.
profiled() {
	local period
	say "$1: profile"
	for period in 49999 61843 73471; do
		"$3" "profile-$4" "$2" $period --profile "$work/profile" --period $period
		sed "s/^/profile $1 /" "$work/profile"
	done
}
