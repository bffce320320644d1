#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plaitbench over a live tunnel: every test, both directions, IPv4 and IPv6 inside, and
# the cipher and lanes in its JSON; loss in between is the path's, datagrams spoilt in
# between are found in the receiver's counters; a second client is told to wait; the
# local command makes its own tunnel and leaves nothing, by SIGINT either.
# timeout: 600
# kernels: 6.12
# debug: full, it is about tools
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh

CIPHER=aes-256-gcm LANES=2
topology_pair
ip netns exec b plaitbench server --bind 10.7.0.2 >"$work/server" 2>&1 &
background_pids+=($!)
wait_listening b tcp 7797

# bench WORDS...: the client's JSON into $work/json; trials of so many seconds.
seconds=0.5
bench() {
	a plaitbench client 10.7.0.2 --dev plait0 --json --time "$seconds" "$@" \
		>"$work/json" || { cat "$work/server"; fail "plaitbench client $*"; }
}
# has TEXT: a line of the JSON, without the spaces in front of it.
has() { grep -qF -e "$1" "$work/json" || { cat "$work/json"; fail "no $1"; }; }
# numbers NAME: all values of that name.
numbers() { sed -n "s/^ *\"$1\": \([0-9.e+-]*\),*$/\1/p" "$work/json"; }

say "every test, as people see it"
a plaitbench client 10.7.0.2 --quick --time 0.3 --sizes 64,imix,mtu --rate 100pps \
	--loss-tolerance 5 --dev plait0 | tee "$work/tables" || { cat "$work/server"; exit 1; }
for title in THROUGHPUT LOSS "ROUND TRIP" BURSTS TCP REQUESTS; do
	grep -q "^$title" "$work/tables" || fail "no table $title"
done
grep -q "plait0 (MTU $(mtu_of a plait0), plait, aes-256-gcm, lanes: 2)" "$work/tables" ||
	fail "cipher and lanes are not told"

say "figures, and what they are of"
for direction in client-to-server server-to-client; do
	reverse=()
	[[ $direction == client-* ]] || reverse=(-R)
	bench "${reverse[@]}" --tests throughput,latency --sizes 512 --rate 100pps --loss-tolerance 5
	has "\"direction\": \"$direction\""
	has '"cipher": "aes-256-gcm"'
	has '"underlay": "eth0"'
	grep -qE '"limit": "(rate-reached|sender-(late|cpu))"' "$work/json" ||
		fail "what limited it: $(grep '"limit"' "$work/json")"
	expect_equal "path MTU" "$(mtu_of a plait0)" "$(numbers path_mtu | head -n 1)"
	# One that was not run in time is repeated.
	expect_more "trials with round trips" 2 "$(numbers p50_us | awk '$1 > 0' | wc -l)"
	grep -q '"name": "rx_datagrams"' "$work/json" || fail "the strand's counters are not there"
done
a plaitbench client fd07::2 --tests rr 2>"$work/said" && fail "the server listens at 10.7.0.2 alone"
grep -q 'start "plaitbench server" there' "$work/said" || fail "it said: $(<"$work/said")"
refused "is routed by plait0, not by eth0" a plaitbench client 10.7.0.2 --dev eth0

say "IPv6 inside"
ip netns exec b plaitbench server --bind fd07::2 --port 7798 >"$work/server6" 2>&1 &
background_pids+=($!)
wait_listening b tcp 7798
a plaitbench client fd07::2 --port 7798 --tests loss,tcp --sizes 64 --rate 100pps --time 0.5 |
	tee "$work/tables"
grep -q "^64 B .* 0 %" "$work/tables" || fail "64 octets of IPv6 do not pass"

seconds=3
say "loss in between: nobody's counter moves, so it is the path's"
a tc qdisc add dev eth0 root netem loss 8%
bench --tests loss --sizes 256 --rate 150pps
a tc qdisc del dev eth0 root
has '"limit": "path"'
numbers loss | awk '$1 > 0.01 && $1 < 0.3 { n++ } END { exit n < 1 }' ||
	fail "8 % are lost, it says: $(numbers loss | paste -sd' ')"

say "datagrams spoilt in between: the receiver's plait0 says so"
# One octet of each 12th, behind the header tag. The checksum is still to be made, so it is right.
a tc qdisc add dev eth0 clsact
a tc filter add dev eth0 egress matchall action pass random determ pipe 12 \
	action pedit munge offset 80 u8 invert pipe action pass
bench --tests loss --sizes 256 --rate 150pps
a tc qdisc del dev eth0 clsact
has '"limit": "receiver-drops"'
grep -qE '"receiver: plait0 rx_auth \+[0-9]+ \(' "$work/json" ||
	fail "no counter is named: $(grep evidence -A 4 "$work/json")"

say "one client at a time; one that goes is forgotten"
ip netns exec a plaitbench client 10.7.0.2 --tests tcp --time 60 >"$work/first" 2>&1 &
first=$!
busy() { grep -q "client.*by plait0" <(tail -n 1 "$work/server"); }
wait_for "the first client" busy
refused "busy with another client" a plaitbench client 10.7.0.2 --tests rr
kill -KILL $first
free() { ip netns exec a plaitbench client 10.7.0.2 --tests rr --time 0.2; }
wait_for "the server to forget it" free

say "a tunnel of its own"
before=$(find /sys/class/net -maxdepth 1 | wc -l)
plaitbench local --cipher aes-256-gcm --lanes 2 --quick --time 0.3 --tests throughput,rr \
	--sizes mtu --rate 100pps --loss-tolerance 5 | tee "$work/local"
grep -q "plait0 (MTU [0-9]*, plait, aes-256-gcm, lanes: 2)" "$work/local" || fail "no tunnel"
plaitbench local --tests tcp --time 60 >"$work/local" 2>&1 &
local_run=$!
# Its own two threads, and three in the namespaces: a trial is on.
measures() { (($(find "/proc/$local_run/task" -mindepth 1 -maxdepth 1 | wc -l) >= 5)); }
wait_for "its trial" measures
kill -INT $local_run
status=0
wait $local_run || status=$?
expect_equal "exit status of SIGINT" 130 $status
expect_equal "interfaces" "$before" "$(find /sys/class/net -maxdepth 1 | wc -l)"
say "done"
