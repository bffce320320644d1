#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's linux-source: the few parts that tests use, kept in the cache, or the
# whole of it for whoever builds a kernel.
#
#   kernel-source.sh parts 6.12        fetch if lacking; print the parts' folder
#   kernel-source.sh unpack 6.12 DIR   fetch, and unpack the whole into DIR
#
# Both take one download of 150 MB, which is not kept.
set -euo pipefail
cache=${XDG_CACHE_HOME:-$HOME/.cache}/plait/kernels

# YNL's client and generator, its schemas, and MAINTAINERS, by which the generator
# knows a kernel tree; checkpatch and coccinelle's scripts.
parts=(tools/net/ynl Documentation/netlink MAINTAINERS
	scripts/checkpatch.pl scripts/spelling.txt scripts/const_structs.checkpatch
	scripts/coccinelle)

say() { echo "kernel-source: $*" >&2; }
die() { say "$*"; exit 1; }

# source_tar: the kernel's .tar.xz on stdout, out of the package in $work.
source_tar() {
	dpkg-deb --fsys-tarfile "$work"/*.deb | tar -xO "./usr/src/linux-source-$series.tar.xz"
}

# unpack DIR [PATH...]: those parts, or all.
unpack() {
	local dir=$1 part wanted=()
	shift
	for part; do wanted+=("linux-source-$series/$part"); done
	mkdir -p "$dir"
	source_tar | tar -xJ --strip-components=1 -C "$dir" "${wanted[@]}"
}

fetch() {
	local package=linux-source-$series start=$SECONDS
	if ! apt-cache show "$package" >/dev/null 2>&1; then
		say "asking apt for its lists, to find $package"
		apt-get update -qq >&2
	fi
	say "fetching $package (150 MB, usually under a minute)"
	(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$package" >&2)
	say "done in $((SECONDS - start)) s"
}

# keep_parts: into the cache, as a whole or not at all.
keep_parts() {
	unpack "$work/parts" "${parts[@]}"
	echo "${parts[@]}" >"$work/parts/.parts"
	rm -rf "$dir"
	mv "$work/parts" "$dir"
}

verb=${1:-} series=${2:-}
[[ -n $series ]] || die "usage: kernel-source.sh parts 6.12 | unpack 6.12 DIR"
dir=$cache/source-$series
mkdir -p "$cache"
# One at a time: two tests may ask at once.
exec 9>"$cache/.source-lock"
flock 9
work=$(mktemp -d "$cache/.source-XXXXXX")
trap 'rm -rf "$work"' EXIT
case $verb in
parts)
	# A list that has grown since is fetched again.
	if [[ "$(cat "$dir/.parts" 2>/dev/null)" != "${parts[*]}" ]]; then
		fetch
		keep_parts
	fi
	echo "$dir" ;;
unpack)
	[[ -n ${3:-} ]] || die "unpack where?"
	fetch
	keep_parts
	unpack "$3" ;;
*) die "unknown verb '$verb': parts or unpack" ;;
esac
