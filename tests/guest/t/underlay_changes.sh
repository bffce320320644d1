#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The underlay changes below a running tunnel, and the tunnel follows: marks, rules, routes,
# addresses, interfaces. Devices share a socket for as long as one of them needs it.
#
#   ┌ a ──────────────────────────┐           ┌ b ──────────────────────────┐
#   │ plait0, plait1              │           │ plait0, plait1              │
#   │ red   192.0.2.1             ├───────────┤ red   192.0.2.2             │
#   │       2001:db8:1::1         │           │       2001:db8:1::2         │
#   │ blue  198.51.100.1          ├───────────┤ blue  198.51.100.2          │
#   │       2001:db8:2::1         │           │       2001:db8:2::2         │
#   └─────────────────────────────┘           └─────────────────────────────┘
# Table 7 of either leads to the other's red address by way of blue.
# timeout: 600
# debug: full, takes twelve minutes there, and churn changes the underlay too
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
port=$((PORT + 1))
udp_demand=whole                   # two wires keep no order between them
rate=$((80 / PLAIT_SLOWNESS))

build() {
	local ns end=1 wire
	say "two hosts, two wires, over IPv$OUTER"
	make_ns a b
	for ns in a b; do
		# An interface that is down keeps its addresses, in IPv6 as in IPv4.
		ip netns exec $ns sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1 \
			net.ipv6.conf.default.keep_addr_on_down=1
	done
	wire a red 192.0.2.1/24 2001:db8:1::1/64 b red 192.0.2.2/24 2001:db8:1::2/64
	wire a blue 198.51.100.1/24 2001:db8:2::1/64 b blue 198.51.100.2/24 2001:db8:2::2/64
	red=$(outer 192.0.2 2001:db8:1:) blue=$(outer 198.51.100 2001:db8:2:) dot=$(outer . :)
	tunnel 1 a plait0 "${red}${dot}1" b plait0 "${red}${dot}2"
	inner a plait0 10.7.0.1/24 fd07::1/64
	inner b plait0 10.7.0.2/24 fd07::2/64
	for ns in a b; do
		ip -n $ns "-$OUTER" route add "${red}${dot}$((3 - end))" via "${blue}${dot}$((3 - end))" \
			dev blue table 7
		ip -n $ns "-$OUTER" rule add pref 77 fwmark 7 lookup 7
		((end++))
		{
			echo "table inet seen {"
			echo "chain out { type filter hook output priority 0;"
			for wire in red blue; do
				echo "oifname $wire udp dport $port counter comment \"$wire\""
			done
			echo "}; }"
		} | ip netns exec $ns nft -f -
	done
	wait_carrier a plait0
	wait_carrier b plait0
}

# sent NS WIRE: datagrams of plait's that left by it.
sent() {
	ip netns exec "$1" nft list chain inet seen out |
		sed -n "s/.*counter packets \([0-9]*\) .*comment \"$2\".*/\1/p"
}
# goes_by NS WIRE [ADDRESS]: what NS sends inside leaves by that wire, and is answered.
goes_by() {
	local ns=$1 wire=$2 to=${3:-} other=red before_wire before_other
	[[ $wire == blue ]] || other=blue
	[[ -n $to ]] || { [[ $ns == a ]] && to=10.7.0.2 || to=10.7.0.1; }
	before_wire=$(sent "$ns" "$wire") before_other=$(sent "$ns" $other)
	pings "$ns" "$to" 200
	expect_more "datagrams from $ns by $wire" $((before_wire + 2)) "$(sent "$ns" "$wire")"
	expect_equal "datagrams from $ns by $other" "$before_other" "$(sent "$ns" $other)"
}
answered() { ip netns exec a ping -q -c 1 -W 0.5 "${1:-10.7.0.2}"; }
unanswered() { ! answered "$@"; }
strand() { # NS WORDS...
	in_ns "$1" plaitctl strand set plait0 "${@:2}"
}
sockets() { # NS [FILTER]
	ip netns exec "$1" ss -Hanu "sport = :$port" | grep -c "${2:-}" || true
}
no_route() { counter_of a plait0 tx_noroute; }

marks_and_routes() {
	say "a mark chooses the table, and may change while traffic goes on"
	udp_begin a b 10.7.0.2 2 300 $rate
	udp_begin b a fd07::1 2 900 $rate gso 10
	sleep 0.3
	strand a fwmark 7
	wait_for "datagrams by blue" flows_by a blue
	strand b fwmark 7
	wait_for "datagrams by blue" flows_by b blue
	strand a fwmark 8
	wait_for "datagrams by red" flows_by a red
	strand b fwmark 0
	wait_for "datagrams by red" flows_by b red
	say "so may rules and routes"
	a ip "-$OUTER" rule add pref 50 to "${red}${dot}2" lookup 7
	wait_for "datagrams by blue" flows_by a blue
	a ip "-$OUTER" rule del pref 50
	wait_for "datagrams by red" flows_by a red
	a ip "-$OUTER" route add "${red}${dot}2" via "${blue}${dot}2" dev blue
	wait_for "datagrams by blue" flows_by a blue
	a ip "-$OUTER" route del "${red}${dot}2"
	wait_for "datagrams by red" flows_by a red
	udp_end
	expect_equal "drops" "" "$(drops_of a plait0; drops_of b plait0)"
	strand a fwmark 7
	goes_by a blue
	goes_by b red
	strand a fwmark 0
	goes_by a red fd07::2
}
# flows_by NS WIRE: there was something by that wire, and nothing more by the other.
flows_by() {
	local other=red wire before
	[[ $2 == red ]] && other=blue
	wire=$(sent "$1" "$2") before=$(sent "$1" $other)
	sleep $((PLAIT_SLOWNESS / 4)).2
	(($(sent "$1" "$2") > wire && $(sent "$1" $other) == before))
}

