#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `./run demo`: what plait does, step by step, on the two hosts of topology.sh.
# The guest's clock counts instructions (boot.sh --icount): one is a nanosecond, so
# a rate "per second" is one per 10^9 instructions, on any machine, loaded or not.
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
rows=()

row() { rows+=("$(printf '%-34s %16s   %s' "$1" "$2" "$3")"); }
counter() { ip netns exec b ethtool -S plait0 | awk -v n="$1:" '$1 == n { print $2 }'; }
mbit() { iperf_number bits_per_second | awk '{ printf "%.0f", $1 / 1e6 }'; }

chapter() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# tcp ADDRESS: one stream for a virtual second, in Mbit per 10^9 instructions.
tcp() { iperf a b "$1" -t 1 -O 0.2 >/dev/null 2>&1; mbit; }

# forged COUNTER "what it is" MODE COUNT [options]: hostile datagrams, and who counted them.
forged() {
	local name=$1 what=$2 before after
	shift 2
	before=$(counter "$name")
	ip netns exec a plait-forge "$@" --to 192.0.2.2 --port $((PORT + 1)) \
		--session "0x12:0:$work/key-1-there" --seed 1 >/dev/null 2>&1
	reached() { after=$(counter "$name"); ((after > before)); }
	wait_for "$name to move" reached
	printf '   %-44s %s +%d\n' "$what" "$name" $((after - before))
	row "$what" "$((after - before)) dropped" "$name"
}

chapter "1. Two hosts, one tunnel"
sed -n '/^#   ┌ a/,/^#   └/s/^#//p' /plait/tests/guest/topology.sh
topology_pair

chapter "2. Ping, TCP and UDP through it"
a ping -c 3 -i 0.2 -s 1000 10.7.0.2
pings a fd07::2 65000
file_over_tcp a b 10.7.0.2 4
echo "   4 MiB of random bytes by TCP: SHA-256 is the same"
checked_udp a b fd07::2 4 250 1000 2000

chapter "3. What the underlay shows: nothing of it"
secret="the quick brown fox jumps over the lazy dog"
ip netns exec b tcpdump -i eth0 -c 3 -n -w "$work/wire" udp port $((PORT + 1)) 2>"$work/tcpdump" &
capture=$!
wait_for "tcpdump" grep -q listening "$work/tcpdump"
ip netns exec a ping -q -c 3 -i 0.02 -p "$(printf %s "${secret::16}" | od -An -tx1 | tr -d ' \n')" 10.7.0.2 >/dev/null
wait "$capture"
b tcpdump -n -t -x -r "$work/wire" -c 1 2>/dev/null
if grep -qa "${secret::12}" "$work/wire"; then fail "the ping's pattern can be read on the wire"; fi
echo "   each ping carried \"${secret::16}\" many times; the capture does not hold it once"

chapter "4. Strangers and vandals: dropped, and counted for what they are"
forged port_short "cut short" mutate 100 --only port_short
forged port_index "sealed for nobody here" random 100 --only port_index
forged rx_tag "header changed" mutate 100 --only rx_tag
forged rx_auth "payload changed" mutate 100 --only rx_auth
forged rx_duplicate "replayed" replay 100
pings a 10.7.0.2 1000
echo "   and the tunnel still works"

chapter "5. TCP, one stream, in Mbit per 10^9 instructions (both hosts together)"
veth=$(tcp 192.0.2.2)
plait=$(tcp 10.7.0.2)
topology_gone
TUNNEL=wireguard topology_pair >/dev/null 2>&1
pings a 10.7.0.2 64
wireguard=$(tcp 10.7.0.2)
row "TCP, no tunnel (veth)" "$veth" "Mbit per 10^9 instructions"
row "TCP, WireGuard" "$wireguard" "Mbit per 10^9 instructions"
row "TCP, plait" "$plait" "$(awk -v p="$plait" -v w="$wireguard" 'BEGIN { printf "%.1f x WireGuard", p / w }')"

chapter "All of it"
printf '%s\n' "${rows[@]}"
