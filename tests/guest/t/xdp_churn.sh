#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The filter comes and goes, on both ends, by tools that are killed on their way, while keys
# change and packets flow; and between rounds the module goes and comes. Not one packet of the
# tunnel's is lost, not one valid datagram dropped. For a minute; ten with --full.
#
# Two hosts, one tunnel: topology_pair.
# timeout: 300 1500
# stock: full, the debug kernel sees more
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
seconds=60
[[ -z $PLAIT_FULL ]] || seconds=600
rate=$((200 / PLAIT_SLOWNESS)) deeds_a_round=$((24 / PLAIT_SLOWNESS))
udp_demand=whole
echo "seed: ${SEED:=$RANDOM} (SEED in the environment repeats a run)"
RANDOM=$SEED

deeds=(attach attach detach killed killed looks switch switch)
declare -A done_

attach() { xdp "$1" attach eth0 2>/dev/null || true; }
detach() { xdp "$1" detach eth0 2>/dev/null || true; }
killed() { # NS: a tool that dies somewhere on its way
	local verb=attach pid
	((RANDOM % 2)) || verb=detach
	nsenter --net="/run/netns/$1" plaitctl xdp $verb eth0 2>/dev/null &
	pid=$!
	sleep "0.0$((RANDOM % 10))"
	kill -KILL $pid 2>/dev/null || true
	wait $pid 2>/dev/null || true
}
looks() { xdp "$1" status >/dev/null; xdp "$1" stats eth0 >/dev/null 2>&1 || true; }
epoch=0
switch() {
	local name
	((++epoch))
	for name in x y; do head -c 48 /dev/urandom | base64 -w 0 >"$work/$name"; done
	key b plait0 "$round" $epoch "0x${round}2" "0x${round}1" y x inactive 2>/dev/null
	key a plait0 "$round" $epoch "0x${round}1" "0x${round}2" x y 2>/dev/null
	b plaitctl key set plait0 session "$round" epoch $epoch active 2>/dev/null
}
# drops NS: what the filter there has dropped, but for copies: nobody makes any.
drops() {
	{ xdp "$1" stats eth0 2>/dev/null || true; } |
		awk -v ns="$1" '$3 == "dropped" { print ns, $1, $2 }'
}

make_ns a b
wire a eth0 192.0.2.1/24 2001:db8:1::1/64 b eth0 192.0.2.2/24 2001:db8:1::2/64
# Another program stays attached: a veth whose first one comes, or last one goes, loses what is
# in its ring.
for ns in a b; do
	nsenter --net=/run/netns/$ns xdp-loader load -m native eth0 /usr/lib/*/bpf/xdpfilt_alw_all.o
done
umask 077
round=0 end=$((SECONDS + seconds))
while ((SECONDS < end)); do
	((++round)) && epoch=0
	tunnel $round a plait0 192.0.2.1 b plait0 192.0.2.2 2>/dev/null
	inner a plait0 10.7.0.1/24 fd07::1/64
	inner b plait0 10.7.0.2/24 fd07::2/64
	wait_carrier a plait0
	wait_carrier b plait0
	udp_begin a b 10.7.0.2 2 300 $rate
	udp_begin b a fd07::1 2 900 $rate
	for ((i = 0; i < deeds_a_round; i++)); do
		ns=a deed=${deeds[RANDOM % ${#deeds[@]}]}
		((RANDOM % 2)) || ns=b
		$deed $ns
		done_[$deed]=$((${done_[$deed]:-0} + 1))
		dropped=$(drops a; drops b)
		expect_equal "valid datagrams that a filter dropped" "" "$dropped"
	done
	udp_end
	ip -n a link del plait0
	ip -n b link del plait0
	# What a killed tool left behind is seen to by the next one.
	for ns in a b; do attach $ns; detach $ns; xdp $ns detach; done
	modprobe -r plait || fail "the module is held by: $(ls -R /sys/fs/bpf)"
	modprobe plait
	done_[reload]=$((${done_[reload]:-0} + 1))
done
for deed in "${!done_[@]}"; do echo "$deed: ${done_[$deed]}"; done | sort
