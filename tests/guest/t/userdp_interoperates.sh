#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plait.ko and bench/userdp, the same wire format in user space, understand one another.
#
# Host a has plait.ko's device, host b has plait-userdp's TUN. With both ciphers, over
# IPv4 and IPv6: pings of every kind, a file each way over TCP, UDP with every packet's
# place and contents checked. plait.ko must have found nothing to drop.
# debug: no, what is under test runs in user space
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

modprobe tun

# tunnel_userdp NUMBER  NS DEV OUTER_ADDRESS  NS DEV OUTER_ADDRESS: as tunnel_plait, but
# the second end is plait-userdp's, on one CPU: a veth keeps no order between what two CPUs
# send, so a program that the scheduler moves would seem to disorder a flow.
tunnel_userdp() {
	local n=$1
	tunnel_plait "$@"
	in_ns "$5" ip link del "$6"
	in_ns "$5" taskset 1 plait-userdp --tun "$6" --local "$7" --remote "$4" --port $((PORT + n)) \
		--local-index "0x${n}2" --remote-index "0x${n}1" --cipher "$CIPHER" \
		--tx-key "$work/key-$n-back" --rx-key "$work/key-$n-there" &
	wait_for "$6 of plait-userdp" ip -n "$5" link show "$6"
	# Room for all packets of a flow: on a loaded machine the program may stand still while
	# the flow goes on, and 500 packets, a TUN's usual queue, are soon there.
	ip -n "$5" link set "$6" txqueuelen 2000
}

both_ways() {
	topology_pair
	expect_equal "MTU of both ends" "$(mtu_of a plait0)" "$(mtu_of b plait0)"
	local there back size
	for size in 64 1360 20000; do
		pings a 10.7.0.2 $size
		pings b fd07::1 $size
	done
	while read -r there back; do
		file_over_tcp a b "$there" 2
		file_over_tcp b a "$back" 2
		checked_udp a b "$there" 4 250 1000 2000
		checked_udp b a "$back" 4 250 1000 2000
		checked_udp a b "$there" 1 1000 1200 4000 gso 20
		checked_udp b a "$back" 1 1000 1200 4000 gso 20
	done <<-'END'
		10.7.0.2 10.7.0.1
		fd07::2 fd07::1
	END
	expect_more "TCP segments that plait.ko merged" 100 "$(counter_of a plait0 rx_merged)"
	expect_equal "drops of plait.ko" "" "$(drops_of a plait0)"
	topology_gone
}

export TUNNEL=userdp
for words in "4 chacha20-poly1305" "6 aes-256-gcm"; do
	read -r OUTER CIPHER <<<"$words"
	both_ways
done
