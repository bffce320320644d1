#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# libplait as others get it: installed below a prefix of its own, found there by CMake and
# by pkg-config, linked and run. Arguments: build folder, C++ compiler, its flags.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
build=$1 compiler=$2 flags=${3:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() {
	echo "$*" >&2
	exit 1
}

prefix=$work/prefix
cmake --install "$build" --prefix "$prefix" --component libplait >/dev/null
library=$(find "$prefix" -name 'libplait.so.*' -type f)
[[ -n $library ]] || die "no shared library below $prefix"
soname=$(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }')
[[ $soname == libplait.so.0 ]] || die "its soname is \"$soname\""
[[ -z "$(find "$prefix" -name '*.a')" ]] || die "a static library was installed"
# Nothing of our own but what is marked, and nothing of libnl's: C++ names of plait:: alone.
nm -DC --defined-only "$library" | cut -c20- >"$work/symbols"
grep -q '^plait::Client::device_list' "$work/symbols" || die "Client is not exported"
! grep -E '^plait::(decode_|encode|Request|Socket|Attributes|refuse)' "$work/symbols" ||
	die "exported, but not for others"

# The module must not be asked for where that would load it.
ask=ask
if [[ -e /sys/module/plait ]] || modinfo plait >/dev/null 2>&1; then ask=; fi

# works FILE: the consumer says what it should.
works() {
	# shellcheck disable=SC2086 # no argument at all, if it is empty
	LD_LIBRARY_PATH=${library%/*} "$1" $ask >"$work/said" || die "$1 failed: $(<"$work/said")"
	{
		printf '%s\n' 10.7.0.0/24 1 "$counters" 64 aes-256-gcm carrier-up \
			'"10.7.0.1/24" has bits set behind its length: give 10.7.0.0/24' \
			'cannot be: File exists'
		[[ -z $ask ]] || for _ in 1 2; do echo "module plait is not loaded: modprobe plait"; done
	} >"$work/expected"
	diff "$work/expected" "$work/said" || die "$1 said something else"
}
counters=$(grep -cE '^[[:space:]]+X\([A-Z]' "$here/../../netdrv/core/verdict.h")

by_cmake() {
	cmake -S "$here/consumer" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
		-DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" &&
		cmake --build "$work/cmake"
}
by_cmake >"$work/log" 2>&1 || die "by CMake: $(<"$work/log")"
works "$work/cmake/consumer"

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name libplait.pc)")
export PKG_CONFIG_PATH
read -ra needed < <(pkg-config --cflags --libs libplait)
read -ra flags <<<"$flags"
"$compiler" -std=c++20 "${flags[@]}" "$here/consumer/main.cpp" -o "$work/consumer" "${needed[@]}" ||
	die "by pkg-config: ${needed[*]}"
works "$work/consumer"
echo "libplait $(pkg-config --modversion libplait) serves others, by CMake and by pkg-config"
