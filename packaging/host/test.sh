# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
# `run test`: everything built, ctest over unit tests with sanitizers and guest
# tests on all kernels, then the engine's line coverage against its bar.

coverage_bar=95    # percent of netdrv/core's lines, issue 8

# test_all [FILTER] [--full], or test_all --kernel newest
test_all() {
	local filter='' preset=ci debug='' code=0 start=$SECONDS
	while (($#)); do
		case $1 in
		--full) export PLAIT_FULL=1 preset=full ;;
		--kernel)
			[[ $* == "--kernel newest" ]] ||
				die "test: --kernel newest stands alone; a filter picks other kernels: ./run test guest.6.1"
			test_newest
			return ;;
		-*) die "unknown option $1: run help" ;;
		*) filter=$1 ;;
		esac
		shift
	done
	# A filter for something else need not wait for the debug kernel.
	[[ $preset == ci && -n $filter && $filter != *guest* && $filter != *debug* ]] || debug=yes
	need_packages "test" "${packages_guest[@]}" "${packages_test[@]}" "${packages_dpdk[@]}"
	[[ $preset == ci ]] || need_packages "make chroots and fuzz" "${packages_chroot[@]}" "${packages_fuzz[@]}"
	[[ -z $debug ]] || begin_debug_kernel
	step build-ci "building unit tests with ASan and UBSan" "3 minutes" configure_and_build ci
	[[ -z $debug ]] || debug_kernel_ready
	build_release

	say "running the tests${filter:+ that match $filter} (usually $(usual_test_time))"
	# Without --full: tests/guest/CMakeLists.txt's choice, which is preset ci's (an -LE here
	# would replace that), or all that a filter asks for.
	local choice=(--preset "$preset")
	if [[ -n $filter ]]; then
		choice=(--preset full -R "$filter")
		[[ $preset == full ]] || choice+=(-LE '^full$')
	fi
	ctest_in "$top/build/ci" "${choice[@]}" --output-log "$logs/ctest.log" || code=$?
	((code == 0)) || say "console logs of guests: build/ci/guest-logs, all output: build/logs/ctest.log"
	if [[ -z $filter ]]; then
		[[ $preset == full ]] || say "not run without --full: the newest kernel, each story on each kernel, at full length; fuzzing, DKMS"
		engine_coverage || code=1
	fi
	say "tests took $((SECONDS - start)) s"
	return "$code"
}

# Guest tests on the newest kernel alone: no unit tests are built.
test_newest() {
	local build=$top/build/newest code=0 start=$SECONDS
	need_packages "run guests" "${packages_guest[@]}"
	need_packages "make chroots" "${packages_chroot[@]}"
	build_release
	step configure-newest "configuring the guest tests" "seconds" cmake --preset ci -S "$top" -B "$build" \
		-DPLAIT_UNIT_TESTS=OFF -DPLAIT_USERSPACE=OFF
	say "getting the newest kernel, building plait.ko for it, running guest tests (usually 10 minutes)"
	ctest_in "$build" --test-dir "$build" -R '^guest\.newest\.' --no-tests=error --output-on-failure \
		-j 2 --output-log "$logs/ctest-newest.log" || code=$?
	((code == 0)) || say "console logs of guests: build/newest/guest-logs"
	say "tests took $((SECONDS - start)) s"
	return "$code"
}

# ctest_in BUILD CTEST'S WORDS...: and the last words of what failed in this very run.
ctest_in() {
	local build=$1 code=0
	shift
	rm -f "$build/Testing/Temporary/LastTestsFailed.log"
	(cd "$top" && ctest "$@") || code=$?
	((code == 0)) || last_words "$build/Testing/Temporary"
	return "$code"
}

# last_words DIR: how each failed test ended, once more where a long log's reader looks.
last_words() {
	[[ -s $1/LastTestsFailed.log ]] || return 0
	awk -v kept=12 '
		NR == FNR { failed[substr($0, index($0, ":") + 1)]; next }
		/^[0-9]+\/[0-9]+ Testing: / { name = $3; n = 0; next }
		/^<end of output>$/ && name in failed {
			print "--- " name
			for (i = n > kept ? n - kept : 0; i < n; i++)
				print substr(line[i % kept], 1, 200)
			name = ""
		}
		{ line[n++ % kept] = $0 }' "$1/LastTestsFailed.log" "$1/LastTest.log" || true
}

usual_test_time() { if [[ -n ${PLAIT_FULL:-} ]]; then echo "several hours"; else echo "25 minutes"; fi; }

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
