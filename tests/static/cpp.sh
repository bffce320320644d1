#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# cpp.sh SOURCE BUILD: clang-format over all C++, clang-tidy over what BUILD compiles of
# it, by its compile_commands.json.
set -euo pipefail
src=$1 build=$2
for tool in clang-format clang-tidy; do
	command -v $tool >/dev/null || { echo "skipped: $tool is not installed (./run test installs it)"; exit 77; }
done
cd "$src"
mapfile -t files < <(git ls-files '*.cpp' '*.hpp')
((${#files[@]})) || { echo "FAILED: no C++ found: is this a git tree?"; exit 1; }
clang-format --dry-run --Werror "${files[@]}" || { echo "FAILED: clang-format would change something"; exit 1; }
echo "clang-format: ${#files[@]} files, nothing to say"
exec tests/static/tidy.py "$src" "$build"
