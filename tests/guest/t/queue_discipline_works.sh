#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A queue discipline on plait0 that shapes holds the queue itself, and sees the flows
# inside (docs/adr/0004-queues-and-bql.md).
#
#   ┌ a ───────────────────────────────────────┐           ┌ b ─────┐
#   │ bulk TCP ─┐                              │           │        │
#   │           ├─► fq_codel, 4 Mbit/s ► plait0│ ════════► │ plait0 │
#   │ ping ─────┘   queue, marks   no queue    │           │        │
#   └──────────────────────────────────────────┘           └────────┘
# topology_pair. Bulk TCP is marked or dropped there, never in plait's own queue, and a
# sparse flow loses nothing beside it. With four lanes each has a discipline of its own,
# below mq. Whatever comes, goes or changes under traffic, no packet is spoilt.
# timeout: 500
# debug: full, it is about queues above the device
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
rate=4mbit          # far below what the tunnel carries, on any kernel here
[[ $PLAIT_SLOWNESS == 1 ]] || rate=1mbit

qdisc() { # VERB WORDS...: in a, on plait0
	a tc qdisc "$1" dev plait0 "${@:2}"
}
# of KIND [PARENT] NAME: a number that the discipline (the first of that kind) tells.
of() {
	ip netns exec a tc -s -j qdisc show dev plait0 | sed 's/},{/}\n{/g' |
		sed -n "/\"kind\":\"$1\".*\"parent\":\"${2:-}/s/.*\"$3\":\([0-9]*\).*/\1/p" | head -n 1
}
root_of() {
	ip netns exec a tc -s -j qdisc show dev plait0 | sed 's/},{/}\n{/g' |
		sed -n "/\"kind\":\"$1\".*\"root\":true/s/.*\"$2\":\([0-9]*\).*/\1/p" | head -n 1
}
bulk() { # STREAMS: TCP from a to b until the test kills it
	background b iperf3 -s -p 5201
	wait_listening b tcp 5201
	background a iperf3 -c 10.7.0.2 -p 5201 -t 1000 -P "$1"
}
bulk_ends() {
	kill "${background_pids[@]}"
	background_pids=()
	wait_for "iperf3 to end" no_bulk
}
no_bulk() { ! pgrep iperf3; }

plait_drops() { drops_of a plait0; drops_of b plait0; }

# holds_the_queue WHAT NUMBER_OF: while bulk TCP runs. NUMBER_OF NAME: what it tells.
holds_the_queue() {
	local what=$1 number=$2
	grown() { (($($number "$1") > $2)); }
	wait_for "a backlog in $what" grown backlog 0
	wait_for "marks or drops in $what" marked "$number"
	local before after
	before=$($number packets)
	expect_equal "packets of a sparse flow that were answered" 20 "$(sparse 20)"
	after=$($number packets)
	expect_more "packets that $what passed meanwhile" $((before + 20)) "$after"
	wait_for "a backlog in $what still" grown backlog 0
	echo "   $what: backlog $($number backlog), drops $($number drops), marks $($number ecn_mark)"
	expect_equal "what plait dropped" "" "$(plait_drops)"
}
marked() { (($($1 drops) + $($1 ecn_mark) > 0)); }
sparse() { # COUNT: how many of those pings are answered
	ip netns exec a ping -q -c "$1" -i 0.05 -W $((10 * PLAIT_SLOWNESS)) 10.7.0.2 |
		sed -n 's/.* \([0-9]*\) \(packets \)\?received.*/\1/p'
}

topology_pair
for ns in a b; do ip netns exec $ns sysctl -qw net.ipv4.tcp_ecn=1; done
expect_equal "the default discipline" noqueue "$(ip -n a -j link show plait0 | sed 's/.*"qdisc":"\([a-z]*\)".*/\1/')"

say "fq_codel below a shaper"
qdisc replace root handle 1: tbf rate $rate burst 5k limit 10m
qdisc replace parent 1:1 handle 10: fq_codel
leaf() { of fq_codel "1:" "$1"; }
bulk 4
holds_the_queue "fq_codel" leaf
expect_more "flows that it told apart" 1 "$(leaf new_flow_count)"

say "cake in its place, under the same traffic"
if in_ns a tc qdisc replace dev plait0 root handle 2: cake bandwidth $rate; then
	whole() {
		if [[ $1 == ecn_mark ]]; then of_tins "$1"; else root_of cake "$1"; fi
	}
	of_tins() {
		ip netns exec a tc -s -j qdisc show dev plait0 | sed 's/,/\n/g' |
			sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" | awk '{ n += $1 } END { print n + 0 }'
	}
	holds_the_queue "cake" whole
else
	[[ -z "$(modprobe -n -v sch_cake 2>/dev/null)" ]] || fail "cake is there, and will not have plait0"
fi

say "disciplines come and go under traffic"
bulk_ends
plait_before=$(plait_drops)
file_over_tcp a b 10.7.0.2 3 &
file=$!
rounds=0
while kill -0 $file 2>/dev/null; do
	qdisc replace root handle 1: tbf rate 50mbit burst 20k limit 1m
	qdisc replace parent 1:1 fq_codel
	qdisc replace parent 1:1 pfifo limit 50
	qdisc replace root fq_codel limit 100
	qdisc change root fq_codel limit 200 target 1ms
	qdisc replace root handle 3: prio
	qdisc del root
	rounds=$((rounds + 1))
done 2>/dev/null
wait $file || fail "the file"
echo "   $rounds rounds of seven changes"
expect_more "rounds" 1 $rounds
expect_equal "what plait dropped" "$plait_before" "$(plait_drops)"
pings a 10.7.0.2 1000
topology_gone

say "a discipline for each lane"
LANES=4 topology_pair
qdisc replace root handle 1: mq
lane_of() { of tbf "1:$lane\"" "$1"; }
for lane in 1 2 3 4; do
	qdisc replace parent 1:$lane tbf rate $rate burst 5k limit 1m
done
expect_equal "disciplines below mq" 4 "$(ip netns exec a tc qdisc show dev plait0 | grep -c "tbf.* parent 1:")"
bulk 16
for lane in 1 2 3 4; do
	grown() { (($(lane_of "$1") > $2)); }
	wait_for "a backlog of lane $lane" grown backlog 0
	echo "   lane $lane: $(lane_of packets) packets, backlog $(lane_of backlog)"
done
expect_equal "what plait dropped" "" "$(plait_drops)"
bulk_ends

say "tc chooses the lane"
qdisc replace root handle 2: mq
for lane in 1 2 3 4; do
	qdisc replace parent 2:$lane fq_codel
done
lane_of() { of fq_codel "2:$lane\"" packets; }
qdisc add clsact
for choice in 2 0; do
	ip netns exec a tc filter del dev plait0 egress
	a tc filter add dev plait0 egress matchall action skbedit queue_mapping $choice
	counts=()
	for lane in 1 2 3 4; do counts+=("$(lane_of)"); done
	file_over_tcp a b 10.7.0.2 1
	pings a fd07::2 500
	for lane in 1 2 3 4; do
		if ((lane == choice + 1)); then
			expect_more "packets on lane $lane" $((counts[lane - 1] + 100)) "$(lane_of)"
		else
			expect_equal "packets on lane $lane" "${counts[lane - 1]}" "$(lane_of)"
		fi
	done
done
qdisc del clsact
qdisc del root
pings a 10.7.0.2 1000
expect_equal "what plait dropped" "" "$(plait_drops)"
say "done"
