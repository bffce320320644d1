# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
# What the host needs of Debian, by purpose. need_packages installs only what is
# lacking, says what and why, and asks apt for its lists at most once a run.

packages_build=(cmake ninja-build ccache g++ gcc-12 make libc6-dev pkg-config
	libelf1 libssl3 pahole kmod xz-utils                      # Kbuild, outside the packages it comes in
	libnl-3-dev libnl-genl-3-dev libcli11-dev libfmt-dev nlohmann-json3-dev
	clang bpftool libbpf-dev libxdp-dev                       # the XDP filter
	libssl-dev)                                               # plait-forge, a guest tool
packages_debug=(flex bison bc libelf-dev)                         # a kernel's own build
packages_guest=(qemu-system-x86 busybox-static cpio kmod xz-utils iproute2 iputils-ping iperf3
	tcpdump ethtool nftables wireguard-tools socat xdp-tools)
packages_test=(mandoc libgtest-dev libgmock-dev librapidcheck-dev python3-cryptography gcovr
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross
	qemu-user-static
	gnuplot-nox                                               # the report's plots
	python3-yaml python3-jsonschema                           # the kernel's YNL tools
	sparse coccinelle shellcheck clang-format clang-tidy)     # static checks
packages_fuzz=(clang libclang-rt-dev)                             # libFuzzer is in its runtime
packages_chroot=(debootstrap)
packages_bench=(libbenchmark-dev libsodium-dev python3 openvpn openssl)
packages_report=(python3 gnuplot-nox)
packages_dpdk=(libdpdk-dev libipsec-mb-dev)                       # 160 MB

apt_lists_asked=

# need_packages "purpose" package...
need_packages() {
	local purpose=$1 package missing=()
	shift
	for package in "$@"; do
		[[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
			missing+=("$package")
	done
	((${#missing[@]})) || return 0
	say "to $purpose, lacking of Debian: ${missing[*]}"
	if [[ -z $apt_lists_asked ]]; then
		as_root apt-get update -qq || die "apt-get update failed"
		apt_lists_asked=yes
	fi
	step apt "installing ${#missing[@]} packages and what they need" "1 to 2 minutes" \
		as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# as_root COMMAND...: as it is for root, else by sudo.
as_root() {
	if ((EUID == 0)); then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root: $*"
	fi
}
