# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Traffic for guest tests: each function runs one flow between two namespaces of
# topology.sh, checks what arrived, and fails the test if it is not what was sent.

work=${work:?source topology.sh first}
namespaces+=()

# pings FROM TO_ADDRESS SIZE [ping's options]: three echo requests, all answered.
pings() {
	local from=$1 to=$2 size=$3
	shift 3
	echo "$from# ping -s $size $* $to"
	ip netns exec "$from" ping -q -c 3 -i 0.02 -W 5 -s "$size" "$@" "$to" >"$work/ping" 2>&1 ||
		{ cat "$work/ping"; fail "ping of $size bytes from $from to $to"; }
}

# file_over_tcp FROM TO TO_ADDRESS MIB: random bytes, compared by SHA-256.
file_over_tcp() {
	local from=$1 to=$2 address=$3 mib=$4 family=4 receiver
	[[ $address != *:* ]] || { family=6; address="[$address]"; }
	head -c "$((mib << 20))" /dev/urandom >"$work/sent"
	rm -f "$work/received"
	ip netns exec "$to" socat -u "TCP$family-LISTEN:5002,reuseaddr" "CREATE:$work/received" &
	receiver=$!
	wait_listening "$to" tcp 5002
	in_ns "$from" socat -u "OPEN:$work/sent" "TCP$family:$address:5002" || fail "sending a file over TCP"
	wait "$receiver" || fail "receiving a file over TCP"
	expect_equal "SHA-256 of $mib MiB over TCP" \
		"$(sha256sum <"$work/sent")" "$(sha256sum <"$work/received")"
}

# iperf FROM TO TO_ADDRESS [iperf3's options]: JSON in $work/iperf.
iperf() {
	local from=$1 to=$2 address=$3 server
	shift 3
	ip netns exec "$to" iperf3 -s -1 -p 5201 >"$work/iperf-server" 2>&1 &
	server=$!
	wait_listening "$to" tcp 5201
	in_ns "$from" iperf3 -J -c "$address" -p 5201 "$@" >"$work/iperf" ||
		{ tail -n 20 "$work/iperf"; fail "iperf3 from $from to $address"; }
	wait "$server"
}

# iperf_number NAME: the last value of that name in the result, the sum's.
iperf_number() { sed -n "s/.*\"$1\":[[:space:]]*\([0-9.e+]*\).*/\1/p" "$work/iperf" | tail -n 1; }

# tcp_both_ways A B ADDRESS_OF_B SECONDS: at once.
tcp_both_ways() {
	iperf "$1" "$2" "$3" -t "$4" --bidir
	sed -n 's/.*"bits_per_second":[[:space:]]*\([0-9.e+]*\).*/\1/p' "$work/iperf" | tail -n 4 |
		awk '$1 <= 0 { exit 1 }' || fail "a direction of TCP carried nothing"
}

# udp_without_loss A B ADDRESS_OF_B RATE SECONDS
udp_without_loss() {
	iperf "$1" "$2" "$3" -u -b "$4" -t "$5"
	expect_more "UDP datagrams sent" 0 "$(iperf_number packets)"
	expect_equal "UDP datagrams lost at $4" 0 "$(iperf_number lost_packets)"
}

# checked_udp FROM TO TO_ADDRESS FLOWS COUNT SIZE PER_SECOND [gso N]: no loss, no
# disorder within a flow, no wrong byte (tools/seqflow.cpp). The sender stays on one
# CPU: a veth without GRO puts packets into the backlog of the CPU they come from, so
# a sender that moves is reordered by the veth already.
checked_udp() { udp_flows lossless "$@"; }

# The same for a road that a slow machine may overload: what arrives is in order.
ordered_udp() { udp_flows lossy "$@"; }

udp_flows() {
	local loss=$1 from=$2 to=$3 address=$4 receiver
	shift 4
	ip netns exec "$to" seqflow receive 5003 "$1" "$2" "$loss" &
	receiver=$!
	wait_listening "$to" udp 5003
	in_ns "$from" taskset 1 seqflow send "$address" 5003 "$@" || fail "sending UDP flows"
	wait "$receiver" || { show_counters; fail "UDP flows did not arrive as sent"; }
}

# udp_begin FROM TO TO_ADDRESS FLOWS SIZE PER_SECOND [gso N]: UDP flows that go on while
# the test does. udp_end ends all of them: every packet must have arrived, in order, unless
# $udp_demand is "whole" instead of "any": with other traffic on another CPU a veth keeps
# no order, and with GRO none between what comes from different sockets.
udp_senders=() udp_receivers=() udp_demand=any
udp_begin() {
	local from=$1 to=$2 address=$3 flows=$4 n=${#udp_senders[@]} port
	shift 4
	port=$((5010 + n))
	ip netns exec "$to" seqflow receive $port "$flows" 10000000 $udp_demand >"$work/received-$n" &
	udp_receivers+=($!)
	wait_listening "$to" udp $port
	echo "$from# seqflow send $address $port $flows ... $* &"
	ip netns exec "$from" taskset 1 seqflow send "$address" $port "$flows" 10000000 "$@" \
		>"$work/sent-$n" &
	udp_senders+=($!)
}
udp_end() {
	local n
	kill -TERM "${udp_senders[@]}"
	for n in "${!udp_senders[@]}"; do
		wait "${udp_senders[n]}" || fail "sending UDP flows"
		if ! wait "${udp_receivers[n]}" ||
			[[ $(awk '{ print $2 }' "$work/sent-$n") != $(awk 'END { print $2 }' "$work/received-$n") ]]; then
			cat "$work/sent-$n" "$work/received-$n"
			show_counters
			fail "UDP flows did not arrive as sent"
		fi
		sed "s/ of [0-9]*//" "$work/received-$n"
	done
	udp_senders=() udp_receivers=()
}

# show_counters: of every tunnel, what is not zero; and the kernel's own of UDP.
show_counters() {
	local ns
	for ns in "${namespaces[@]}"; do
		echo "-- $ns"
		[[ $TUNNEL != plait ]] || ip netns exec "$ns" plaitctl stats
		ip netns exec "$ns" nstat -as 'Udp*' 'Ip*Discards' 'Ip*NoRoutes'
	done
}

# background NS COMMAND...: runs until the topology is gone; its words are not shown.
background() {
	echo "$1# ${*:2} &"
	ip netns exec "$1" "${@:2}" >/dev/null 2>&1 &
	background_pids+=($!)
	disown
}
