# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
# `run install` and `run uninstall`: this machine's own kernel and tools. Every
# path is told before anything is written, and nothing else is touched.

running=$(uname -r)
module_path=/lib/modules/$running/updates/plait.ko
staged=$top/build/install

# What will be written: the module, and what CMake's install rules staged.
installed_paths() {
	echo "$module_path"
	(cd "$staged" 2>/dev/null && find . \( -type f -o -type l \) | sed 's|^\.||' | LC_ALL=C sort)
}

# confirm "question" ARGUMENTS: y on a terminal, or --yes among the arguments.
confirm() {
	local question=$1 answer argument
	shift
	for argument; do
		[[ $argument != --yes ]] || return 0
	done
	[[ -t 0 ]] || die "no terminal to ask on: say --yes to go on without a question"
	read -r -p "$question [y/N] " answer
	[[ $answer == [yY]* ]] || die "nothing was changed"
}

stage_install() {
	rm -rf "$staged"
	(cd "$top" && cmake --preset release -B build/host -DPLAIT_MODULES=OFF \
		-DPLAIT_GUEST_TESTS=OFF -DPLAIT_BENCH=OFF) &&
		cmake --build "$top/build/host" &&
		DESTDIR=$staged cmake --install "$top/build/host" --prefix /usr &&
		"$top/packaging/host/module.sh" "$top" "/lib/modules/$running/build" "$top/build/kmod-host"
}

install_here() {
	[[ -e /lib/modules/$running/build/Makefile ]] ||
		need_packages "build for the running kernel" "linux-headers-$running"
	need_packages "build" "${packages_build[@]}"
	step install "building tools, and plait.ko for the running Linux $running" "2 minutes" stage_install
	say "this will write:"
	installed_paths | sed 's/^/    /'
	say "and run depmod. ./run uninstall takes all of it away again."
	confirm "Install?" "$@"
	local path
	installed_paths | while IFS= read -r path; do
		if [[ $path == "$module_path" ]]; then
			as_root install -D -m 644 "$top/build/kmod-host/plait.ko" "$path"
		elif [[ -L $staged$path ]]; then
			as_root mkdir -p "${path%/*}"
			as_root cp -P "$staged$path" "$path"
		else
			as_root install -D -m "$(stat -c %a "$staged$path")" "$staged$path" "$path"
		fi
	done
	as_root depmod "$running"
	say "installed. Try: sudo modprobe plait; ip link help plait; man plaitctl"
}

uninstall_here() {
	local path present=()
	while IFS= read -r path; do
		[[ ! -e $path && ! -L $path ]] || present+=("$path")
	done < <(installed_paths)
	((${#present[@]})) || die "nothing of plait is installed (as ./run install from this tree does)"
	say "this will delete:"
	printf '    %s\n' "${present[@]}"
	[[ ! -d /sys/module/plait ]] || say "and unload plait, which deletes all its devices."
	confirm "Uninstall?" "$@"
	[[ ! -d /sys/module/plait ]] || as_root modprobe -r plait || die "plait is in use"
	as_root rm -f "${present[@]}"
	as_root depmod "$running"
	say "uninstalled"
}
