#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The newest cloud kernel of Debian unstable, and plait.ko for it. Its headers
# want unstable's compiler and libc, so the module is built in a chroot.
#
#   newest.sh ensure              fetch if lacking; print the kernel's folder
#   newest.sh update              fetch if apt offers a newer one; print the folder
#   newest.sh module SOURCE OUT [NAME]
#                                 update, then build OUT/NAME.ko, plait.ko if not told,
#                                 as module.sh does
#
# The folder is laid out as kernels.sh says. Exits with 77, and says why, where
# it cannot be had: no root, no debootstrap, a mirror without unstable.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
say() { echo "newest: $*" >&2; }
die() { say "$*"; exit 1; }
# shellcheck source=packaging/host/chroot.sh
source "$here/chroot.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/plait/kernels
dir=$cache/newest
chroot=$chroots/unstable

# newest_release ROOT: of the cloud kernels that unstable offers with headers.
newest_release() {
	run_in "$1" apt-cache pkgnames linux- | sed -nE \
		's/^linux-(image|headers)-([0-9].*-cloud-amd64)$/\2/p' |
		sort | uniq -d | sort -V | tail -n 1
}

# install_headers RELEASE: into the chroot, and the compiler that they ask for.
install_headers() {
	say "installing the headers of Linux $1 and their compiler there (300 MB, usually a minute)"
	run_in "$chroot" apt-get install -y -qq --no-install-recommends \
		make gcc "linux-headers-$1" >"$chroot.log" 2>&1 ||
		{ tail -n 20 "$chroot.log" >&2; die "apt-get install failed"; }
	run_in "$chroot" apt-get clean
}

# unpack_kernel RELEASE DIR: image and modules, laid out in DIR. Which of these
# packages there are has changed over time.
unpack_kernel() {
	local release=$1 to=$2 packages deb image
	mapfile -t packages < <(run_in "$chroot" apt-cache pkgnames linux- |
		grep -xE "linux-(image|binary|modules|base)-${release//+/\\+}")
	rm -rf "$chroot/debs"
	mkdir "$chroot/debs"
	run_in "$chroot" sh -c 'cd /debs && apt-get download -qq -o APT::Sandbox::User=root "$@"' \
		sh "${packages[@]}" >&2 || die "the kernel's packages could not be fetched"
	for deb in "$chroot"/debs/*.deb; do
		dpkg -x "$deb" "$to/root"
	done
	rm -rf "$chroot/debs"
	[[ -e $to/root/lib ]] || ln -s usr/lib "$to/root/lib"
	for image in "boot/vmlinuz-$release" "lib/modules/$release/vmlinuz"; do
		[[ -e $to/root/$image ]] && ln -sfn "root/$image" "$to/vmlinuz"
	done
	[[ -e $to/vmlinuz ]] || die "no image in ${packages[*]}"
	ln -s "$chroot/usr/src/linux-headers-$release" "$to/build"
	depmod -b "$to/root" "$release"
	echo "$release" >"$to/release"
}

# The chroot is made anew for a newer kernel: its compiler is as new as its headers.
fetch() {
	local release work start=$SECONDS
	rm -rf "$dir"
	make_chroot unstable "$chroot"
	run_in "$chroot" apt-get update -qq >&2 || die "apt-get update failed in the chroot"
	release=$(newest_release "$chroot")
	[[ -n $release ]] || skip "unstable offers no cloud kernel with headers"
	install_headers "$release"
	say "fetching Linux $release (60 MB)"
	work=$(mktemp -d "$cache/.newest-XXXXXX")
	# shellcheck disable=SC2064 # the folder of this call
	trap "rm -rf '$work'" EXIT
	unpack_kernel "$release" "$work"
	chmod 755 "$work"
	mv "$work" "$dir"
	trap - EXIT
	say "Linux $release is in $dir ($((SECONDS - start)) s)"
}

complete() { [[ -e $dir/release && -e $dir/build/Makefile ]]; }

ensure() {
	complete && return
	need_chroots
	fetch
}

update() {
	local offered
	if ! complete; then
		ensure
		return
	fi
	need_chroots
	let_apt_out "$chroot"
	if ! run_in "$chroot" apt-get update -qq >&2; then
		say "unstable cannot be reached: staying with Linux $(<"$dir/release")"
		return
	fi
	offered=$(newest_release "$chroot")
	[[ $offered == "$(<"$dir/release")" ]] || fetch
}

build_module() {
	local source=$1 out=$2 name=$3 in=$chroot/build/$3
	need_chroots
	rm -rf "$in/source"
	mkdir -p "$in/source"
	find "$source" -mindepth 1 -maxdepth 1 \( -name Kbuild -o -name '*.[ch]' -o -name netdrv \) \
		-exec cp -r -t "$in/source" {} +
	cp "$here/module.sh" "$in/"
	if ! run_in "$chroot" "/build/$name/module.sh" "/build/$name/source" \
		"/usr/src/linux-headers-$(<"$dir/release")" "/build/$name/out" >"$in/log" 2>&1; then
		tail -n 60 "$in/log" >&2
		die "$name.ko does not build for Linux $(<"$dir/release")"
	fi
	cmp -s "$in/out/$name.ko" "$out/$name.ko" ||
		install -D -m 644 "$in/out/$name.ko" "$out/$name.ko"
	say "$name.ko for Linux $(<"$dir/release") is in $out"
}

main() {
	local verb=${1:-}
	# Whoever only asks where it is need not wait for a build.
	if [[ $verb == ensure ]] && complete; then
		echo "$dir"
		return
	fi
	mkdir -p "$cache" "$chroots"
	# One at a time: two tests may ask at once.
	exec 9>"$chroots/.lock"
	flock 9
	case $verb in
	ensure | update) "$verb"; echo "$dir" ;;
	module)
		(($# == 3 || $# == 4)) || die "usage: newest.sh module SOURCE OUT [NAME]"
		update
		build_module "$2" "$3" "${4:-plait}" ;;
	*) die "unknown verb '$verb': ensure, update or module" ;;
	esac
}

main "$@"
