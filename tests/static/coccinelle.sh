#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# coccinelle.sh SOURCE KERNEL_SOURCE_PARTS: the kernel's own semantic patches
# (scripts/coccinelle, those with a report mode) over plait.ko's sources and the KUnit
# tests; and over a file with faults, to see that they are found.
set -euo pipefail
src=$1 parts=$2
readonly SKIP=77 SECONDS_EACH=300
command -v spatch >/dev/null ||
	{ echo "skipped: coccinelle is not installed (./run test installs it)"; exit $SKIP; }

# Not applied, and why:
#   null/badzero, api/check_bq27xxx_data
#                           want an OCaml compiler; sparse sees a 0 that is to be NULL
#   misc/minmax             in core/, which knows no kernel and so no min()
mapfile -t scripts < <(grep -lr 'virtual report' "$parts/scripts/coccinelle" |
	xargs grep -L ocaml | LC_ALL=C sort)
((${#scripts[@]} > 60)) || { echo "FAILED: ${#scripts[@]} scripts in $parts: too few"; exit 1; }
inapplicable='^netdrv/core/.*opportunity for (min|max)\(\)'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/faults.c" <<-'END'
	int twice(struct thing *thing)
	{
		if (thing)
			kfree(thing);
		count++;;
		return thing->count;
	}
END

# report SCRIPT FOLDER. A status of 255 would make xargs stop there.
# shellcheck disable=SC2317 # xargs calls it
report() {
	timeout "$SECONDS_EACH" spatch -D report --very-quiet --no-show-diff --no-includes \
		--include-headers --cocci-file "$1" --dir "$2" 2>&1 ||
		echo "FAILED: ${1##*/} over $2, status $?"
}
export -f report
export SECONDS_EACH
cd "$src"
folders=(netdrv tests/kunit "$work")
for folder in "${folders[@]}"; do
	for script in "${scripts[@]}"; do printf '%s\0' "$script" "$folder"; done
done | xargs -0 -n 2 -P "$(nproc)" bash -c 'report "$@"' report >"$work/out"

code=0
# Failures of a script itself are shown as well; what it says of itself is not.
if grep -E '^(netdrv|tests/kunit)/|^FAILED|Fatal error|exception' "$work/out" |
	grep -vE "$inapplicable"; then
	echo "FAILED: coccinelle has something to say"
	code=1
fi
for fault in "NULL check before some freeing" "reference preceded by free" "Unneeded semicolon"; do
	grep -qE "faults\.c:.*$fault" "$work/out" ||
		{ echo "FAILED: coccinelle did not find: $fault"; code=1; }
done
((code)) || echo "coccinelle: ${#scripts[@]} scripts, nothing to say"
exit $code
