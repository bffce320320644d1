# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
# What the host needs of Debian, by purpose. need_packages installs only what is
# lacking, says what and why, and asks apt for its lists at most once a run.

packages_build=(cmake ninja-build g++ gcc-12 make libc6-dev libelf1 libssl3 xz-utils kmod pkg-config
	libmnl-dev nlohmann-json3-dev)
packages_test=(libgtest-dev libgmock-dev gcovr python3-cryptography)
packages_guest=(qemu-system-x86 busybox-static cpio kmod xz-utils iproute2 iputils-ping iperf3
	tcpdump ethtool nftables wireguard-tools socat libbpf1)
packages_bench=(libbenchmark-dev)

apt_lists_asked=

# need_packages "purpose" package...
need_packages() {
	local purpose=$1 package missing=() sudo=()
	shift
	for package in "$@"; do
		[[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
			missing+=("$package")
	done
	((${#missing[@]})) || return 0
	if ((EUID != 0)); then
		sudo=(sudo)
		command -v sudo >/dev/null ||
			die "to $purpose, please install as root: apt-get install ${missing[*]}"
	fi
	say "to $purpose, installing from Debian: ${missing[*]}"
	if [[ -z $apt_lists_asked ]]; then
		"${sudo[@]}" apt-get update -qq || die "apt-get update failed"
		apt_lists_asked=yes
	fi
	"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		"${missing[@]}" >/dev/null || die "apt could not install: ${missing[*]}"
}
