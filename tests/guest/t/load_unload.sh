#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module can be unloaded under traffic, again and again, and leaves nothing behind.
#
# Each cycle loads it, joins two hosts and starts TCP and UDP both ways; then the
# module goes, or a device or a namespace goes first, while packets are in flight.
# timeout: 600
# debug: full, churn takes the module away under traffic too
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

loaded() { [[ -d /sys/module/plait ]]; }
has_moved() { (($(link_stat b plait0 rx_packets) > $1)); }

modprobe -r plait
cycles=10
((PLAIT_SLOWNESS == 1)) || cycles=3
[[ -z $PLAIT_FULL ]] || cycles=50
for ((cycle = 1; cycle <= cycles; cycle++)); do
	say "cycle $cycle"
	modprobe plait
	OUTER=$((cycle % 2 ? 4 : 6)) topology_pair
	background b iperf3 -s -p 5201
	wait_listening b tcp 5201
	background a iperf3 -c 10.7.0.2 -p 5201 -t 60
	background b ping -q -s 3000 -i 0.002 10.7.0.1
	background a ping -q -i 0.002 fd07::2
	wait_for "traffic" has_moved 200
	case $((cycle % 3)) in
	1) in_ns a ip link del plait0 ;;
	2)
		# With its last process a namespace goes, in a work item of its own.
		mapfile -t pids < <(ip netns pids b)
		ip netns del b
		kill -KILL "${pids[@]}"
		;;
	esac
	modprobe -r plait
	expect_refusal loaded
	topology_gone
done
modprobe plait
topology_pair
pings a 10.7.0.2 1000
