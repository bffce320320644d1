# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The filter on b's eth0 of topology_pair: what it says, and what it must do whatever driver it
# runs in. Sourced after topology.sh and traffic.sh.

work=${work:?source topology.sh first}
strangers=$((4000 / PLAIT_SLOWNESS))    # of each kind
live=0x12                               # b's index

xdp_json() { nsenter --net="/run/netns/$1" plaitctl --json xdp "${@:2}"; }
# xdp_count NS IF NAME: one of the filter's counters.
xdp_count() { xdp_json "$1" stats "$2" | sed -n "s/^ *\"$3\": \([0-9]*\).*/\1/p"; }
xdp_drops() { # NS IF: "name count" of those that are not zero
	xdp "$1" stats "$2" 2>/dev/null | awk '$3 == "dropped" { print $1, $2 }'
}
forge() { # MODE COUNT NAME [OPTIONS]
	a plait-forge "$1" "$2" --to "$(outer 192.0.2.2 2001:db8:1::2)" --port $((PORT + 1)) \
		--session $live:0:"$work/key-1-there" --aggregates 1000000 "${@:4}" >"$work/$3.json"
}
# sent NAME VERDICT: of the port or the session.
sent() {
	awk -F'[":, ]+' -v a="port.$2" -v b="$live.$2" '$2 == a || $2 == b { n += $3 } END { print n + 0 }' \
		"$work/$1.json"
}

# traffic_passes: both ways over topology_pair, nothing dropped by b's filter.
traffic_passes() {
	say "traffic passes: nothing is dropped"
	pings a 10.7.0.2 64
	pings b fd07::1 1300
	file_over_tcp a b 10.7.0.2 2
	file_over_tcp b a fd07::1 1
	expect_equal "drops of the filter" "" "$(xdp_drops b eth0)"
	# Frames are counted, which in generic mode hold up to 44 datagrams each.
	expect_more "valid frames" 30 "$(xdp_count b eth0 pass_valid)"
	[[ $(xdp_json b status) == *generic* ]] ||
		expect_equal "unsure" 0 "$(xdp_count b eth0 pass_unsure)"
}

# strangers_are_dropped: random and mutated datagrams, as plait-forge says which is what.
strangers_are_dropped() {
	local name verdict before after
	say "$strangers random and $strangers mutated datagrams: the filter drops them by the engine's names"
	for name in random mutate; do
		xdp_json b stats eth0 >"$work/before"
		forge $name "$strangers" $name
		sleep $((PLAIT_SLOWNESS / 2)).5
		xdp_json b stats eth0 >"$work/after"
		for verdict in short:port_short version:port_version handshake:port_handshake \
			index:port_index epoch:rx_epoch lane:rx_lane tag:rx_tag; do
			before=$(sed -n "s/^ *\"${verdict%:*}\": \([0-9]*\).*/\1/p" "$work/before")
			after=$(sed -n "s/^ *\"${verdict%:*}\": \([0-9]*\).*/\1/p" "$work/after")
			fragments_pass "$name" "${verdict%:*}" "$(sent $name "${verdict#*:}")" $((after - before))
		done
	done
	pings a 10.7.0.2 64
}
# Datagrams longer than the path come in fragments, which pass to the module.
fragments_pass() { # NAME COUNTER SENT DROPPED
	echo "   $1: $2 +$4 of $3"
	(($4 <= $3 && $4 * 2 >= $3)) || fail "$1: $2: sent $3, the filter dropped $4"
}

# replays_are_counted: b's eth0 has the filter before, and after.
replays_are_counted() {
	local before filter
	local -A copies
	say "copies: arrivals of their strand with the filter as without"
	for filter in off on; do
		[[ $filter == on ]] || xdp b detach eth0
		[[ $filter == off ]] || xdp b attach eth0
		before=$(strand_number b rx_copies)
		# Some time apart: what comes in one poll the module sees first.
		a tc qdisc add dev eth0 root netem delay 20ms 15ms duplicate 100%
		ip netns exec a ping -q -c 200 -i 0.002 -W 5 10.7.0.2 >"$work/ping" ||
			{ cat "$work/ping"; fail "an echo was lost"; }
		a tc qdisc del dev eth0 root
		sleep 0.3
		copies[$filter]=$(($(strand_number b rx_copies) - before))
		echo "   filter $filter: ${copies[$filter]} copies"
	done
	expect_equal "copies without filter" 200 "${copies[off]}"
	expect_equal "copies with filter" 200 "${copies[on]}"
	expect_more "of them dropped by the filter" 100 "$(xdp_count b eth0 duplicate)"
	xdp b stats eth0
}
