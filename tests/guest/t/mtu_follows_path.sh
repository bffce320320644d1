#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The device's MTU follows the path: the interface below, and what a router on the way
# says by ICMP. An MTU that was given stays, and then the senders inside are told.
#
#   ┌ src ──────┐    ┌ a ────────┐       ┌ r ────────────┐        ┌ b ────────┐
#   │ 10.1.0.2  ├────┤ 10.1.0.1  │ 1500  │               │ 1400,  │           │
#   │ fd01::2   │    │ plait0  ══╪═══════╪═══════════════╪════════╪═ plait0   │
#   └───────────┘    └───────────┘       └───────────────┘ or so  └───────────┘
# Outer packets are in no pieces until the strand allows it.
# timeout: 500
# debug: full, takes seven minutes there
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
wide=1500

build() {
	local ns
	say "src - a = r = b, over IPv$OUTER"
	overhead=$((56 + 8 + 8 + $(outer 20 40)))
	make_ns src a r b
	wire src eth0 10.1.0.2/24 fd01::2/64 a lan 10.1.0.1/24 fd01::1/64
	wire a eth0 192.0.2.1/24 2001:db8:1::1/64 r left 192.0.2.2/24 2001:db8:1::2/64
	wire r right 198.51.100.2/24 2001:db8:2::2/64 b eth0 198.51.100.3/24 2001:db8:2::3/64
	for ns in a r; do
		ip netns exec $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	# What is learnt of a path by ICMP, and told by it, without a limit to the rate.
	for ns in src a r b; do
		ip netns exec $ns sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	done
	route src 10.1.0.1 fd01::1
	route a 192.0.2.2 2001:db8:1::2 198.51.100.0/24 2001:db8:2::/64
	route b 198.51.100.2 2001:db8:2::2 192.0.2.0/24 2001:db8:1::/64
	tunnel 1 a plait0 "$(outer 192.0.2.1 2001:db8:1::1)" \
		b plait0 "$(outer 198.51.100.3 2001:db8:2::3)"
	inner a plait0 10.7.0.1/24 fd07::1/64
	inner b plait0 10.7.0.2/24 fd07::2/64
	route b 10.7.0.1 fd07::1 10.1.0.0/24 fd01::/64
	wait_carrier a plait0
	wait_carrier b plait0
	ip netns exec a plaitctl --json monitor plait0 >"$work/events" 2>&1 &
	background_pids+=($!)
	disown
}

# narrow MTU: of the wire between r and b. What was learnt of it before is forgotten.
narrow() {
	r ip link set right mtu "$1"
	b ip link set eth0 mtu "$1"
	forget
}
forget() {
	local ns
	for ns in src a b; do
		ip -n $ns route flush cache
		ip -n $ns -6 route flush cache
	done
}
r() { in_ns r "$@"; }

# headers ADDRESS: what IP and ICMP take of an echo request to it.
headers() { if [[ $1 == *:* ]]; then echo 48; else echo 28; fi; }
# sized NS ADDRESS LENGTH: is an echo request of that length, not to be fragmented, answered?
sized() {
	ip netns exec "$1" ping -q -c 1 -W 0.3 -M 'do' -s $(($3 - $(headers "$2"))) "$2" >"$work/ping" 2>&1
}
# fragments: outer ones, made anywhere; pings and TCP here have none inside.
fragments() {
	local ns sum=0
	for ns in a r b; do
		sum=$((sum + $(nstat_of $ns IpFragCreates) + $(nstat_of $ns Ip6FragCreates)))
	done
	echo $sum
}

# follows NS ADDRESS LENGTH WANTED: the MTU that the device has once there was a packet of
# that length.
follows() {
	sized "$1" "$2" "$3" || true
	[[ $(mtu_of "$1" plait0) == "$4" ]]
}
fixed() { ip netns exec a plaitctl --json device show plait0 | sed -n 's/.*"mtu_fixed": *\([a-z]*\).*/\1/p'; }
# changes [MTU]: how many events told of a change, to that one.
changes() { grep -c "\"event\":\"mtu-changed\".*\"mtu\":${1:-}" "$work/events" || true; }
changed() { [[ $(changes "$1") == "$2" ]]; }

# route_mtu NS ADDRESS: the MTU that the sender has learnt for it.
route_mtu() {
	ip -n "$1" route get "$2" | sed -n 's/.* mtu \([0-9]*\).*/\1/p'
}
# is_told NS ADDRESS LENGTH MTU
is_told() {
	sized "$1" "$2" "$3" || true
	[[ $(route_mtu "$1" "$2") == "$4" ]]
}

