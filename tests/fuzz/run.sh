#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Looks for new inputs of the fuzz targets by libFuzzer: `./run fuzz` and, for ctest
# fuzz.run.TARGET, with --full. Works in build/fuzz; --keep puts into the tree what
# reaches something that the kept corpus does not.
set -euo pipefail
top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
kept=$top/tests/fuzz/corpus
build=$top/build/fuzz
input_max=1024    # octets: longer ones reach nothing new, and are slow

usage() {
	cat <<-END
	fuzz [--keep] [TARGET] [SECONDS]

	  TARGET    one of: $(targets), or all of them in turn if none is named
	  SECONDS   how long for each, default 60
	  --keep    minimise the kept corpus, tests/fuzz/corpus/TARGET, together with
	            what was found: commit the difference

	An input on which the engine breaks a rule stays in build/fuzz/failed/TARGET.
	END
}

die() { echo "fuzz: $*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 77; }

targets() { sed -n 's/^set(targets \(.*\))$/\1/p' "$top/tests/fuzz/CMakeLists.txt"; }

# One at a time, since ctest may run several of us.
build_targets() {
	mkdir -p "$build"
	(
		flock 9
		cd "$top"
		cmake --preset fuzz && cmake --build --preset fuzz
	) 9>"$build/.lock" >"$build/build.log" 2>&1 || {
		tail -n 40 "$build/build.log"
		die "the targets could not be built; all of it: $build/build.log"
	}
}

# fuzz TARGET SECONDS: starts from the kept corpus and what earlier runs found.
fuzz() {
	local target=$1 seconds=$2 found=$build/found/$1 failed=$build/failed/$1 code=0
	local program=$build/tests/fuzz/fuzz_$target log=$build/$1.log
	mkdir -p "$found" "$failed" "$kept/$target"
	echo "fuzz: $target for $seconds s"
	"$program" -max_total_time="$seconds" -max_len=$input_max -timeout=10 -print_final_stats=1 \
		-artifact_prefix="$failed/" "$found" "$kept/$target" >"$log" 2>&1 || code=$?
	if ((code)); then
		grep -v -e '^#[0-9]' -e '^INFO' "$log" | tail -n 60
		die "$target failed. If on an input, that is now in $failed; once more: $program FILE"
	fi
	sed -n 's/^stat::number_of_executed_units: */  inputs tried: /p' "$log"
	sed -n 's/^#[0-9]*\tDONE *cov: \([0-9]*\) ft: \([0-9]*\).*/  edges reached, target and engine: \1; features: \2/p' "$log"
	if [[ -n $keep ]]; then
		keep_found "$target" "$program" "$found"
	fi
}

# The fewest inputs that reach all that kept and found ones reach together; and those
# that once showed a bug, or stand at a boundary (mutants.sh), which reach nothing more
# and are kept by name.
keep_found() {
	local target=$1 program=$2 found=$3 least
	least=$(mktemp -d "$build/least.XXXXXX")
	"$program" -set_cover_merge=1 "$least" "$kept/$target" "$found" >>"$build/$target.log" 2>&1 ||
		die "$target: the corpus could not be minimised: $build/$target.log"
	find "$kept/$target" -type f ! -name 'regression-*' ! -name 'boundary-*' -delete
	cp "$least"/* "$kept/$target/"
	rm -r "$least"
	echo "  kept: $(find "$kept/$target" -type f | wc -l) inputs"
}

keep='' full=''
while [[ ${1:-} == -* ]]; do
	case $1 in
	--keep) keep=yes ;;
	--full) full=yes ;;
	-h | --help) usage; exit ;;
	*) die "no option '$1': fuzz --help" ;;
	esac
	shift
done
read -ra chosen <<<"$(targets)"
if [[ ${1:-} == [a-z]* ]]; then
	[[ " ${chosen[*]} " == *" $1 "* ]] || die "no target '$1', but: ${chosen[*]}"
	chosen=("$1")
	shift
fi
seconds=${1:-60}
if (($# > 1)) || [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
	die "[TARGET] [SECONDS], not '$*': fuzz --help"
fi

if [[ -n $full ]]; then
	[[ -n ${PLAIT_FULL:-} ]] || skip "minutes of fuzzing are for PLAIT_FULL=1 (./run test --full)"
	command -v clang++ >/dev/null || skip "no clang++ here, whose libFuzzer this is (./run fuzz installs it)"
fi
build_targets
for target in "${chosen[@]}"; do
	fuzz "$target" "$seconds"
done
