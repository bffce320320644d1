#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sparse.sh SOURCE KERNEL_DIR WORK: sparse, byte order included, over plait.ko's sources
# against a kernel's headers. KERNEL_DIR as packaging/host/kernels.sh lays it out.
# Fails on any word about netdrv/; what the kernel's own headers provoke is not ours.
set -euo pipefail
src=$1 kernel=$2 work=$3
command -v sparse >/dev/null || { echo "skipped: sparse is not installed (./run test installs it)"; exit 77; }

rm -rf "$work"
mkdir -p "$work"
cp -r "$src/Kbuild" "$src/netdrv" "$work/"
# -Wno-sparse-error: warnings are counted here, not by the compiler's exit status.
make -C "$kernel/build" M="$work" -j"$(nproc)" C=2 \
	CF="-D__CHECK_ENDIAN__ -Wno-sparse-error" modules >"$work/log" 2>&1 ||
	{ tail -n 40 "$work/log"; echo "FAILED: the build under sparse"; exit 1; }
checked=$(grep -c '^  CHECK ' "$work/log" || true)
((checked > 0)) || { tail -n 20 "$work/log"; echo "FAILED: sparse looked at no file"; exit 1; }
found=$(grep -E '(warning|error):' "$work/log" | grep -F "$work/" | sort -u || true)
if [[ -n $found ]]; then
	echo "$found"
	echo "FAILED: sparse has something to say"
	exit 1
fi
echo "sparse: $checked files, nothing to say"
