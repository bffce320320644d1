#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# From its peer a device takes packets of allowed sources alone; the list changes under
# load, and what is allowed before and after does not feel it.
#
#   ┌ a ───────────────────────────┐           ┌ b ────────────────────┐
#   │ plait0  10.7.0.1  fd07::1    │ ═════════►│ plait0: which sources │
#   │ lo      10.9.x.y  fd09:...   │           │ may speak?            │
#   └──────────────────────────────┘           └───────────────────────┘
# topology_pair; a has many addresses, and b sends what it answers back through the tunnel.
# timeout: 500
# debug: full, takes minutes there, and churn changes prefixes too
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
changes=30
[[ -z $PLAIT_FULL ]] || changes=1000

# speak SOURCE [SECONDS TO WAIT]: an echo request from that address of a.
speak() {
	local to=10.7.0.2
	[[ $1 != *:* ]] || to=fd07::2
	ip netns exec a ping -q -c 1 -W "${2:-1}" -I "$1" $to >/dev/null 2>&1
}
dropped() { counter_of b plait0 rx_source; }
other_drops() { drops_of a plait0; drops_of b plait0 | sed '/^rx_source /d'; }

# takes SOURCE...: b answers them, and drops nothing.
takes() {
	local source before
	before=$(dropped)
	for source; do
		wait_for "an answer to $source" speak "$source"
	done
	expect_equal "rx_source while $* spoke" "$before" "$(dropped)"
}
# refuses SOURCE...: b drops what they send, and counts it.
refuses() {
	local source before
	before=$(dropped)
	for source; do
		if speak "$source" 0.1; then fail "$source was answered"; fi
	done
	all_dropped() { (($(dropped) == before + $#)); }
	wait_for "drops of what $* sent" all_dropped "$@"
}

prefix() { b plaitctl prefix "$1" plait0 "${@:2}"; }
list() {
	ip netns exec b plaitctl --json prefix show plait0 | sed -n 's/.*"prefix": *"\([^"]*\)".*/\1/p' |
		sort | paste -sd' '
}

topology_pair
for address in 10.9.0.255 10.9.1.{0,1,127,128,255} 10.9.2.{0,1} 10.10.0.1 \
	fd09::{1,2,3,4} fd09:0:0:{1,2,3}::1 fd09:0:0:1:ffff:ffff:ffff:ffff fd0a::1; do
	ip -n a addr add "$address" dev lo
done
ip -n b route add 10.0.0.0/8 dev plait0
ip -n b -6 route add fd00::/8 dev plait0

say "a new device takes everything"
expect_equal "prefixes" "0.0.0.0/0 ::/0" "$(list)"
takes 10.7.0.1 10.9.1.1 10.10.0.1 fd07::1 fd09::1 fd0a::1

say "a list in its place"
prefix set 10.9.1.0/24 fd09::/64
expect_equal "prefixes" "10.9.1.0/24 fd09::/64" "$(list)"
takes 10.9.1.{0,1,127,128,255} fd09::{1,4}
refuses 10.9.0.255 10.9.2.0 10.7.0.1 10.10.0.1 fd09:0:0:1::1 fd07::1

say "more, and less"
prefix add 10.9.2.1 fd09:0:0:2::/63
takes 10.9.2.1 10.9.1.1 fd09:0:0:{2,3}::1 fd09::1
refuses 10.9.2.0 fd09:0:0:1::1 fd09:0:0:1:ffff:ffff:ffff:ffff
prefix del 10.9.2.1 fd09::/64
takes 10.9.1.1 fd09:0:0:3::1
refuses 10.9.2.1 fd09::1

say "parts that touch, parts in others"
prefix set 10.9.1.0/25 fd09::2/127
takes 10.9.1.127 fd09::{2,3}
refuses 10.9.1.128 fd09::{1,4}
prefix add 10.9.1.128/25 fd09::1
takes 10.9.1.{0,127,128,255} fd09::{1,2,3}
refuses 10.9.0.255 10.9.2.0 fd09::4
prefix set 10.9.0.0/16 10.9.1.0/24 10.9.1.1 fd09::/16 fd09::/48 fd09::1
takes 10.9.2.1 10.9.1.1 10.9.1.255 fd09::{1,2} fd09:0:0:3::1
prefix del 10.9.1.0/24 fd09::/48
takes 10.9.1.1 10.9.1.255 fd09::{1,2}
prefix del 10.9.0.0/16 fd09::/16
takes 10.9.1.1 fd09::1
refuses 10.9.1.255 10.9.2.1 fd09::2 fd09:0:0:3::1

say "one family, or nothing at all"
prefix set 0.0.0.0/0
takes 10.7.0.1 10.10.0.1
refuses fd07::1 fd0a::1
prefix set ::/0 10.9.1.1
takes fd07::1 fd0a::1 10.9.1.1
refuses 10.7.0.1
prefix set none
expect_equal "prefixes" "" "$(list)"
refuses 10.7.0.1 10.9.1.1 fd07::1 fd09::1

say "as many as there may be"
mapfile -t many < <(for ((i = 0; i < 512; i++)); do
	echo "10.$((9 + i / 256)).$((i % 256)).128/25"
	printf 'fd09:0:0:%x::/64\n' $((2 * i + 1))
done)
ip netns exec b plaitctl prefix set plait0 "${many[@]}"
takes 10.9.1.{128,255} fd09:0:0:{1,3}::1 fd09:0:0:1:ffff:ffff:ffff:ffff
refuses 10.9.1.127 10.9.2.0 fd09::1 fd09:0:0:2::1
refused "the device has 1024 prefixes" b plaitctl prefix add plait0 10.7.0.0/24

say "bad requests change nothing"
refused "none stands alone" b plaitctl prefix set plait0 none 10.0.0.0/8
prefix set 10.7.0.0/24 fd07::/64
before=$(list)
refused "the device has this prefix" b plaitctl prefix add plait0 10.7.0.0/24
refused "no such prefix" b plaitctl prefix del plait0 10.7.0.0/25
refused "no such prefix" b plaitctl prefix del plait0 ::/0
refused "bits set behind its length: give 10.7.0.0/24" b plaitctl prefix set plait0 10.7.0.1/24
refused "bits set behind its length: give fd07::/64" b plaitctl prefix add plait0 fd07::1/64
refused "a length of 0 to 32, not 33" b plaitctl prefix add plait0 10.7.0.0/33
refused "a length of 0 to 128, not 129" b plaitctl prefix add plait0 fd07::/129
refused "bogus" b plaitctl prefix set plait0 10.8.0.0/24 bogus
refused "at most 1024 prefixes" b plaitctl prefix set plait0 "${many[@]}" "${many[@]}" "${many[@]}"
refused "more than 1024 prefixes" b plaitctl prefix set plait0 "${many[@]}" 10.7.0.0/24
refused "plait9" b plaitctl prefix add plait9 10.8.0.0/24
refused "CAP_NET_ADMIN is needed" ip netns exec b busybox unshare -U plaitctl prefix add plait0 10.8.0.0/24
expect_equal "prefixes" "$before" "$(list)"
takes 10.7.0.1 fd07::1
refuses 10.9.1.1 fd09::1

say "changes under load"
before=$(other_drops)
refused_before=$(dropped)
rate=$((400 / PLAIT_SLOWNESS))
# A veth keeps no order between the CPUs that send.
udp_demand=whole
udp_begin a b 10.7.0.2 2 300 $rate
udp_begin a b fd07::2 2 900 $rate gso 10
background a ping -q -i 0.02 -I 10.10.0.1 10.7.0.2
background a ping -q -i 0.02 -I fd0a::1 fd07::2
for ((i = 1; i <= changes; i++)); do
	case $((i % 6)) in
	0) prefix set 10.7.0.0/24 fd07::/64 ;;
	1) prefix set 10.7.0.0/25 10.0.0.0/13 fd07::/16 ::/1 ;;
	2) prefix set 10.7.0.1 fd07::1 ;;
	3) prefix add 10.7.0.0/24 fd07::/64 ;;
	4) prefix del 10.7.0.1 fd07::1 ;;
	5) ip netns exec b plaitctl prefix set plait0 10.7.0.0/24 fd07::/64 "${many[@]:0:1000}" ;;
	esac
done
udp_end
expect_equal "other drops" "$before" "$(other_drops)"
expect_more "packets of refused sources dropped meanwhile" "$refused_before" "$(dropped)"
file_over_tcp a b 10.7.0.2 1
file_over_tcp b a fd07::1 1
say "done"
