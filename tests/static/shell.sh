#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shell.sh SOURCE: shellcheck over every shell script in git, whatever its name.
set -euo pipefail
cd "$1"
command -v shellcheck >/dev/null || { echo "skipped: shellcheck is not installed (./run test installs it)"; exit 77; }
mapfile -t scripts < <(git ls-files | while IFS= read -r file; do
	[[ $file == *.sh ]] || head -n 1 "$file" 2>/dev/null | grep -aqE '^#!.*\bbash|^# shellcheck shell=' || continue
	echo "$file"
done)
((${#scripts[@]})) || { echo "FAILED: no scripts found: is this a git tree?"; exit 1; }
shellcheck -x "${scripts[@]}" || { echo "FAILED: shellcheck has something to say"; exit 1; }
echo "shellcheck: ${#scripts[@]} scripts, nothing to say"
