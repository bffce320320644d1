#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tests of plait_kunit.ko pass in the kernel: the engine's vectors, the ciphers, and the
# driver's tables, rings and queues.
#
# They ran when the module was loaded; what they said is in debugfs, a file for each suite.
# boot: --module plait_kunit
# kernels: debug
# timeout: 240
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh

results=(/sys/kernel/debug/kunit/plait_*/results)
[[ -e ${results[0]} ]] || fail "no suite has run: $(lsmod)"

# count WORDS FILE: cases with that verdict. They are indented by one level, and by two
# where there is one for each parameter: then the line of one level sums them up.
count() {
	awk -v words="$1" '
		/^    (not )?ok / && each { each = 0; next }
		/^        (not )?ok / { each = 1 }
		$0 ~ "^ +" words { n++ }
		END { print n + 0 }' "$2"
}

total=0 bad=()
for file in "${results[@]}"; do
	suite=${file%/results}
	suite=${suite##*/}
	cat "$file"
	passed=$(count "ok " "$file")
	failed=$(count "not ok " "$file")
	skipped=$(count "ok [0-9]+ .* # SKIP" "$file")
	say "$suite: $((passed - skipped)) passed, $skipped skipped, $failed failed"
	((failed == 0 && passed > skipped)) || bad+=("$suite")
	total=$((total + passed - skipped))
done
((${#bad[@]} == 0)) || fail "suites with cases that failed, or without any: ${bad[*]}"
say "${#results[@]} suites, $total cases passed"
