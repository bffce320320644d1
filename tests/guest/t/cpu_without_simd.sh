#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A CPU without the vector units that the ciphers like: slower, but the same.
#
# qemu64 has SSE2 and no more, so ChaCha20 and Poly1305 run as scalar code.
# boot: --cpu qemu64,-ssse3,-sse4a,-avx
# timeout: 240
# debug: full, the debug kernel has no business with ciphers
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

if grep -qw -e ssse3 -e avx /proc/cpuinfo; then fail "this CPU is not as poor as the test wants"; fi
topology_pair
pings a 10.7.0.2 64
pings b fd07::1 9000
file_over_tcp a b 10.7.0.2 2
file_over_tcp b a fd07::1 2
checked_udp a b 10.7.0.2 2 300 1000 1000 gso 10
