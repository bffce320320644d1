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

packets() { ip netns exec "$1" cat "/sys/class/net/plait0/statistics/$2_packets"; }

# What shared a datagram is counted as what it was, at both ends.
small_ones_share_datagrams() {
	expect_more "datagrams with several packets" 10 "$(counter_of a plait0 tx_bundles)"
	for pid in "${background_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	sleep 0.5
	expect_equal "packets that b got of a's" "$(packets a tx)" "$(packets b rx)"
}

# knows NS DEV  NS DEV: the first one need not ask for the other's hardware addresses.
knows() {
	local mac address
	mac=$(ip netns exec "$3" cat "/sys/class/net/$4/address")
	for address in $(ip -n "$3" -o addr show dev "$4" | awk '{ sub("/.*", "", $4); print $4 }'); do
		ip -n "$1" neigh replace "$address" lladdr "$mac" dev "$2" nud permanent
	done
}

# On a machine that is too busy to answer, a neighbour is asked for again, and then the
# kernel itself lets packets overtake those that waited for the answer.
chain() {
	local pair
	topology_chain
	for pair in "src eth0 a lan" "a wan b left" "b right c wan" "c lan dst eth0"; do
		# shellcheck disable=SC2086 # four words
		set -- $pair
		knows "$1" "$2" "$3" "$4"
		knows "$3" "$4" "$1" "$2"
	done
}

# Packets move from host to host in the sender's own softirq.
in_softirq() {
	GRO=off chain
	everything_in_order
	topology_gone
}

# Each veth has a queue and a NAPI as a NIC has, so it keeps order whatever CPU a
# packet comes from; and the host's own packets, from process context on all CPUs,
# go beside those it forwards.
beside_own_traffic() {
	GRO=on chain
	background a ping -q -i 0.005 10.7.0.2
	background b ping -q -i 0.005 10.8.0.3
	everything_in_order
	small_ones_share_datagrams
	topology_gone
}

OUTER=4 beside_own_traffic
OUTER=6 in_softirq
if [[ -n $PLAIT_FULL ]]; then
	OUTER=6 beside_own_traffic
	OUTER=4 in_softirq
fi
