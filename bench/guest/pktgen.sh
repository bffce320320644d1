# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # runs, target and device are guest.sh's and topology.sh's
# pktgen in a, as if its packets had come in by lan (xmit_mode netif_receive), forwarded
# through a tunnel to b, which counts at sink0. Sourced by guest.sh. All modes look for the
# highest rate without loss of each tunnel, then repeat it; the cost of a packet is the busy
# time by the packets.
#
# single: pktgen without a pause. Its share of the CPU is its rate, so it gets the
#   lowest nice value at which nothing is lost. A queue may form in front of
#   WireGuard's workers, which makes a packet cheaper; gentler would be unfair.
# burst: pktgen has 64 devices, all due at the same time: 64 packets one behind the
#   other, at a fixed interval, whatever else runs. Whoever encrypts finds 64 at once, as
#   behind a NIC's poll: WireGuard's workers are threads, and a's plait has its NAPI in one;
#   else it would run after each packet, since pktgen ends a softirq with each. Each
#   device has a flow of its own: plait puts packets of one flow into one datagram.
# burst1300: the same with packets of 1300 octets.
# bundle: as burst, but all 64 are of one flow.
# hub: as burst, but b forwards them through a second tunnel to c.

BURST=64
SLOW_NS=6400000         # 10 000 packets/s: everything is done long before the next burst
LOAD_PERCENT=97         # of what the cost found would allow: bursts arrive a little early or late
NICE_MAX=19

declare -A offer        # [mode-kind]: nice value or burst interval in ns

# in_thread KIND 0|1: whether a's tunnel of that kind sends by a NAPI in a thread, if it is
# plait's. (Those with several lanes do in any case.)
in_thread() {
	[[ $1 =~ ^plait(-gcm)?$ ]] || return 0
	in_a bash -c "echo $2 >/sys/class/net/${device[$1]}/threaded"
}

# pktgen_setup DEVICES DELAY_NS ADDRESS SIZE COUNT FLOWS: SIZE with the Ethernet header.
pktgen_setup() {
	local mac
	mac=$(in_a cat /sys/class/net/lan/address)
	# shellcheck disable=SC2016 # for the inner shell
	in_a bash -c '
		set -e
		thread=/proc/net/pktgen/kpktgend_0
		echo rem_device_all >$thread
		for ((i = 0; i < $1; i++)); do
			port=$((9000 + i % $6))
			echo "add_device lan@$i" >$thread
			device=/proc/net/pktgen/lan@$i
			echo "flag !SHARED" >$device     # an skb of its own a packet
			for word in "xmit_mode netif_receive" "delay $2" "dst $3" "pkt_size $4" \
				"count $5" "dst_mac $7" "src_min 10.1.0.2" "src_max 10.1.0.2" \
				"udp_src_min $port" "udp_src_max $port" "udp_dst_min 9001" "udp_dst_max 9001"; do
				echo "$word" >$device
			done
		done' - "$1" "$2" "$3" "$4" $(($5 / $1)) "$6" "$mac"
}

sunk() { in_ns "$1" cat /sys/class/net/sink0/statistics/tx_packets; }

# what_it_did KIND: of plait, the trips through the stack and the bundles so far.
what_it_did() {
	[[ $1 == plait* ]] || { echo 0 0; return; }
	in_a ethtool -S "${device[$1]}" |
		awk '$1 == "tx_batches:" { t = $2 } $1 == "tx_bundles:" { b = $2 } END { print t + 0, b + 0 }'
}

# try MODE KIND SIZE COUNT [gauge's words]: offers offer[MODE-KIND]; sets cost (a
# packet), lost, result.
try() {
	local mode=$1 kind=$2 size=$3 count=$4 at=${offer[$1-$2]} how flows=$BURST
	local to=${target[$2]} end=b before trips bundles trips_after bundles_after total idle
	shift 4
	[[ $mode != hub ]] || to=${to%.2}.3 end=c
	if [[ $mode == single ]]; then
		how=$at
		pktgen_setup 1 0 "$to" "$size" "$count" 1
	else
		how=fifo
		[[ $mode != bundle ]] || flows=1
		in_thread "$kind" 1
		pktgen_setup $BURST "$at" "$to" "$size" "$count" $flows
	fi
	before=$(sunk $end)
	read -r trips bundles < <(what_it_did "$kind")
	result=$(gauge pktgen a "$how" "$@")
	lost=$((before + count - $(sunk $end)))
	read -r trips_after bundles_after < <(what_it_did "$kind")
	total=${result#*total=} total=${total% *} idle=${result#*idle=}
	cost=$(((total - idle) / count))
	result="packets=$count lost=$lost offer=$at trips=$((trips_after - trips)) bundles=$((bundles_after - bundles)) $result"
}

# search MODE KIND SIZE COUNT: sets offer[MODE-KIND] to the highest rate without loss.
search() {
	local mode=$1 kind=$2 size=$3 count=$4 key=$1-$2 next best
	if [[ $mode != single ]]; then
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
	if [[ $1 != single ]]; then
		offer[$key]=$((offer[$key] * 103 / 100))
	else
		offer[$key]=$((offer[$key] + 1))
	fi
}

# compare MODE SIZE COUNT KIND...: the kinds, in turns.
compare() {
	local mode=$1 size=$2 count=$3 run kind
	shift 3
	say "pktgen, $mode: looking for each one's highest rate without loss"
	for kind; do search "$mode" "$kind" "$size" "$count"; done
	for ((run = 1; run <= runs; run++)); do
		say "pktgen, $mode: run $run of $runs"
		for kind; do
			try "$mode" "$kind" "$size" "$count"
			while ((lost)); do
				echo "raw lossy pktgen-$mode $kind $run $result"
				gentler "$mode" "$kind"
				try "$mode" "$kind" "$size" "$count"
			done
			echo "raw packets pktgen-$mode $kind $run $result"
		done
	done
	pktgen_ends
}

# pktgen_profile KIND: of bursts, at a rate at which one is done before the next is due.
pktgen_profile() {
	local period
	say "pktgen, 64 B in bursts of 64: profile of $1"
	offer[burst-$1]=$SLOW_NS
	for period in 49999 61843 73471; do
		try burst "$1" 64 8192 --profile "$work/profile" --period $period
		sed "s/^/profile pktgen-burst-$1 /" "$work/profile"
	done
	pktgen_ends
}

# What is left of pktgen's devices makes the namespace's end take seconds each.
pktgen_ends() {
	local kind
	for kind in plait plait-gcm; do in_thread "$kind" 0; done
	in_a bash -c 'echo rem_device_all >/proc/net/pktgen/kpktgend_0'
}
