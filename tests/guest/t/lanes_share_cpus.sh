#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two CPUs, two lanes, a flow on each: both CPUs seal and open, and each flow's order is
# kept, though all that is received comes in on whatever CPU the underlay brings it.
#
# topology_pair. Then a forwards two flows from its two CPUs, by one lane and an underlay of
# two queues, which XPS gives to a CPU each: the lane keeps to one of them. Who did the work, the tracepoints say: plait_transmit
# comes from the CPU that sealed, plait_receive from the one that opened.
# boot: --cpus 2
# timeout: 300
# debug: full, takes minutes
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
tracefs=/sys/kernel/tracing
packets=4000 share=40          # percent, of either CPU, at least
[[ -z $PLAIT_FULL ]] || packets=40000

# lane_of FROM PORT: the lane of the flow between those ports.
lane_of() {
	echo >$tracefs/trace
	echo 1 >$tracefs/events/plait/plait_transmit/enable
	ip netns exec a seqflow send 10.7.0.2 "$2" 1 1 40 100 from "$1" >/dev/null
	echo 0 >$tracefs/events/plait/plait_transmit/enable
	sed -n 's/.*plait_transmit:.* lane=\([01]\) .* bytes=124$/\1/p' $tracefs/trace | head -n 1
}
# port_for LANE PORT: a port to send from to PORT, so that the flow is on the lane.
port_for() {
	local from
	for ((from = 6000; from < 6100; from++)); do
		[[ $(lane_of $from "$2") != "$1" ]] || { echo $from; return; }
	done
	fail "a hundred flows, and none on lane $1" >&2
}
# flow CPU PORT_FROM PORT SIZE RATE [gso N]: from namespace $from, in the background.
flow() {
	ip netns exec b seqflow receive "$3" 1 $packets lossy >"$work/received-$3" &
	receivers+=($!)
	wait_listening b udp "$3"
	ip netns exec "$from" taskset "$1" seqflow send 10.7.0.2 "$3" 1 $packets "${@:4}" from "$2" &
	senders+=($!)
}

# shares EVENT FIELD: "datagrams by CPU 0, by CPU 1" of an event in the trace.
shares() {
	sed -n "s/.*\[00\([01]\)\].* $1: .*$2=\([0-9]*\).*/\1 \2/p" "$work/trace" |
		awk '{ n[$1] += $2 } END { print n[0] + 0, n[1] + 0 }'
}

# two_flows PORT_FROM PORT_FROM SIZE RATE [gso N]: at once, from a CPU each; the order of each is kept.
two_flows() {
	receivers=() senders=()
	flow 1 "$1" 5003 "${@:3}"
	flow 2 "$2" 5004 "${@:3}"
	wait "${senders[@]}"
	local pid
	for pid in "${receivers[@]}"; do
		wait "$pid" || { cat "$work"/received-*; show_counters; fail "a flow came out of order"; }
	done
	cat "$work"/received-*
}

from=a
expect_equal "CPUs" 2 "$(nproc)"
LANES=2 topology_pair
pings a 10.7.0.2 64
first=$(port_for 0 5003)
second=$(port_for 1 5004)

say "two flows from two CPUs, on two lanes"
echo 8192 >$tracefs/buffer_size_kb
echo >$tracefs/trace
echo 1 >$tracefs/events/plait/plait_transmit/enable
echo 1 >$tracefs/events/plait/plait_receive/enable
two_flows "$first" "$second" 1300 2000 gso 10
echo 0 >$tracefs/events/plait/enable
cat $tracefs/trace >"$work/trace"

read -r sealed0 sealed1 <<<"$(shares plait_transmit datagrams)"
read -r opened0 opened1 <<<"$(shares plait_receive datagrams)"
all=$((sealed0 + sealed1 + opened0 + opened1))
for cpu in 0 1; do
	sealed=sealed$cpu opened=opened$cpu
	part=$(((${!sealed} + ${!opened}) * 100 / all))
	echo "   CPU $cpu sealed ${!sealed} datagrams and opened ${!opened}: $part % of the AEAD's work"
	((part >= share)) || low=$cpu
done
[[ -z ${low:-} ]] || fail "CPU $low did less than $share %"
lanes=$(sed -n 's/.* plait_receive: .*lane=\([01]\).*/\1/p' "$work/trace" | sort -u | wc -l)
expect_equal "lanes that opened" 2 "$lanes"
topology_gone

say "two forwarded flows on two CPUs, on one lane, over an underlay of two queues"
# Forwarded, for veth's GRO keeps apart what comes from different sockets of this machine,
# and lets a super-packet of one overtake a packet of the other.
GRO=on topology_pair
make_ns src
wire src eth0 10.1.0.2/24 fd01::2/64 a lan 10.1.0.1/24 fd01::1/64
in_ns a sysctl -qw net.ipv4.ip_forward=1
ip -n src route add default via 10.1.0.1
ip -n b route add 10.1.0.0/24 via 10.7.0.1
for ns in a b; do
	in_ns $ns ethtool -L eth0 rx 2 tx 2
	for queue in 0 1; do
		echo $((queue + 1)) | in_ns $ns tee /sys/class/net/eth0/queues/tx-$queue/xps_cpus
	done
done
from=src
for size in 40 200 1300; do
	two_flows 6000 6001 $size 1000000
done
say "done"
