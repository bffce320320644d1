#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# link_plait.so in a real `ip`: every symbol it needs is there, and `ip` shows our help
# and our refusals. Arguments: link_plait.so, ip.
set -eu

so=$1 ip=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

die() {
	echo "$*" >&2
	exit 1
}

# Versioned symbols are the C library's, weak ones may be missing.
nm -D --undefined-only "$so" | awk '$1 == "U" && $2 !~ /@/ { print $2 }' | sort -u >"$work/wanted"
nm -D --defined-only "$ip" | awk '{ print $NF }' | sort -u >"$work/exported"
missing=$(comm -23 "$work/wanted" "$work/exported")
[ -s "$work/wanted" ] || die "$so wants nothing of ip: not the file it should be"
[ -z "$missing" ] || die "$ip does not export: $missing"
nm -D --defined-only "$so" | awk '{ print $NF }' | sort >"$work/ours"
[ "$(cat "$work/ours")" = plait_link_util ] || die "exported besides plait_link_util: $(cat "$work/ours")"

IP_LIB_DIR=$(dirname "$so")
export IP_LIB_DIR
"$ip" link help plait >"$work/help" 2>&1 || die "ip link help plait failed: $(cat "$work/help")"
for word in plait local remote port remote-port dev lanes window; do
	grep -qw -e "$word" "$work/help" || die "no word $word in the help"
done

# refused WORDS...: `ip link add` complains before it asks the kernel.
refused() {
	expected=$1
	shift
	if "$ip" link add p type plait "$@" >"$work/out" 2>&1; then die "accepted: $*"; fi
	grep -qF -e "$expected" "$work/out" || die "$*: said: $(cat "$work/out")"
}
refused "not a UDP port, 1 to 65535" port 0
refused "not a UDP port, 1 to 65535" port 65536
refused "not an IPv4 or IPv6 address" remote 192.0.2
refused "no such interface" dev nonesuch
refused "not a number" lanes many
refused 'unknown option "id"' id 5
refused duplicate port 1 port 2
refused required remote
