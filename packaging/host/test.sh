# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
# `run test`: everything built, ctest over unit tests with sanitizers and guest
# tests on both kernels, then the engine's line coverage against its bar.

coverage_bar=95    # percent of netdrv/core's lines, issue 8

# test_all [FILTER] [--full]
test_all() {
	local filter='' argument code=0 start=$SECONDS
	for argument; do
		case $argument in
		--full) export PLAIT_FULL=1 ;;
		-*) die "unknown option $argument: run help" ;;
		*) filter=$argument ;;
		esac
	done
	need_packages "test" "${packages_guest[@]}" "${packages_test[@]}"
	build_release
	step build-ci "building unit tests with ASan and UBSan" "3 minutes" configure_and_build ci

	say "running the tests${filter:+ that match $filter} (usually $(usual_test_time))"
	(cd "$top" && ctest --preset ci --output-log "$logs/ctest.log" ${filter:+-R "$filter"}) || code=$?
	((code == 0)) || say "console logs of guests: build/ci/guest-logs, all output: build/logs/ctest.log"
	if [[ -z $filter ]]; then
		engine_coverage || code=1
	fi
	say "tests took $((SECONDS - start)) s"
	return "$code"
}

usual_test_time() { if [[ -n ${PLAIT_FULL:-} ]]; then echo "30 minutes"; else echo "8 minutes"; fi; }

measure_coverage() {
	configure_and_build coverage || return
	find "$top/build/coverage" -name '*.gcda' -delete
	(cd "$top" && ctest --preset coverage) || return
	gcovr --root "$top" --object-directory "$top/build/coverage" --filter "$top/netdrv/core/" \
		--txt "$logs/coverage.txt" --json-summary "$logs/coverage.json" "$top/build/coverage"
}

engine_coverage() {
	step coverage "measuring the engine's line coverage" "2 minutes" measure_coverage
	local percent
	percent=$(sed -n 's/.*"line_percent": \([0-9.]*\).*/\1/p' "$logs/coverage.json" | tail -n 1)
	say "engine line coverage: $percent % (bar: $coverage_bar %; by file: build/logs/coverage.txt)"
	awk -v p="$percent" -v bar=$coverage_bar 'BEGIN { exit !(p >= bar) }'
}
