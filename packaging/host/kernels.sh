#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's cloud kernels in the cache: image, modules and headers, unpacked and
# never installed, so the machine's own boot files stay as they are.
#
#   kernels.sh ensure 6.1|6.12|newest   fetch if lacking; print the kernel's folder
#   kernels.sh ensure debug             the same; it is built here, again if its source
#                                       or tests/guest/debug.config is another
#   kernels.sh has debug                whether it is there
#   kernels.sh update 6.1|6.12|newest   fetch the newest even if one is there
#
# The folder holds: release (one line), vmlinuz, build -> headers for Kbuild,
# root/ (the packages' files, with root/lib/modules/<release>). Anything else
# that lays out such a folder can be built for and booted.
# newest is Debian unstable's, by newest.sh; debug is by debug-kernel.sh.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/plait/kernels

say() { echo "kernels: $*" >&2; }
die() { say "$*"; exit 1; }

# The package that names the newest image of a series.
meta_package() {
	case $1 in
	6.1) echo linux-image-cloud-amd64 ;;
	6.12) echo linux-image-6.12-cloud-amd64 ;;
	*) die "no Linux $1: this project knows 6.1, 6.12, newest and debug" ;;
	esac
}

newest_image() {
	apt-cache depends "$(meta_package "$1")" 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1
}

fetch() {
	local series=$1 image release kbuild dir work start=$SECONDS
	image=$(newest_image "$series")
	if [[ -z $image ]]; then
		say "asking apt for its lists, to find Linux $series"
		apt-get update -qq >&2
		image=$(newest_image "$series")
	fi
	[[ $image == linux-image-"$series"* ]] ||
		die "apt offers no linux-image-$series cloud kernel (found: ${image:-none})"
	release=${image#linux-image-}
	kbuild=$(apt-cache depends "linux-headers-$release" |
		sed -n 's/^ *Depends: \(linux-kbuild-[^ ]*\)$/\1/p' | head -n 1)
	dir=$cache/$series
	if [[ -e $dir/release && $(<"$dir/release") == "$release" ]]; then
		return
	fi

	say "fetching Linux $release with its headers (about 50 MB, usually under a minute)"
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/.fetch-XXXXXX")
	# shellcheck disable=SC2064 # the folder of this call
	trap "rm -rf '$work'" EXIT
	mkdir "$work/debs" "$work/root"
	(cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root "$image" \
		"linux-headers-$release" "linux-headers-${release%-cloud-amd64}-common" "$kbuild" >&2)
	local deb
	for deb in "$work"/debs/*.deb; do
		dpkg -x "$deb" "$work/root"
	done
	rm -rf "$work/debs"

	# Debian's headers include their common part by an absolute path.
	local headers=usr/src/linux-headers-$release
	sed -i "s|/usr/src/|$dir/root/usr/src/|" "$work/root/$headers/Makefile"
	ln -sfn "$dir/root/$headers" "$work/root/lib/modules/$release/build"
	ln -sfn "root/$headers" "$work/build"
	ln -sfn "root/boot/vmlinuz-$release" "$work/vmlinuz"
	echo "$release" >"$work/release"
	chmod 755 "$work"
	rm -rf "$dir"
	mv "$work" "$dir"
	trap - EXIT
	say "Linux $release is in $dir ($((SECONDS - start)) s)"
}

main() {
	local verb=${1:-} series=${2:-}
	[[ -n $series ]] || die "usage: kernels.sh ensure|update 6.1|6.12|newest|debug, or has debug"
	[[ $series != newest ]] || exec "$here/newest.sh" "$verb"
	local dir=$cache/$series
	mkdir -p "$cache"
	if [[ $verb-$series == has-debug ]]; then
		"$here/debug-kernel.sh" "$cache" --no-build >/dev/null
		return
	fi
	# One at a time: two builds may ask at once.
	exec 9>"$cache/.lock-$series"
	flock 9
	case $verb-$series in
	ensure-debug | update-debug) dir=$("$here/debug-kernel.sh" "$cache") ;;
	ensure-*) [[ -e $dir/release ]] || fetch "$series" ;;
	update-*) fetch "$series" ;;
	*) die "unknown verb '$verb': ensure or update" ;;
	esac
	echo "$dir"
}

main "$@"
