#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# netdrv/plait.yaml and netdrv/uapi/plait.h say the same: the kernel's generator accepts
# the specification against its schema, the header that it makes of it has the same names
# with the same values as ours, both ways, and the C client that it makes compiles with
# ours. Only the attributes of `ip link`, IFLA_PLAIT_*, are not the family's.
set -euo pipefail
# shellcheck source=tests/ynl/tree.sh
source "$(dirname "${BASH_SOURCE[0]}")/tree.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

# generate OPTIONS... FILE: the generator loops for ever where it finds no MAINTAINERS.
generate() {
	(cd "$work" && timeout 60 /usr/bin/python3 tools/net/ynl/ynl-gen-c.py \
		--spec "$spec" "${@:1:$#-1}" -o "${*: -1}") || fail "the kernel's generator: $*"
}

# names HEADER: NAME VALUE of each constant of the family. Words that the preprocessor
# leaves are enumerators.
names() {
	local name
	{
		echo "#include <stdio.h>"
		echo "#include \"$1\""
		echo "int main(void) {"
		gcc -E -P -x c "$1" | grep -oE '\b(__)?PLAIT_[A-Z0-9_]+\b' | sort -u |
			while IFS= read -r name; do
				printf 'printf("%s %%d\\n", (int)%s);\n' "$name" "$name"
			done
		echo "}"
	} >"$work/names.c"
	gcc -o "$work/names" "$work/names.c" && "$work/names"
	gcc -E -dM -x c "$1" | sed -n 's/^#define \(PLAIT_\)/\1/p'
}

make_tree "$work"
generate --mode uapi --header generated.h
names "$work/generated.h" | sort >"$work/of-spec"
names "$top/netdrv/uapi/plait.h" | sort >"$work/of-header"
diff -U 0 --label plait.yaml "$work/of-spec" --label uapi/plait.h "$work/of-header" ||
	fail "header and specification differ"
count=$(wc -l <"$work/of-header")
((count > 150)) || fail "only $count names were found"
echo "$count names, equal"

generate --mode user --header plait-user.h
generate --mode user --source plait-user.c
gcc -Wall -Werror -Wno-unused -I"$work/include" -I"$work/tools/net/ynl/lib" \
	-c -o "$work/plait-user.o" "$work/plait-user.c"
echo "the generated client compiles: $(wc -l <"$work/plait-user.c") lines"
