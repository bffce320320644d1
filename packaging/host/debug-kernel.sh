#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# debug-kernel.sh CACHE [--no-build]: prints the folder of the debug kernel, CACHE/debug-HASH, the
# hash being that of tests/guest/debug.config: Linux 6.12 of Debian's linux-source.
# Builds it if it is not there or apt has a newer source, and lays it out as kernels.sh
# does. Called by that (`kernels.sh ensure debug`), under its lock; --no-build fails instead.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
config=$here/../../tests/guest/debug.config
series=6.12
package=linux-source-$series
config_hash=$(sha256sum <"$config" | cut -c 1-8)
dir=$1/debug-$config_hash

say() { echo "kernels: $*" >&2; }
die() { say "$*"; exit 1; }
there() { echo "$dir"; exit; }

source_version() { apt-cache policy "$package" | sed -n 's/^ *Candidate: \([0-9].*\)$/\1/p'; }

# look: prints the folder and is done, if it is there and right; else $version is to be built.
look() {
	local built
	built=$(cat "$dir/version" 2>/dev/null || true)
	if [[ ${1:-} == --no-build ]]; then
		[[ -z $built ]] || there
		exit 1
	fi
	# What apt offers can have changed only if its lists have.
	[[ -z $built || /var/lib/apt/lists -nt $dir/version ]] || there
	version=$(source_version)
	if [[ -z $version ]]; then
		# Without lists, the source that was used is the newest that is known of.
		[[ -z $built ]] || there
		say "asking apt for its lists, to find $package"
		apt-get update -qq >&2
		version=$(source_version)
		[[ -n $version ]] || die "apt offers no $package"
	fi
	if [[ $built == "$version" ]]; then
		touch "$dir/version"
		there
	fi
}

in_tree() { make -C "$work/tree" -j"$(nproc)" CC="ccache gcc-12" HOSTCC="ccache gcc-12" "$@" >&2; }

build() {
	local tool
	for tool in flex bison bc gcc-12 ccache; do
		command -v $tool >/dev/null || die "the debug kernel's build needs $tool: ./run test installs it"
	done
	say "building the debug kernel from $package $version (about 15 minutes on two cores)"
	"$here/kernel-source.sh" unpack "$series" "$work/tree"

	# Paths are relative in the tree and nothing is dated, so ccache knows files again.
	export CCACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plait/ccache CCACHE_NOHASHDIR=1
	export CCACHE_MAXSIZE=1G KBUILD_BUILD_TIMESTAMP=1970-01-01 KBUILD_BUILD_USER=plait
	export KBUILD_BUILD_HOST=plait LOCALVERSION=-debug-$config_hash
	in_tree KCONFIG_ALLCONFIG="$config" allnoconfig
	! grep '^CONFIG_' "$config" | grep -vxFf "$work/tree/.config" >&2 ||
		die "Kconfig did not take these lines of $config: what they depend on is lacking"
	# kmemleak walks KASAN's table of stack traces, a million lists: fewer are enough.
	sed -i 's/^\(#define STACK_BUCKET_NUMBER_ORDER_MAX\) 20$/\1 14/' "$work/tree/lib/stackdepot.c"
	grep -q 'NUMBER_ORDER_MAX 14$' "$work/tree/lib/stackdepot.c" || die "lib/stackdepot.c is another"
	in_tree vmlinux modules
}

# lay_out: what is kept of the tree, in $work/dir, as kernels.sh says.
lay_out() {
	local release headers root=$work/dir/root
	release=$(<"$work/tree/include/config/kernel.release")
	headers=usr/src/linux-headers-$release
	mkdir -p "$root/boot" "$root/$headers"
	# QEMU boots an ELF file by its PVH entry, and nothing has to be unpacked.
	objcopy -S "$work/tree/vmlinux" "$root/boot/vmlinuz-$release"
	cp "$work/tree/.config" "$root/boot/config-$release"
	cp "$work/tree/System.map" "$root/boot/System.map-$release"
	in_tree INSTALL_MOD_PATH="$root" DEPMOD=true modules_install
	# The kernel's own way to make what out-of-tree modules are built against.
	in_tree run-command KBUILD_RUN_COMMAND="+scripts/package/install-extmod-build $root/$headers"
	# They must have the compiler that the kernel had, as with Debian's headers.
	# shellcheck disable=SC2016 # make's own variable
	sed -i 's/^\(CC\t*= \$(CROSS_COMPILE)gcc\)$/\1-12/' "$root/$headers/Makefile"
	grep -q ')gcc-12$' "$root/$headers/Makefile" || die "no line for CC in the kernel's Makefile"

	ln -sfn "$dir/root/$headers" "$root/lib/modules/$release/build"
	ln -sfn "root/$headers" "$work/dir/build"
	ln -sfn "root/boot/vmlinuz-$release" "$work/dir/vmlinuz"
	echo "$release" >"$work/dir/release"
	echo "$version" >"$work/dir/version"
	chmod 755 "$work/dir"
}

# All of it is read before it is run: a pull meanwhile may change this file.
main() {
	local start=$SECONDS
	look "${2:-}"
	work=$(mktemp -d "$1/.debug-XXXXXX")
	trap 'rm -rf "$work"' EXIT
	build
	lay_out
	rm -rf "$dir"
	mv "$work/dir" "$dir"
	# Those of other configurations, and not used for a fortnight, go.
	find "$1" -maxdepth 1 -name 'debug-*' ! -path "$dir" -mtime +14 -exec rm -rf {} +
	say "the debug kernel is in $dir ($((SECONDS - start)) s, $(du -sh "$dir" | cut -f 1))"
	there
}

main "$@"
