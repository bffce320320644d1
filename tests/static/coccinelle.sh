#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# coccinelle.sh SOURCE KERNEL_SOURCE_PARTS: the kernel's own semantic patches
# (scripts/coccinelle, those with a report mode) over plait.ko's sources.
set -euo pipefail
src=$1 parts=$2
command -v spatch >/dev/null || { echo "skipped: coccinelle is not installed (./run test installs it)"; exit 77; }

# Not applied, and why:
#   misc/struct_assign      we assign nothing of the kind it looks for, and it takes minutes
mapfile -t scripts < <(grep -lr 'virtual report' "$parts/scripts/coccinelle" | LC_ALL=C sort)
((${#scripts[@]} > 20)) || { echo "FAILED: ${#scripts[@]} scripts in $parts: too few"; exit 1; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
cd "$src"
printf '%s\0' "${scripts[@]}" | xargs -0 -P "$(nproc)" -I{} timeout 300 \
	spatch -D report --very-quiet --no-show-diff --no-includes --include-headers \
	--cocci-file {} --dir netdrv >"$out" 2>&1 || true
# Failures of a script itself (one for a tool that is lacking, say) are shown as well.
if grep -E '^(netdrv|[^ ]*/netdrv)/|Fatal error|exception' "$out"; then
	echo "FAILED: coccinelle has something to say"
	exit 1
fi
echo "coccinelle: ${#scripts[@]} scripts, nothing to say"
