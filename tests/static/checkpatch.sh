#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# checkpatch.sh SOURCE KERNEL_SOURCE_PARTS: checkpatch.pl --strict over the kernel's C,
# that of KUnit's tests included.
# KERNEL_SOURCE_PARTS is what packaging/host/kernel-source.sh prints.
set -euo pipefail
src=$1 parts=$2

# What does not apply, and why:
#   FILE_PATH_CHANGES        there is no MAINTAINERS file out of the tree
#   MACRO_ARG_UNUSED, COMPLEX_MACRO, MACRO_ARG_REUSE
#                            X-macros: a list is no value, and each use takes what it needs
everywhere=FILE_PATH_CHANGES,MACRO_ARG_UNUSED,COMPLEX_MACRO,MACRO_ARG_REUSE
#   in core/, which knows no kernel (core/types.h is its only shim):
#   PREFER_KERNEL_TYPES, PREFER_DEFINED_ATTRIBUTE_MACRO, BIT_MACRO, PREFER_FALLTHROUGH
#   VOLATILE, which READ_ONCE of its own needs
core=$everywhere,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,BIT_MACRO,SPACING,VOLATILE
#   in trace.h and tell_trace.h, as in every trace header: OPEN_ENDED_LINE,
#   PARENTHESIS_ALIGNMENT
trace=$everywhere,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
#   in aead_published_test.c, which has octets in hexadecimal, line under line:
#   SPLIT_STRING, MISSING_SPACE
published=$everywhere,SPLIT_STRING,MISSING_SPACE

check() { # IGNORED FILE...
	local ignored=$1
	shift
	(($#)) || { echo "FAILED: no files to check"; exit 1; }
	perl "$parts/scripts/checkpatch.pl" --no-tree --strict --terse --show-types --no-summary \
		--ignore "$ignored" -f "$@"
}

cd "$src"
shopt -s nullglob
files=(netdrv/*.[ch] netdrv/uapi/*.h tests/kunit/*.[ch])
# In BPF programs, which clang compiles for the BPF machine: as in core/, and
#   GLOBAL_INITIALISERS (what the loader sets)
bpf_files=(xdp/*.[ch] bench/xdp/*.bpf.c tests/guest/tools/ahead/*.bpf.c)
bpf=$core,GLOBAL_INITIALISERS
core_files=(netdrv/core/*.[ch])
plain=()
for file in "${files[@]}"; do
	[[ $file == netdrv/*trace.h || $file == tests/kunit/aead_published_test.c ]] || plain+=("$file")
done
code=0
check "$everywhere" "${plain[@]}" || code=1
check "$trace" netdrv/trace.h netdrv/tell_trace.h || code=1
check "$bpf" "${bpf_files[@]}" || code=1
check "$published" tests/kunit/aead_published_test.c || code=1
check "$core" "${core_files[@]}" || code=1
((code == 0)) || { echo "FAILED: checkpatch --strict has something to say"; exit 1; }
echo "checkpatch: $((${#files[@]} + ${#core_files[@]} + ${#bpf_files[@]})) files, nothing to say"
