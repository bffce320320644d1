# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # kinds and target are guest.sh's
# pktgen in src, forwarded by a through a tunnel to b, which counts at sink0.
# Sourced by guest.sh. Both ways look for the highest rate without loss of each
# tunnel, then repeat it; the cost of a packet is the busy time by the packets.
#
# single: pktgen without a pause. Its share of the CPU is its rate, so it gets the
#   lowest nice value at which nothing is lost. A queue may form in front of
#   WireGuard's workers, which makes a packet cheaper; gentler would be unfair.
# burst: pktgen has 64 devices, all due at the same time: 64 packets one behind the
#   other, at a fixed interval, whatever else runs. a's lan moderates its interrupts
#   as a NIC does (NAPI with a deferred poll), so that the forwarding softirq finds 64
#   packets at once; else it would run after each packet, as veth has no queue.

BURST=64
SLOW_NS=6400000         # 10 000 packets/s: everything is done long before the next burst
LOAD_PERCENT=97         # of what the cost found would allow: bursts arrive a little early or late
NICE_MAX=19

declare -A offer        # [mode-kind]: nice value or burst interval in ns

# coalesce NS|0: interrupt moderation of a's lan. veth needs GRO for a NAPI, and a
# sender without TSO to use it. The time is below the interval between bursts, so that
# two never meet in veth's ring of 256.
coalesce() {
	local on=on tso=off polls=1000000
	(($1)) || on=off tso=on polls=0
	ip netns exec src ethtool -K eth0 tso $tso >/dev/null
	ip netns exec a ethtool -K lan gro $on >/dev/null
	ip netns exec a bash -c "echo $polls >/sys/class/net/lan/napi_defer_hard_irqs
		echo $1 >/sys/class/net/lan/gro_flush_timeout"
}

# pktgen_setup DEVICES DELAY_NS ADDRESS SIZE COUNT: SIZE with the Ethernet header.
pktgen_setup() {
	local mac
	mac=$(ip netns exec a cat /sys/class/net/lan/address)
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec src bash -c '
		set -e
		thread=/proc/net/pktgen/kpktgend_0
		echo rem_device_all >$thread
		for ((i = 0; i < $1; i++)); do
			echo "add_device eth0@$i" >$thread
			device=/proc/net/pktgen/eth0@$i
			echo "flag !SHARED" >$device     # an skb of its own a packet
			for word in "delay $2" "dst $3" "pkt_size $4" "count $5" "dst_mac $6" \
				"udp_src_min 9000" "udp_src_max 9000" "udp_dst_min 9001" "udp_dst_max 9001"; do
				echo "$word" >$device
			done
		done' - "$1" "$2" "$3" "$4" $(($5 / $1)) "$mac"
}

sunk() { ip netns exec b cat /sys/class/net/sink0/statistics/tx_packets; }
batches() { ip netns exec a ethtool -S plait0 | awk '$1 == "tx_batches:" { print $2 }'; }

# try MODE KIND SIZE COUNT [gauge's words]: offers offer[MODE-KIND]; sets cost (a
# packet), lost, result.
try() {
	local mode=$1 kind=$2 size=$3 count=$4 at=${offer[$1-$2]} how before trips total idle
	shift 4
	if [[ $mode == burst* ]]; then
		how=fifo
		coalesce $((at * 3 / 4))
		pktgen_setup $BURST "$at" "${target[$kind]}" "$size" "$count"
	else
		how=$at
		pktgen_setup 1 0 "${target[$kind]}" "$size" "$count"
	fi
	before=$(sunk) trips=$(batches)
	result=$(gauge pktgen src "$how" "$@")
	lost=$((before + count - $(sunk)))
	trips=$(($(batches) - trips))
	total=${result#*total=} total=${total% *} idle=${result#*idle=}
	cost=$(((total - idle) / count))
	result="offer=$at sent=$count lost=$lost trips=$trips $result"
}

# search MODE KIND SIZE COUNT: sets offer[MODE-KIND] to the highest rate without loss.
search() {
	local mode=$1 kind=$2 size=$3 count=$4 key=$1-$2 next best
	if [[ $mode == burst* ]]; then
		offer[$key]=$SLOW_NS
		try "$@"
		((lost == 0)) || { echo "FAILED: $kind loses $lost of $count at its slowest"; exit 1; }
		# A rate nearer to the limit may make a packet cheaper, which moves the limit.
		for _ in 1 2 3; do
			best=${offer[$key]}
			next=$((BURST * cost * 100 / LOAD_PERCENT))
			((next < best)) || break
			offer[$key]=$next
			try "$@"
			((lost == 0)) || { offer[$key]=$best; break; }
		done
	else
		for ((offer[$key] = 0; offer[$key] <= NICE_MAX; offer[$key]++)); do
			try "$@"
			((lost)) || return 0
		done
		echo "FAILED: $kind loses packets at every rate tried"
		exit 1
	fi
}

# gentler MODE KIND: the offer after one that was lossy after all.
gentler() {
	local key=$1-$2
	if [[ $1 == burst* ]]; then
		offer[$key]=$((offer[$key] * 103 / 100))
	else
		offer[$key]=$((offer[$key] + 1))
	fi
}

# compare MODE SIZE COUNT RUNS: all kinds, in turns.
compare() {
	local mode=$1 size=$2 count=$3 runs=$4 run kind
	say "pktgen, $mode: looking for each one's highest rate without loss (usually 30 s)"
	for kind in "${kinds[@]}"; do search "$mode" "$kind" "$size" "$count"; done
	for ((run = 1; run <= runs; run++)); do
		say "pktgen, $mode: run $run of $runs (usually 8 s)"
		for kind in "${kinds[@]}"; do
			try "$mode" "$kind" "$size" "$count"
			while ((lost)); do
				echo "raw lossy $mode-$kind $run $result"
				gentler "$mode" "$kind"
				try "$mode" "$kind" "$size" "$count"
			done
			echo "raw pktgen $mode-$kind $run $result"
		done
	done
	coalesce 0
	# What is left of them makes the namespace's end take seconds each.
	ip netns exec src bash -c 'echo rem_device_all >/proc/net/pktgen/kpktgend_0'
}
