#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The filter on b's underlay drops what does not belong, by the right name, and nothing else:
# under traffic, across a change of keys, its own going and coming, a killed tool, a reload of
# the module.
#
#   ┌ a ────────────────┐           ┌ b ───────────────────────┐
#   │ plait0   ═════════╪═══════════╪═ plait0                  │
#   │ plait-forge ──────┼── veth ───┼─ eth0 [XDP] ─ port 7777  │
#   └───────────────────┘           └──────────────────────────┘
# timeout: 400
# debug: full, xdp_churn has the same calls
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
# shellcheck source=tests/guest/filter.sh
source /plait/tests/guest/filter.sh

# entries NS MAP: of a map that all filters share.
entries() {
	xdp_json "$1" status | grep -A 1 "\"$2\": {" | sed -n 's/.*"entries": \([0-9]*\).*/\1/p'
}

refusals() {
	say "what cannot be is refused, with a remedy"
	refused "no interface eth9" xdp b attach eth9
	refused "give native or generic" xdp b attach eth0 mode fast
	refused "nsenter" in_ns b plaitctl xdp attach eth0
	refused "has no filter" xdp b stats eth0
	refused "has no filter" xdp b detach eth0
	xdp b attach eth0
	refused "has the filter already" xdp b attach eth0
	refused "in use" modprobe -r plait
	say "what one filter tells, and how full the maps are: a and b have one of each"
	refused "no interface eth9" xdp b status eth9
	refused "eth0 has no filter" xdp a status eth0
	xdp b status eth0
	expect_equal "complete" true "$(xdp_json b status eth0 | sed -n 's/.*"complete": \(.*\),/\1/p')"
	for map in sockets sessions lanes windows; do
		expect_equal "entries of $map" 2 "$(entries b $map)"
	done
	expect_equal "stats of every interface" "$(xdp_json b stats eth0)" "$(xdp_json b stats)"
	xdp b detach eth0
	ip -n b link add dummy0 type dummy
	ip -n b link set dummy0 up
	refused "mode generic" xdp b attach dummy0 mode native
	xdp b attach dummy0 2>"$work/note"
	grep -q "generic mode, which drops copies alone" "$work/note" || fail "a fallback without a word"
	xdp b status
	expect_equal "mode" generic "$(xdp_json b status | sed -n 's/.*"mode": "\(.*\)",/\1/p')"
	xdp b detach
	expect_equal "what is left" "" "$(ls /sys/fs/bpf/plait)"
}

# Of all counters of b's filter.
judged() { xdp_json b stats eth0 | awk '/": [0-9]+,?$/ { n += $2 } END { print n + 0 }'; }

port_moves() {
	local before
	say "b's port is another: the filter judges what is to that, and to the old one no more"
	b plaitctl strand set plait0 port $((PORT + 9))
	before=$(judged)
	# Nobody is to tell the sender that the port is closed.
	b nft 'add table ip t; add chain ip t out { type filter hook output priority 0; }'
	b nft 'add rule ip t out icmp type destination-unreachable drop'
	forge mutate 200 old
	b nft flush ruleset
	expect_equal "judged of what is to the old port" "$before" "$(judged)"
	PORT=$((PORT + 8)) forge mutate 200 new
	expect_more "judged of what is to the new port" $((before + 100)) "$(judged)"
	a plaitctl strand set plait0 remote-port $((PORT + 9))
	pings a 10.7.0.2 64
	b plaitctl strand set plait0 port $((PORT + 1))
	a plaitctl strand set plait0 remote-port $((PORT + 1))
	pings a 10.7.0.2 64
}

changes_under_load() {
	local before i
	say "keys, the filter and its tool change while packets flow: none is lost"
	udp_demand=whole
	udp_begin a b 10.7.0.2 2 300 $((200 / PLAIT_SLOWNESS))
	for i in 1 2 3; do
		for name in x y; do
			(umask 077; head -c 48 /dev/urandom | base64 -w 0 >"$work/$name$i")
		done
		key b plait0 1 $i 0x12 0x11 "y$i" "x$i" inactive
		key a plait0 1 $i 0x11 0x12 "x$i" "y$i"
		b plaitctl key set plait0 session 1 epoch $i active
		sleep 0.2
		xdp b detach eth0
		xdp b attach eth0
		sleep 0.2
		# A tool that dies anywhere on its way.
		xdp b detach eth0
		nsenter --net=/run/netns/b plaitctl xdp attach eth0 2>/dev/null &
		sleep 0.$((RANDOM % 5))
		kill -KILL $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		xdp b detach eth0 2>/dev/null || true
		xdp b attach eth0
	done
	udp_end
	expect_equal "drops of the filter" "" "$(xdp_drops b eth0)"
	file_over_tcp a b fd07::2 1
}

moves() {
	say "an interface that leaves its namespace filters no more"
	ip netns add elsewhere
	namespaces+=(elsewhere)
	xdp a attach eth0
	a ip link set eth0 netns elsewhere
	nsenter --net=/run/netns/a plaitctl xdp status
	expect_equal "moved" true "$(xdp_json a status | sed -n 's/.*"moved": \(.*true\).*/\1/p' | head -n 1)"
	xdp a detach
	ip -n elsewhere link set eth0 netns a
	ip -n a addr add 192.0.2.1/24 dev eth0
	ip -n a addr add 2001:db8:1::1/64 dev eth0 nodad
	ip -n a link set eth0 up
	pings a 10.7.0.2 64
}

topology_pair
pings a 10.7.0.2 64
refusals
say "the filter on b, native"
xdp b attach eth0 mode native
xdp b status
traffic_passes
strangers_are_dropped
replays_are_counted
port_moves
changes_under_load
moves
xdp b detach
topology_gone

say "the same over IPv6, generic mode"
OUTER=6
topology_pair
pings a 10.7.0.2 64
xdp b attach eth0 mode generic
traffic_passes
say "strangers are the module's to drop: a frame may be an aggregate here"
forge mutate "$strangers" generic
sleep $((PLAIT_SLOWNESS / 2)).5
expect_equal "drops of the filter but short ones" "" "$(xdp_drops b eth0 | grep -v '^short ')"
expect_more "wrong tags that the module has seen" 10 "$(counter_of b plait0 rx_tag)"
pings a 10.7.0.2 64
say "the module goes and comes; the filter with it"
ip -n a link del plait0
ip -n b link del plait0
nsenter --net=/run/netns/b plaitctl xdp reload
tunnel 2 a plait0 2001:db8:1::1 b plait0 2001:db8:1::2
inner a plait0 10.7.0.1/24 fd07::1/64
inner b plait0 10.7.0.2/24 fd07::2/64
wait_carrier a plait0
wait_carrier b plait0
pings a 10.7.0.2 64
expect_more "valid datagrams" 2 "$(xdp_count b eth0 pass_valid)"
xdp b detach
