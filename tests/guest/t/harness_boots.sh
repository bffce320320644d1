#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The harness carries a tunnel that is known to be good.
#
# WireGuard stands where plait0 will: if this fails, look at boot.sh, image.sh
# and topology.sh, not at the module.
# boot: --no-module
# kernels: 6.12
# debug: full, it is about the harness
set -euo pipefail
export TUNNEL=wireguard
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

for OUTER in 4 6; do
	topology_pair
	pings a 10.7.0.2 64
	pings b fd07::1 1200
	file_over_tcp a b 10.7.0.2 2
	udp_without_loss a b fd07::2 5M 1
	topology_gone
done
topology_chain
pings src 10.2.0.2 1000
pings dst fd01::2 1000
