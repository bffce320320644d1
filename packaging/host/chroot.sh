# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
# Debian chroots in the cache, for what is not to be built or installed on this
# machine: made by debootstrap from the mirror that the machine's own apt uses.
# Sourced; its caller has say and die.

chroots=${XDG_CACHE_HOME:-$HOME/.cache}/plait/chroots

# Exit status of what cannot be done here; ctest calls it skipped.
readonly EXIT_SKIP=77

skip() { say "skipped: $*"; exit $EXIT_SKIP; }

# Exits as skipped, with the reason, where chroots cannot be made.
need_chroots() {
	((EUID == 0)) || skip "a chroot wants root"
	command -v debootstrap >/dev/null || skip "debootstrap is not installed"
	unshare --mount true 2>/dev/null || skip "this machine allows no mount namespace"
	mkdir -p "$chroots"
}

# debian_sources: "URI codename" of the machine's own Debian suites, one a line.
debian_sources() {
	# shellcheck disable=SC2016 # apt's own words
	apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' \
		'Origin: Debian' 'Component: main'
}

# The mirror that the machine's own release comes from.
debian_mirror() {
	local codename sources
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	sources=$(debian_sources)
	if [[ -z $sources ]]; then
		apt-get update -qq >&2 || true
		sources=$(debian_sources)
	fi
	awk -v "codename=$codename" '$2 == codename { print $1; exit }' <<<"$sources"
}

# run_in ROOT COMMAND...: in the chroot, with /proc there as long as it runs.
run_in() {
	local root=$1
	shift
	# shellcheck disable=SC2016 # for the shell within
	env -u TMPDIR LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		unshare --mount sh -ec \
		'root=$1; shift; mount -t proc proc "$root/proc"; exec chroot "$root" "$@"' \
		sh "$root" "$@"
}

# let_apt_out ROOT: apt in the chroot reaches the mirror as the machine's own does.
let_apt_out() {
	cp /etc/resolv.conf /etc/hosts "$1/etc/"
	apt-config dump | grep -E '^Acquire::(http|https|Retries|Check-Valid-Until|ForceIPv)' \
		>"$1/etc/apt/apt.conf.d/00host" || true
}

# newer_keyring DIR: Debian's keys as the machine's own, verified, apt has them now.
newer_keyring() {
	(cd "$1" && apt-get download -qq -o APT::Sandbox::User=root debian-archive-keyring) >&2 &&
		dpkg -x "$1"/debian-archive-keyring_*.deb "$1"
}

# bootstrap SUITE KEYRING ROOT MIRROR: into ROOT, with its log in ROOT.log. Return:
# 1 failed, 2 the mirror has no such suite, 3 it is signed by a key not in KEYRING.
bootstrap() {
	rm -rf "$3"
	debootstrap --variant=minbase --keyring="$2" "$1" "$3" "$4" >"$3.log" 2>&1 && return
	case $(<"$3.log") in
	*"Failed getting release file"*) return 2 ;;
	*"unknown key"* | *"Invalid Release signature"*) return 3 ;;
	*) return 1 ;;
	esac
}

# make_chroot SUITE ROOT: a minimal Debian in ROOT, as a whole or not at all. Fails
# as skipped if the machine's mirror does not offer the suite.
make_chroot() (
	local suite=$1 root=$2 mirror work code=0
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	mirror=$(debian_mirror)
	[[ -n $mirror ]] || skip "apt knows no Debian mirror on this machine"
	say "making a chroot of Debian $suite (300 MB, usually a minute)"
	work=$(mktemp -d "$chroots/.make-XXXXXX")
	trap 'rm -rf "$work"' EXIT
	bootstrap "$suite" "$keyring" "$work/root" "$mirror" || code=$?
	if ((code == 3)); then
		say "Debian $suite is signed by a key that this machine lacks: looking for newer keys"
		if newer_keyring "$work"; then
			code=0
			bootstrap "$suite" "$work$keyring" "$work/root" "$mirror" || code=$?
		fi
	fi
	((code == 0)) || tail -n 20 "$work/root.log" >&2
	case $code in
	0) ;;
	2) skip "the mirror does not offer Debian $suite, or cannot be reached" ;;
	3) die "Debian $suite is signed by a key that Debian's keyring for this release does not have" ;;
	*) die "debootstrap failed" ;;
	esac
	let_apt_out "$work/root"
	rm -rf "$root"
	mv "$work/root" "$root"
)
