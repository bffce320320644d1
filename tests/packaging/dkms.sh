#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dkms.sh KERNEL PAYLOAD CONSOLE: the release archive as an administrator would
# use it, in a chroot of this Debian release: unpacked into /usr/src, added to
# DKMS, built and installed for Linux KERNEL, taken away, and installed again as an
# upgrade of the kernel would. Then a guest loads that very plait.ko and pings
# through a tunnel. 77, with the reason, where there can be no chroot.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
top=$(cd "$here/../.." && pwd)
kernel=$1 payload=$2 console=$3
say() { echo "dkms: $*" >&2; }
die() { say "$*"; exit 1; }
# shellcheck source=packaging/host/chroot.sh
source "$top/packaging/host/chroot.sh"

need_chroots
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
chroot=$chroots/$suite-dkms
release=$("$top/packaging/host/kernels.sh" ensure "$kernel")/release
release=$(<"$release")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# need_installed PACKAGE...: in the chroot, from the suites that this machine uses.
need_installed() {
	local status
	# shellcheck disable=SC2016 # dpkg's own words
	status=$(run_in "$chroot" dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null || true)
	[[ $(grep -cx installed <<<"$status") != "$#" ]] || return 0
	say "installing $* in the chroot (usually a minute)"
	let_apt_out "$chroot"
	debian_sources | while read -r uri codename; do
		echo "deb $uri $codename main"
	done >"$chroot/etc/apt/sources.list"
	run_in "$chroot" sh -ec 'apt-get update -qq
		apt-get install -y -qq --no-install-recommends "$@"
		apt-get clean' sh "$@" >"$work/apt.log" 2>&1 || {
		tail -n 20 "$work/apt.log" >&2
		die "apt-get install failed; if it is $release that is gone: kernels.sh update $kernel"
	}
}

dkms() { run_in "$chroot" dkms "$@"; }

# expect_status WORD: what DKMS says of plait on this kernel.
expect_status() {
	local status
	status=$(dkms status "plait/$version" -k "$release")
	[[ $status == *": $1"* ]] || die "dkms status: '${status}', expected $1"
}

# DKMS compresses a module if the kernel's own are.
installed() { find "$chroot/lib/modules/$release/updates/dkms" -name 'plait.ko*' 2>/dev/null; }

exec 9>"$chroots/.dkms-lock"
flock 9
[[ -e $chroot/usr/bin/apt-get ]] || make_chroot "$suite" "$chroot"
need_installed dkms make "linux-headers-$release"

archive=$("$top/packaging/dkms/dist.sh" "$work")
version=${archive##*/plait-}
version=${version%.tar.xz}
rm -rf "$chroot"/var/lib/dkms/plait "$chroot"/usr/src/plait-* "$chroot"/lib/modules/*/updates
tar -C "$chroot/usr/src" -xf "$archive"
dkms add "plait/$version"
if ! dkms build "plait/$version" -k "$release"; then
	cat "$chroot/var/lib/dkms/plait/$version/build/make.log" >&2
	die "DKMS does not build plait for Linux $release"
fi
dkms install "plait/$version" -k "$release"
expect_status installed
[[ -s $(installed) ]] || die "no plait.ko in updates/dkms after dkms install"

dkms uninstall "plait/$version" -k "$release"
expect_status built
[[ -z $(installed) ]] || die "$(installed) is still there after dkms uninstall"
say "installing the kernel's headers runs this:"
run_in "$chroot" /etc/kernel/header_postinst.d/dkms "$release" "/boot/vmlinuz-$release"
expect_status installed

mkdir -p "$work/payload/kmod/$kernel"
cp -r "$payload/usr" "$work/payload/"
built=$(installed)
case $built in
*.ko) cp "$built" "$work/payload/kmod/$kernel/plait.ko" ;;
*.ko.xz) xz -dc "$built" >"$work/payload/kmod/$kernel/plait.ko" ;;
*) die "what DKMS installed is '$built'" ;;
esac
dkms remove "plait/$version" --all
flock -u 9

say "loading it in a guest"
"$top/tests/guest/boot.sh" --kernel "$kernel" --payload "$work/payload" --timeout 600 \
	--console "$console" -- bash /plait/tests/guest/t/ping_sizes.sh
say "loaded in a guest, and pinged through"
