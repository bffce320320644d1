#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The filter in virtio-net's driver, where most of those who need it will have it: what it does
# there is what it does on a veth. A NIC whose hypervisor insists on receive offloads is
# refused with the reason and the remedy; one that lets the driver switch them off is not.
#
#   ┌ a ────────────────┐                        ┌ b ────────────────────────────┐
#   │ plait0   ═════════╪════════════════════════╪═ plait0                       │
#   │ plait-forge ──────┼─ virtio-net, one wire ─┼─ eth0 [XDP, native] ─ port 7777 │
#   └───────────────────┘                        └───────────────────────────────┘
# boot: --wire --offloads
# kernels: 6.1 6.12
# timeout: 400
# debug: no, it has no virtio-net
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
# shellcheck source=tests/guest/filter.sh
source /plait/tests/guest/filter.sh

mode_on() { xdp_json "$1" status | sed -n 's/.*"mode": "\(.*\)",/\1/p'; }

# offloads: of the NICs on taps, the first keeps its offloads whatever the driver wants.
offloads() {
	local stubborn willing
	stubborn=$(nics_with 02:00:00:00:58:00) willing=$(nics_with 02:00:00:00:58:01)
	if [[ -z $stubborn ]]; then
		say "no NIC with offloads here: the user who runs this may make no taps"
		return
	fi
	say "receive offloads that cannot be switched off"
	ip link set "$stubborn" netns b name eth1
	ip link set "$willing" netns b name eth2
	refused "lets nobody here switch them off" xdp b attach eth1 mode native
	refused "ctrl_guest_offloads=on" xdp b attach eth1
	say "receive offloads that the driver switches off by itself"
	xdp b attach eth2 mode native
	expect_equal "mode" native "$(mode_on b)"
	xdp b detach eth2
}

export WIRE=virtio
for OUTER in 4 6; do
	topology_pair
	pings a 10.7.0.2 64
	[[ $OUTER == 6 ]] || offloads
	say "the filter on both ends, native"
	for ns in a b; do
		xdp $ns attach eth0 mode native
		expect_equal "mode" native "$(mode_on $ns)"
	done
	traffic_passes
	checked_udp a b 10.7.0.2 2 500 1200 500
	checked_udp b a fd07::1 2 500 1200 500
	for ns in a b; do expect_equal "drops of the filter in $ns" "" "$(xdp_drops $ns eth0)"; done
	strangers_are_dropped
	replays_are_counted
	expect_equal "mode after detach and attach" native "$(mode_on b)"
	pings b 10.7.0.1 1300
	file_over_tcp a b 10.7.0.2 1
	xdp b detach
	xdp a detach
	checked_udp a b 10.7.0.2 2 500 1200 500
	topology_gone
done
