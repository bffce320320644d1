#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `./run demo` shows, from the first step to the last: each is ok, and in the table.
# boot: --icount
# timeout: 600
# kernels: 6.12
# debug: no, it prices instructions beside WireGuard's
set -euo pipefail
bash /plait/tests/guest/demo.sh | tee /tmp/shown
steps=$(sed -n '/^what  *result  *figure$/,$p' /tmp/shown | grep -cE '^.{35}ok  ')
shown=$(grep -c '^shown "\|^	shown "' /plait/tests/guest/demo.sh)
((steps == shown)) || { echo "FAILED: $steps of the demo's $shown steps are ok"; exit 1; }
