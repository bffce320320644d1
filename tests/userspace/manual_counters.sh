#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The table of counters in plait(7) says what netdrv/core/verdict.h says, in its order.
# Arguments: verdict.h, plait.7.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tr -d '\n' <"$1" | sed 's/X(\([A-Z]\)/\nX(\1/g' |
	sed -n 's/^X([A-Z_]*, \([a-z_]*\),[ \t\\]*"\([^"]*\)").*/\1\t\2/p' >"$work/header"
sed -n '/^\.TS/,/^\.TE/{/\t/p}' "$2" >"$work/manual"
[ -s "$work/header" ] && diff "$work/header" "$work/manual"