no_route_at_all() {
	say "no route, counted; and it is there again"
	a ip "-$OUTER" route add unreachable "${red}${dot}2"
	before=$(no_route)
	expect_refusal answered
	expect_more "tx_noroute" "$before" "$(no_route)"
	a ip "-$OUTER" route del unreachable "${red}${dot}2"
	goes_by a red

	say "the source address, where none was given, is the route's"
	a ip addr add "${red}${dot}11/$(outer 24 64)" dev red
	strand a local "$(outer 0.0.0.0 ::)"
	goes_by a red
	expect_equal "sockets without an address" 1 "$(sockets a "$(outer "0.0.0.0:$port" "\[::\]:$port")")"
	for last in 11 1; do
		a ip "-$OUTER" route replace "${red}${dot}2" dev red src "${red}${dot}$last"
		ip netns exec a tcpdump -i red -n -c 1 "src ${red}${dot}$last and udp dst port $port" \
			>/dev/null 2>"$work/tcpdump" &
		watcher=$!
		wait_for "tcpdump" grep -q "listening on" "$work/tcpdump"
		answered >/dev/null || true
		ended() { ! kill -0 "$watcher"; }
		wait_for "a datagram from ${red}${dot}$last" ended
	done
	a ip "-$OUTER" route del "${red}${dot}2"
	strand a local "${red}${dot}1"
	a ip addr del "${red}${dot}11/$(outer 24 64)" dev red
}

addresses_and_interfaces() {
	say "the local address goes, and comes again"
	goes_by a red
	a ip addr del "${red}${dot}1/$(outer 24 64)" dev red
	wait_for "the tunnel to fall silent" unanswered
	a ip addr add "${red}${dot}1/$(outer 24 64)" dev red
	wait_for "the tunnel to speak" answered
	goes_by a red
	goes_by b red

	for ns in a b; do
		say "the interface in $ns goes down, and up again"
		in_ns $ns ip link set red down
		wait_for "the tunnel to fall silent" unanswered
		in_ns $ns ip link set red up
		wait_for "the tunnel to speak" answered
		goes_by a red
		goes_by a red fd07::2
	done
	file_over_tcp a b fd07::2 1
}

bound_to_an_interface() {
	say "a strand that is bound to an interface"
	strand a link red fwmark 7
	expect_equal "sockets bound to red" 1 "$(sockets a %red)"
	goes_by a red
	strand a link blue
	expect_equal "sockets bound to blue" 1 "$(sockets a %blue)"
	expect_equal "sockets" 1 "$(sockets a)"
	wait_for "nothing to be heard of what comes by red" unanswered
	strand b fwmark 7
	goes_by a blue
	goes_by b blue
	strand a link any fwmark 0
	strand b fwmark 0
	goes_by a red
}

two_devices() {
	say "two devices, one port, one socket"
	PORT=$((PORT - 1)) tunnel 2 a plait1 "${red}${dot}1" b plait1 "${red}${dot}2"
	inner a plait1 10.8.0.1/24 fd08::1/64
	inner b plait1 10.8.0.2/24 fd08::2/64
	for ns in a b; do
		wait_carrier $ns plait1
		expect_equal "sockets in $ns" 1 "$(sockets $ns)"
	done
	goes_by a red
	goes_by a red 10.8.0.2

	say "another address, another socket; another interface too"
	a plaitctl strand set plait1 local "${blue}${dot}1"
	b plaitctl strand set plait1 remote "${blue}${dot}1"
	expect_equal "sockets in a" 2 "$(sockets a)"
	expect_equal "sockets in b" 1 "$(sockets b)"
	goes_by a red
	pings a 10.8.0.2 1000
	a plaitctl strand set plait1 local "${red}${dot}1"
	b plaitctl strand set plait1 remote "${red}${dot}1"
	expect_equal "sockets in a" 1 "$(sockets a)"
	refused "UDP port is in use" a plaitctl strand set plait1 link blue
	goes_by a red 10.8.0.2
	a plaitctl strand del plait1
	strand a link red
	a plaitctl strand add plait1 local "${red}${dot}1" remote "${red}${dot}2" port $port link blue fwmark 7
	b plaitctl strand set plait1 fwmark 7
	expect_equal "sockets in a bound to red" 1 "$(sockets a %red)"
	expect_equal "sockets in a bound to blue" 1 "$(sockets a %blue)"
	goes_by a red
	goes_by a blue 10.8.0.2
	goes_by b red
	goes_by b blue 10.8.0.1
	a plaitctl strand set plait1 link red fwmark 0
	b plaitctl strand set plait1 fwmark 0
	expect_equal "sockets in a" 1 "$(sockets a)"

	say "the socket stays until its last device goes"
	udp_begin a b 10.8.0.2 2 300 $rate
	a ip link del plait0
	b ip link del plait0
	expect_equal "sockets in a" 1 "$(sockets a)"
	expect_equal "sockets in b" 1 "$(sockets b)"
	sleep 0.3
	udp_end
	pings b fd08::1 1000
	a plaitctl device del plait1
	expect_equal "sockets in a" 0 "$(sockets a)"
	expect_equal "sockets in b" 1 "$(sockets b)"
	b ip link del plait1
	expect_equal "sockets in b" 0 "$(sockets b)"
}

for OUTER in 4 6; do
	build
	marks_and_routes
	no_route_at_all
	addresses_and_interfaces
	bound_to_an_interface
	two_devices
	topology_gone
done
say "done"
