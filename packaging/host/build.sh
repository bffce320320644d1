# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
# Building for `run`: kernels into the cache, then a CMake preset.

kernels=(6.1 6.12)           # and debug, if it is wanted

fetch_kernels() {
	local kernel
	for kernel in "${kernels[@]}"; do
		"$top/packaging/host/kernels.sh" ensure "$kernel" >/dev/null ||
			die "Linux $kernel could not be fetched"
	done
}

# The debug kernel is built here, which takes long: it is begun beside other work, and
# debug_kernel_ready waits for that (by the lock that kernels.sh takes).
begin_debug_kernel() {
	need_packages "build the debug kernel" "${packages_build[@]}" "${packages_debug[@]}"
	"$top/packaging/host/kernels.sh" ensure debug >"$logs/kernel-debug-begun.log" 2>&1 </dev/null &
	kernels+=(debug)
}
debug_kernel_ready() {
	step kernel-debug "the debug kernel" "15 minutes, no time if it is in the cache" \
		"$top/packaging/host/kernels.sh" ensure debug
}
use_debug_kernel_if_there() {
	[[ " ${kernels[*]} " != *" debug "* ]] || return 0
	! "$top/packaging/host/kernels.sh" has debug || kernels+=(debug)
}

# Objects are kept in the cache by ccache, whatever folder the tree is cloned to.
configure_and_build() { # PRESET
	export CCACHE_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/plait/ccache
	export CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=1G
	cd "$top" && cmake --preset "$1" -DCMAKE_C_COMPILER_LAUNCHER=ccache \
		-DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
		-DPLAIT_KERNELS="$(IFS=';'; echo "${kernels[*]}")" && cmake --build --preset "$1"
}

# What ships and what guests run: tools, plait.ko for each kernel, guest tools.
build_release() {
	need_packages "build" "${packages_build[@]}"
	use_debug_kernel_if_there
	fetch_kernels
	step build-release "building tools and plait.ko for Linux ${kernels[*]}" \
		"2 to 5 minutes, seconds if nothing changed" configure_and_build release
}

# plait.ko for Debian unstable's kernel, where guests look for it.
build_newest() {
	need_packages "make chroots" "${packages_chroot[@]}"
	step newest "getting the newest kernel, and building plait.ko for it" \
		"seconds, 3 minutes the first time" "$top/packaging/host/newest.sh" module \
		"$top" "$top/build/release/payload/kmod/newest"
}
