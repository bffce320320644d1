#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets of every size cross, and the MTU is where the device says it is.
#
# Echo requests of 64 to 65 000 bytes, IPv4 and IPv6 inside, over IPv4 and IPv6
# outside. A packet of exactly the MTU crosses in one datagram that the underlay
# need not fragment; one byte more is refused before it leaves the host.
# debug: full, matrix pings too
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

fragments() { echo $(($(nstat_of a IpFragCreates) + $(nstat_of a Ip6FragCreates))); }

# mtu_edge ADDRESS HEADERS: HEADERS is what IP and ICMP take of a packet.
mtu_edge() {
	local mtu before
	mtu=$(mtu_of a plait0)
	before=$(fragments)
	pings a "$1" $((mtu - $2 - 1)) -M 'do'
	pings a "$1" $((mtu - $2)) -M 'do'
	expect_refusal a ping -q -c 1 -W 1 -M 'do' -s $((mtu - $2 + 1)) "$1"
	expect_equal "fragments made" "$before" "$(fragments)"
}

for OUTER in 4 6; do
	topology_pair
	mtu_edge 10.7.0.2 28
	mtu_edge fd07::2 48
	for size in 64 65 127 500 1000 1400 1500 3000 9000 20000 65000; do
		pings a 10.7.0.2 $size
		pings b fd07::1 $size
	done
	topology_gone
done

# A small underlay, and one with jumbo frames.
OUTER=4
for UNDERLAY_MTU in 1400 9000; do
	topology_pair
	mtu_edge 10.7.0.2 28
	mtu_edge fd07::2 48
	topology_gone
done
