#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Prints a folder with the iproute2 of a Debian suite: ip, ld.so, lib/. Unpacked from its
# packages, never installed, kept in the cache. Argument: the suite. Exits with 77, and
# says why, where it cannot be had: offline, a mirror without the suite.
# shellcheck disable=SC2031 # chroot.sh's subshell has variables of the same names: its own
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
say() { echo "iproute2 of $suite: $*" >&2; }
die() { say "$*"; exit 1; }
suite=$1
# shellcheck source=packaging/host/chroot.sh
source "$here/../../packaging/host/chroot.sh"

unpacked=${XDG_CACHE_HOME:-$HOME/.cache}/plait/iproute2-$suite
if [[ -e $unpacked/ip ]]; then
	echo "$unpacked"
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,root,keys}
: >"$work/status"

# apt of that suite alone, on a machine that has no package yet.
suite_apt() {
	apt-get -qq -o Dir::State="$work/state" -o Dir::State::status="$work/status" \
		-o Dir::Cache="$work/cache" -o Dir::Etc::sourcelist="$work/sources.list" \
		-o Dir::Etc::sourceparts=- -o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=- -o APT::Sandbox::User=root \
		-o pkgCacheGen::ForceEssential=none -o Debug::NoLocking=1 \
		-o Acquire::Retries=1 -o Acquire::Languages=none "$@" >&2
}

# sources KEYRING
sources() { echo "deb [signed-by=$1] $mirror $suite main" >"$work/sources.list"; }

mirror=$(debian_mirror)
[[ -n $mirror ]] || skip "apt knows no Debian mirror on this machine"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
sources "$keyring"
say "fetching it from the machine's own mirror (10 MB)"
if ! suite_apt update -o APT::Update::Error-Mode=any 2>"$work/log"; then
	# A younger suite is signed by a younger key.
	newer_keyring "$work/keys" 2>>"$work/log" && sources "$work/keys$keyring"
	suite_apt update -o APT::Update::Error-Mode=any 2>>"$work/log" || {
		tail -n 5 "$work/log" >&2
		skip "the mirror does not offer it, or cannot be reached"
	}
fi
suite_apt install -y --no-install-recommends --download-only iproute2 2>>"$work/log" || {
	tail -n 5 "$work/log" >&2
	skip "its packages cannot be fetched"
}
for deb in "$work"/cache/archives/*.deb; do
	dpkg -x "$deb" "$work/root"
done
mkdir "$work/out" "$work/out/lib"
find "$work/root" -path '*/bin/ip' -type f -exec cp {} "$work/out/ip" \;
find "$work/root" -name 'ld-linux*.so*' -exec cp -L {} "$work/out/ld.so" \;
find "$work/root" -path '*/lib/*-linux-gnu/*.so.*' -not -path '*/gconv/*' \
	-exec cp -P {} "$work/out/lib/" \;
[[ -e $work/out/ip && -e $work/out/ld.so ]] ||
	die "no ip or no ld.so in $(cd "$work/cache/archives" && echo *.deb)"
rm -rf "$unpacked"
mkdir -p "${unpacked%/*}"
mv "$work/out" "$unpacked"
echo "$unpacked"
