#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# link_plait.so in a real `ip`: every symbol it needs is there, and `ip` shows our help
# and our refusals. Arguments: link_plait.so, then an ip, or a Debian suite, whose ip is
# fetched and run with that suite's own libraries.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

so=$1 ip=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*" >&2
	exit 1
}

if [[ $2 == */* ]]; then
	run_ip=("$ip")
else
	suite=$("$here/iproute2_of.sh" "$2") || exit
	ip=$suite/ip
	run_ip=("$suite/ld.so" --library-path "$suite/lib" "$ip")
fi
"${run_ip[@]}" -V

# Versioned symbols are the C library's, weak ones may be missing.
nm -D --undefined-only "$so" | awk '$1 == "U" && $2 !~ /@/ { print $2 }' | sort -u >"$work/wanted"
nm -D --defined-only "$ip" | awk '{ print $NF }' | sort -u >"$work/exported"
missing=$(comm -23 "$work/wanted" "$work/exported")
[[ -s $work/wanted ]] || die "$so wants nothing of ip: not the file it should be"
[[ -z $missing ]] || die "$ip does not export: $missing"
nm -D --defined-only "$so" | awk '{ print $NF }' | sort >"$work/ours"
[[ "$(<"$work/ours")" == plait_link_util ]] ||
	die "exported besides plait_link_util: $(<"$work/ours")"
echo "$(wc -l <"$work/wanted") symbols of ip, all there"

IP_LIB_DIR=$(cd "${so%/*}" && pwd)
export IP_LIB_DIR

# helps WORDS...: ip shows our help, with every word.
helps() {
	local word
	"${run_ip[@]}" "$@" >"$work/help" 2>&1 || true
	for word in plait local remote port remote-port dev lanes window fwmark dscp fragment; do
		grep -qw -e "$word" "$work/help" || die "ip $*: no word $word in: $(<"$work/help")"
	done
}
helps link help plait
helps link add type plait help

# refused SENTENCE WORDS...: `ip link add` complains before it asks the kernel.
refused() {
	local expected=$1
	shift
	if "${run_ip[@]}" link add p type plait "$@" >"$work/out" 2>&1; then die "accepted: $*"; fi
	grep -qF -e "$expected" "$work/out" || die "$*: said: $(<"$work/out")"
}
refused "not a UDP port, 1 to 65535" port 0
refused "not a UDP port, 1 to 65535" port 65536
refused "not an IPv4 or IPv6 address" remote 192.0.2
refused "no such interface" dev nonesuch
refused "not a number" lanes many
refused "not a DSCP, 0 to 63 or inherit" dscp 64
refused "neither on nor off" fragment maybe
refused 'unknown option "id"' id 5
refused duplicate port 1 port 2
refused required remote
