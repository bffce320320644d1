#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whatever is combined works: IPv4 and IPv6, inside and outside, each cipher, one
# lane and four.
#
# Two hosts, one tunnel: topology_pair. Each pair of choices occurs; with PLAIT_FULL all
# combinations do. Ping, a file by TCP both ways and checked UDP, and nothing is dropped.
# timeout: 400
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
mib=1 count=100
[[ -z $PLAIT_FULL ]] || { mib=32; count=5000; }

fact() { ip netns exec a cat "/sys/class/net/plait0/plait/$1"; }

# combination OUTER CIPHER LANES: with both families inside.
combination() {
	OUTER=$1 CIPHER=$2 LANES=$3
	topology_pair
	expect_equal "lanes" "$LANES" "$(fact lanes)"
	echo "   sealing: $(fact sealing)"
	case $CIPHER in
	aes-256-gcm) [[ $(fact sealing) == *gcm* ]] ;;
	*) [[ $(fact sealing) == *chacha* ]] ;;
	esac || fail "the cipher is not $CIPHER"
	local before
	before=$(drops_of a plait0; drops_of b plait0)
	pings a 10.7.0.2 1000
	pings b fd07::1 3000
	file_over_tcp a b 10.7.0.2 $mib
	file_over_tcp b a fd07::1 $mib
	checked_udp a b fd07::2 8 $count 200 1000
	checked_udp b a 10.7.0.1 4 $count 1000 1000 gso 10
	expect_equal "drops" "$before" "$(drops_of a plait0; drops_of b plait0)"
	topology_gone
}

chosen=("4 chacha20-poly1305 1" "4 aes-256-gcm 4" "6 chacha20-poly1305 4" "6 aes-256-gcm 1")
[[ -z $PLAIT_FULL ]] || chosen=({4,6}\ {chacha20-poly1305,aes-256-gcm}\ {1,4})
for words in "${chosen[@]}"; do
	read -r outer cipher lanes <<<"$words"
	combination "$outer" "$cipher" "$lanes"
done
