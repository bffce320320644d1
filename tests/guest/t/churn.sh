#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# For a minute (--full: an hour) everything changes by chance while traffic runs: devices
# come, go and move, strands, keys and prefixes change, lanes and ciphers differ, namespaces
# begin and end with devices in them, the underlay blinks, the module is unloaded and loaded.
#
# Each step ends in time, and afterwards a tunnel works as ever. Whether all this was sound,
# the kernel says: the debug kernel watches memory, locks and references, and init looks for
# leaks. CHURN_SECONDS and CHURN_SEED may be given; tests/guest/tools/control/ has the steps.
# timeout: 300 4200
# stock: full, the debug kernel sees more
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

seconds=${CHURN_SECONDS:-$([[ -n ${PLAIT_FULL:-} ]] && echo 3600 || echo 60)}
seed=(${CHURN_SEED:+--seed "$CHURN_SEED"})

unused() { [[ $(</sys/module/plait/refcnt) == 0 ]]; }

make_ns a b
wire a eth0 192.0.2.1/24 2001:db8:1::1/64 b eth0 192.0.2.2/24 2001:db8:1::2/64
background b iperf3 -s -p 5201
background a bash -c 'while :; do iperf3 -c 10.7.0.2 -t 5 -b 20M --connect-timeout 500; sleep 0.2; done'
background b bash -c 'while :; do iperf3 -c fd07:1::1 -t 5 -b 20M -R --connect-timeout 500; sleep 0.2; done'
background a ping -q -i 0.002 -s 3000 10.7.1.2
background b ping -q -i 0.002 fd07:2::1

plait-churn "$seconds" ${seed[@]+"${seed[@]}"} --patience $((30 * PLAIT_SLOWNESS)) ||
	fail "the churn; its seed is above"

say "afterwards"
for ns in r0 r1 r2; do
	[[ ! -e /run/netns/$ns ]] || ip netns del $ns
done
topology_gone
wait_for "nobody to use the module" unused
topology_pair
pings a 10.7.0.2 1000
file_over_tcp b a fd07::1 1
say "done"
