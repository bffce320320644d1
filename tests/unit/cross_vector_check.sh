#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# cross_vector_check.sh TRIPLET QEMU SOURCE-ROOT BUILD-DIR: compile vector_check and
# the engine for another machine, run it under qemu-user. Exits with 77, and says
# why, if this host cannot.
set -eu

triplet=$1
qemu=$2
root=$3
build=$4

for tool in "$triplet-gcc" "$qemu"; do
	if ! command -v "$tool" >/dev/null; then
		echo "skipped: $tool is not installed (packages gcc-$triplet, qemu-user-static)"
		exit 77
	fi
done

mkdir -p "$build"
"$triplet-gcc" -std=gnu11 -O2 -g -static -Wall -Wextra -Wno-unused-parameter -Werror \
	-DPLAIT_DEBUG -I"$root/netdrv/core" \
	"$root"/tests/unit/vector*.c "$root"/netdrv/core/*.c \
	-o "$build/vector_check.$triplet"
exec "$qemu" "$build/vector_check.$triplet" "$root/tests/vectors"
