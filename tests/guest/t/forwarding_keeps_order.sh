#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A flow forwarded through two tunnels arrives in the order it was sent.
#
# src - a = b = c - dst, see topology.sh. Forwarded packets come to the tunnel in
# softirq context, singly and as super-packets, and may overtake neither each other
# nor be overtaken by what the host itself sends meanwhile.
# timeout: 400
# debug: full, lanes_share_cpus forwards too
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
count=$((2000 / (PLAIT_SLOWNESS * PLAIT_SLOWNESS))) mib=$((4 / PLAIT_SLOWNESS))
[[ -z $PLAIT_FULL ]] || { count=100000; mib=4; }

# Both families, single packets and super-packets.
everything_in_order() {
	local address
	for address in 10.2.0.2 fd02::2; do
		pings src $address 1000
		ordered_udp src dst $address 4 $count 300 3000
		ordered_udp src dst $address 2 $count 1000 3000 gso 16
	done
	file_over_tcp src dst 10.2.0.2 $mib
}

# Packets move from host to host in the sender's own softirq.
in_softirq() {
	GRO=off topology_chain
	everything_in_order
	topology_gone
}

# Each veth has a queue and a NAPI as a NIC has, so it keeps order whatever CPU a
# packet comes from; and the host's own packets, from process context on all CPUs,
# go beside those it forwards.
beside_own_traffic() {
	GRO=on topology_chain
	background a ping -q -i 0.005 10.7.0.2
	background b ping -q -i 0.005 10.8.0.3
	everything_in_order
	topology_gone
}

OUTER=4 beside_own_traffic
OUTER=6 in_softirq
if [[ -n $PLAIT_FULL ]]; then
	OUTER=6 beside_own_traffic
	OUTER=4 in_softirq
fi
