#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# cpp.sh SOURCE BUILD: clang-format over all C++, clang-tidy over what users run and
# link (userspace/) and the guests' tools, by BUILD/compile_commands.json.
set -euo pipefail
src=$1 build=$2
for tool in clang-format run-clang-tidy; do
	command -v $tool >/dev/null || { echo "skipped: $tool is not installed (./run test installs it)"; exit 77; }
done
cd "$src"
mapfile -t files < <(git ls-files '*.cpp' '*.hpp')
((${#files[@]})) || { echo "FAILED: no C++ found: is this a git tree?"; exit 1; }
clang-format --dry-run --Werror "${files[@]}" || { echo "FAILED: clang-format would change something"; exit 1; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
run-clang-tidy -quiet -p "$build" -j "$(nproc)" "$src/(userspace|tests/guest/tools)/.*\.cpp" >"$out" 2>&1 ||
	{ tail -n 40 "$out"; echo "FAILED: clang-tidy did not run"; exit 1; }
if grep -E "$src/.*(warning|error):" "$out" | sort -u; then
	echo "FAILED: clang-tidy has something to say"
	exit 1
fi
echo "clang-format: ${#files[@]} files; clang-tidy: userspace and guest tools; nothing to say"
