#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# module.sh SOURCE KERNEL_BUILD_DIR OUT: builds the modules of SOURCE/Kbuild in OUT,
# from a copy of it, of the C files beside it and of SOURCE/netdrv; for a kernel with
# KUnit, of the tests too. Only changed files are copied, so that Kbuild rebuilds only
# what they touch.
set -euo pipefail
src=$1 kernel=$2 out=$3
mkdir -p "$out"
# A source edited while this runs is newer than the result: it is built again.
touch "$out/.begun"

# Nothing Kbuild made may survive a change of kernel.
if [[ "$(cat "$out/.kernel" 2>/dev/null)" != "$(readlink -f "$kernel")" ]]; then
	find "$out" -mindepth 1 ! -name .begun -delete
	readlink -f "$kernel" >"$out/.kernel"
fi

tests=()
if grep -qs '^CONFIG_KUNIT=[ym]' "$kernel/include/config/auto.conf"; then
	tests=(tests/kunit tests/unit tests/vectors)
fi

# sources DIR: what Kbuild may read of it, and has not made itself.
sources() {
	(cd "$1" && { find Kbuild ./*.[ch] netdrv ${tests[@]+"${tests[@]}"} -type f \
		\( -name 'Kbuild*' -o -name '*.[chS]' -o -name '*.awk' -o -name '*.txt' \) \
		! -name '*.mod.c' ! -name vector_tables.c 2>/dev/null || true; } | LC_ALL=C sort)
}

list=$(sources "$src")
while IFS= read -r file; do
	cmp -s "$src/$file" "$out/$file" || install -D -m 644 "$src/$file" "$out/$file"
done <<<"$list"
sources "$out" | LC_ALL=C comm -23 - <(echo "$list") | while IFS= read -r stale; do
	rm -f "$out/$stale"
done

# Kbuild takes plait.ko's objects from netdrv/, so -j has something to share out.
make -C "$kernel" M="$out" -j"$(nproc)" W=1 KCFLAGS=-Werror modules
touch -r "$out/.begun" "$out"/*.ko