for OUTER in 4 6; do
	build
	pings a 10.7.0.2 64
	expect_equal "MTU on an Ethernet" $((wide - overhead)) "$(mtu_of a plait0)"

	say "the interface's MTU"
	for mtu in 1460 2000 $wide; do
		a ip link set eth0 mtu "$mtu"
		r ip link set left mtu "$mtu"
		wait_for "plait0 to follow to $mtu" follows a 10.7.0.2 100 $((mtu - overhead))
		wait_for "the event" changed $((mtu - overhead)) 1
	done

	say "the path's, which a router on it tells"
	seen=$(changes)
	narrow 1400
	told=$((1400 - overhead))
	wait_for "plait0 to follow the path" follows a fd07::2 $((wide - overhead)) $told
	wait_for "the event" changed $told 1
	expect_equal "changes of the MTU" $((seen + 1)) "$(changes)"
	grep -q "path_mtu\": *1400" <(a plaitctl --json strand show plait0) || fail "strand show does not tell the path's MTU"
	wait_for "plait0 to follow its interface in b" follows b 10.7.0.1 100 $told
	sized a 10.7.0.2 $told || fail "a packet of the MTU"
	sized b fd07::1 $told || fail "a packet of the MTU"
	narrow $wide
	wait_for "plait0 to follow a path that is wider again" follows a 10.7.0.2 100 $((wide - overhead))
	wait_for "plait0 to follow in b" follows b 10.7.0.1 100 $((wide - overhead))

	say "an MTU that was given stays, and senders are told"
	given=$((wide - overhead - 8))
	a ip link set plait0 mtu $given
	expect_equal "mtu_fixed" true "$(fixed)"
	narrow 1400
	wait_for "plait0 to follow in b" follows b 10.7.0.1 100 $told
	dropped=$(counter_of a plait0 tx_too_big)
	for ns in a src; do
		for address in 10.7.0.2 fd07::2; do
			forget       # for IPv6, a would tell src what it was told itself
			wait_for "$ns to be told" is_told $ns $address $given $told
			sized $ns $address $told || fail "a packet that fits the path, from $ns to $address"
			expect_more "tx_too_big" "$dropped" "$(counter_of a plait0 tx_too_big)"
			dropped=$(counter_of a plait0 tx_too_big)
		done
	done
	b ip link set plait0 mtu $given        # or its MSS would spare TCP the trouble
	for ns in a src; do
		for address in 10.7.0.2 fd07::2; do
			dropped=$(counter_of a plait0 tx_too_big)
			forget
			file_over_tcp $ns b $address 1
			expect_equal "MTU that TCP has learnt" $told "$(route_mtu $ns $address)"
			expect_more "tx_too_big" "$dropped" "$(counter_of a plait0 tx_too_big)"
		done
	done
	b plaitctl device set plait0 mtu-fixed off
	expect_equal "MTU after all that" $given "$(mtu_of a plait0)"

	say "it may follow again, and be held where it is"
	a plaitctl device set plait0 mtu-fixed off
	expect_equal "mtu_fixed" false "$(fixed)"
	wait_for "plait0 to follow" follows a 10.7.0.2 100 $told
	wait_for "the event" changed $told 2
	a plaitctl device set plait0 mtu-fixed on
	expect_equal "mtu_fixed" true "$(fixed)"
	narrow $wide
	path_is() { pings a 10.7.0.2 64; grep -q "path_mtu\": *$1" <(a plaitctl --json strand show plait0); }
	wait_for "the path to be wide" path_is $wide
	expect_equal "MTU that is held" $told "$(mtu_of a plait0)"
	a plaitctl device set plait0 mtu-fixed off
	wait_for "plait0 to follow" follows a 10.7.0.2 100 $((wide - overhead))

	say "a path too narrow for IPv6 inside"
	narrow 1340
	told=$((1340 - overhead))
	wait_for "plait0 to follow as far as IPv6 can" follows a 10.7.0.2 $given 1280
	wait_for "a to be told" is_told a 10.7.0.2 1280 $told
	wait_for "src to be told" is_told src 10.7.0.2 1280 $told
	file_over_tcp src b 10.7.0.2 1
	dropped=$(counter_of a plait0 tx_too_big)
	if sized a fd07::2 1280; then fail "1280 octets of IPv6 on a path of 1340"; fi
	expect_equal "tx_too_big" $((dropped + 1)) "$(counter_of a plait0 tx_too_big)"
	expect_equal "outer fragments so far" 0 "$(fragments)"

	say "until outer packets may be fragmented"
	a plaitctl strand set plait0 fragment on
	b plaitctl strand set plait0 fragment on
	wait_for "IPv6's least to cross" sized a fd07::2 1280
	wait_for "plait0 to be as on an Ethernet" follows a 10.7.0.2 100 $((wide - overhead))
	expect_more "outer fragments" 0 "$(fragments)"
	a ip link set plait0 mtu 4000
	b ip link set plait0 mtu 4000
	forget
	for address in 10.7.0.2 fd07::2; do
		wait_for "4000 octets to cross" sized a $address 4000
		pings a $address 3900 -M 'do'
		file_over_tcp a b $address 1
	done
	expect_equal "tx_too_big" $((dropped + 1)) "$(counter_of a plait0 tx_too_big)"
	topology_gone
done
say "done"
