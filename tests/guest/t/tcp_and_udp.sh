#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# TCP and UDP arrive whole over every kind of underlay.
#
# IPv4 and IPv6 inside and outside; an underlay that segments UDP itself, one for
# which the stack must, and one that gathers datagrams by GRO as NICs do. A file's
# hash is compared, iperf3 runs TCP both ways at once, and UDP goes at a modest rate
# with every packet's place and contents checked.
# timeout: 420
# debug: full, matrix has all of it but USO and GRO
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
mib=2 seconds=$PLAIT_SLOWNESS
[[ -z $PLAIT_FULL ]] || { mib=64; seconds=10; }

# iperf3 reads the file into the pages that it sends by sendfile(2), whether they are under
# way or not: what is sealed must be authentic, whatever it is by then.
pages_that_change() {
	local before
	before=$(drops_of a plait0; drops_of b plait0)
	iperf a b 10.7.0.2 -Z -F "$work/sent" -n "${mib}M"
	expect_equal "drops of pages that change" "$before" "$(drops_of a plait0; drops_of b plait0)"
}

everything_arrives() {
	topology_pair
	local address
	for address in 10.7.0.2 fd07::2; do
		file_over_tcp a b $address $mib
		checked_udp a b $address 4 250 1000 2000
		checked_udp a b $address 1 1000 1200 4000 gso 20
		tcp_both_ways a b $address "$seconds"
	done
	pages_that_change
	[[ -z $PLAIT_FULL ]] || udp_without_loss a b 10.7.0.2 20M "$seconds"
	topology_gone
}

# OUTER USO GRO: each word once; with --full most pairs.
chosen=("4 on off" "6 off off" "4 on on")
[[ -z $PLAIT_FULL ]] || chosen+=("6 on off" "4 off off" "6 on on")
for words in "${chosen[@]}"; do
	read -r OUTER USO GRO <<<"$words"
	everything_arrives
done
