#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An attacker on the path is ahead of every datagram, with its header and another payload;
# sends old ones again, and each back to its sender. No packet of the tunnel's is lost, with
# our filter as without one. A filter that records by header tag loses all of them.
#
#   ┌ a ─────────┐     ┌ m ─────────────────────┐     ┌ b ────────────────┐
#   │ plait0  ═══╪═════╪════════════════════════╪═════╪═══ plait0         │
#   │ eth0       ├─────┤ left  plait-ahead right├─────┤ eth0 [XDP]        │
#   └────────────┘     └────────────────────────┘     └───────────────────┘
# docs/adr/0002-what-xdp-decides.md
# debug: full, xdp_filters and churn have the same calls
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
count=400

# echoes: how many of $count are answered, while the attacker is at work.
echoes() {
	ip netns exec m plait-ahead left right $((PORT + 1)) >"$work/attacker" &
	attacker=$!
	sleep 0.5
	ip netns exec a ping -q -c $count -i 0.003 -W 2 10.7.0.2 >"$work/ping" || true
	kill -TERM $attacker
	wait $attacker || fail "plait-ahead"
	sed -n 's/.* \([0-9]*\) received.*/\1/p' "$work/ping"
}

make_ns a m b
wire a eth0 192.0.2.1/24 2001:db8:1::1/64 m left 198.51.100.1/24 2001:db8:8::1/64
wire b eth0 192.0.2.2/24 2001:db8:1::2/64 m right 198.51.100.2/24 2001:db8:8::2/64
for end in a/eth0 m/left m/right b/eth0; do
	# Frames as they are on a wire: whole checksums, one datagram each.
	ip netns exec "${end%/*}" ethtool -K "${end#*/}" tx off tso off gso off gro off \
		tx-udp-segmentation off >/dev/null 2>&1 || true
done
tunnel 1 a plait0 192.0.2.1 b plait0 192.0.2.2
inner a plait0 10.7.0.1/24 fd07::1/64
inner b plait0 10.7.0.2/24 fd07::2/64
wait_carrier a plait0
wait_carrier b plait0

ip netns exec b plaitctl monitor >"$work/events" 2>&1 &
background_pids+=($!)
disown
say "without a filter"
expect_equal "echoes" $count "$(echoes)"
cat "$work/attacker"
failures=$(strand_number b rx_failures)
expect_more "spoilt datagrams that b's AEAD refused" $((count - 1)) "$failures"
wait_for "event strand-spoilt" grep -q strand-spoilt "$work/events"
expect_more "copies in b" 100 "$(strand_number b rx_copies)"
expect_equal "echoes that went astray in a" "" "$(drops_of a plait0 | grep -v -E 'rx_(auth|duplicate)|port_index')"

say "with the filter"
xdp b attach eth0 mode native
expect_equal "echoes" $count "$(echoes)"
cat "$work/attacker"
xdp b stats eth0
expect_more "spoilt datagrams that b's AEAD refused" $((failures + count - 1)) "$(strand_number b rx_failures)"
xdp b detach eth0

say "with a filter that records by header tag"
b plait-naive eth0 $((PORT + 1)) "$work/key-1-there"
expect_equal "echoes" 0 "$(echoes)"
cat "$work/attacker"
b ip link set eth0 xdp off
