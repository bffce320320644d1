#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `./run demo` shows: two hosts, a tunnel, traffic, what an eavesdropper sees,
# what a vandal achieves, and the price beside WireGuard. All figures in the table at
# the end are of this very run.
set -uo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

readonly SECRET='The quick brown fox jumps over the lazy dog, in clear.'
readonly WIRE_DUMP="$work/wire.pcap" TUNNEL_DUMP="$work/tunnel.pcap"
bold='' red='' plain=''
[[ -z ${DEMO_COLOUR:-} ]] || bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
part=0 failures=0

heading() { printf '\n%s%d. %s%s\n\n' "$bold" $((++part)) "$*" "$plain"; }
tell() { printf '%s\n' "$*" | fold -s -w 88 | sed 's/ $//'; }

# shown "what" COMMAND...: runs a step, whose last words go into the table.
shown() {
	local what=$1 result=ok
	shift
	: >"$work/figure"
	if ! ("$@") 2>&1; then
		result="${red}FAILED$plain"
		((failures++))
	fi
	printf '%s\t%s\t%s\n' "$what" "$result" "$(<"$work/figure")" >>"$work/table"
}
figure() { printf '%s' "$*" >"$work/figure"; }

counter() { ip netns exec "$1" ethtool -S plait0 | awk -v c="$2:" '$1 == c { print $2 }'; }

# --- steps -----------------------------------------------------------------------

two_devices() {
	a ip -d link show plait0 || fail "no plait0 in a"
	b ip -d link show plait0 || fail "no plait0 in b"
	figure "MTU $(mtu_of a plait0) on $UNDERLAY_MTU"
}

ping_both() { # FAMILY ADDRESS
	in_ns a ping "-$1" -c 3 -i 0.2 "$2" | tee "$work/ping" || fail "ping"
	figure "$(sed -n 's/.*transmitted, \(.*\) packets received.*/\1/p; s/.*transmitted, \([0-9]*\) received.*/\1/p' \
		"$work/ping") of 3 answered"
}

tcp_file() {
	local before
	before=$(counter b rx_merged)
	file_over_tcp a b 10.7.0.2 4
	echo "   sent:     $(sha256sum <"$work/sent" | cut -c1-64)"
	echo "   received: $(sha256sum <"$work/received" | cut -c1-64)"
	figure "4 MiB, same SHA-256; $(($(counter b rx_merged) - before)) segments merged"
}

tcp_iperf() {
	iperf a b fd07::2 -n 8M
	local rate
	rate=$(iperf_number bits_per_second | awk '{ printf "%.0f", $1 / 1e6 }')
	echo "   8 MiB over IPv6, $rate Mbit/s"
	figure "$rate Mbit/s on a CPU of 10^9 instructions/s"
}

udp_iperf() {
	iperf a b 10.7.0.2 -u -b 20M -t 1
	local sent lost
	sent=$(iperf_number packets) lost=$(iperf_number lost_packets)
	echo "   $sent datagrams at 20 Mbit/s, $lost lost"
	figure "$lost of $sent lost"
	expect_equal "datagrams lost" 0 "$lost"
}

# record NS DEV FILE FILTER: tcpdump until it has one packet.
record() {
	echo "$1# tcpdump -i $2 -c 1 -w ${3##*/} $4" >&2
	ip netns exec "$1" tcpdump --immediate-mode -U -i "$2" -c 1 -w "$3" "$4" >/dev/null 2>"$3.log" &
	wait_for "tcpdump" grep -q 'listening on' "$3.log"
}

eavesdrop() {
	record a plait0 "$TUNNEL_DUMP" 'udp port 9999'
	record a eth0 "$WIRE_DUMP" "udp port $((PORT + 1))"
	echo "a# echo '$SECRET' | socat - UDP4:10.7.0.2:9999" >&2
	ip netns exec b socat -u UDP4-RECV:9999 "CREATE:$work/heard" &
	local listener=$!
	wait_listening b udp 9999
	printf '%s' "$SECRET" | ip netns exec a socat - UDP4:10.7.0.2:9999
	wait_for "both recordings" recorded
	kill $listener
	echo
	echo "What a user of plait0 sees (tcpdump -X of plait0):"
	tcpdump -nXr "$TUNNEL_DUMP" 2>/dev/null
	echo
	echo "What the wire sees of the same packet (tcpdump -X of eth0):"
	tcpdump -nXr "$WIRE_DUMP" 2>/dev/null
	expect_equal "what b heard" "$SECRET" "$(<"$work/heard")"
	local there wire
	there=$(words_in "$TUNNEL_DUMP") wire=$(words_in "$WIRE_DUMP")
	echo "Words of it that can be read: on plait0 $there, on the wire $wire."
	expect_more "words that can be read on plait0" 5 "$there"
	expect_equal "words that can be read on the wire" 0 "$wire"
	figure "$wire words can be read; on plait0 $there"
}
# Words of the secret, of four letters and more: shorter ones occur by chance.
words_in() {
	local word count=0
	tcpdump -nAr "$1" >"$work/text" 2>/dev/null
	for word in $SECRET; do
		((${#word} < 4)) || ! grep -qF "$word" "$work/text" || ((++count))
	done
	echo $count
}
recorded() { [[ -s $work/heard && -s $WIRE_DUMP && -s $TUNNEL_DUMP ]] && ! pgrep tcpdump; }

# forged COUNTER KEYFILE FORGE_WORDS...: a hundred datagrams that must move just that.
forged() {
	local name=$1 key=$2 before packets
	shift 2
	before=$(counter b "$name") packets=$(link_stat b plait0 rx_packets)
	a plait-forge "$1" 100 --to 192.0.2.2 --port $((PORT + 1)) --session "0x12:0:$key" "${@:2}" \
		>"$work/forged.json" || fail "plait-forge"
	wait_for "100 more on $name" moved_by "$name" "$before" 100
	echo "   $name: $before -> $(counter b "$name")"
	expect_equal "packets that plait0 delivered" "$packets" "$(link_stat b plait0 rx_packets)"
	figure "$(($(counter b "$name") - before)) of 100, counted as $name"
}
moved_by() { (($(counter b "$1") - $2 == $3)); }

# A network that delivers everything twice is a replay of every datagram.
replayed() {
	local before packets
	a tc qdisc add dev eth0 root netem duplicate 100%
	before=$(counter b rx_duplicate) packets=$(link_stat b plait0 rx_packets)
	a ping -q -c 50 -i 0.05 10.7.0.2 | tee "$work/ping" || fail "ping"
	a tc qdisc del dev eth0 root
	! grep -q duplicates "$work/ping" || fail "an echo came twice"
	echo "   rx_duplicate: $before -> $(counter b rx_duplicate)"
	expect_equal "duplicates" 50 $(($(counter b rx_duplicate) - before))
	expect_equal "packets delivered" 50 $(($(link_stat b plait0 rx_packets) - packets))
	figure "$(($(counter b rx_duplicate) - before)) of 50, counted as rx_duplicate"
}

still_well() {
	a ping -q -c 20 -i 0.05 10.7.0.2 || fail "ping"
	b plaitctl stats plait0
	figure "20 of 20 echoes"
}

# --- the price ---------------------------------------------------------------------

# One CPU whose clock counts instructions: a nanosecond is an instruction, at either end.
instructions() { # ADDRESS WARM_BYTES BYTES: instructions for a kilobyte
	gauge tcp a b "$1" "$2" "$3" | sed 's/[^0-9]\+/ /g' | awk '{ printf "%.0f", ($2 - $3) * 1000 / $1 }'
}

beside_wireguard() {
	local wireguard plait
	tunnel_wireguard 2 a wg0 192.0.2.1 b wg0 192.0.2.2
	inner a wg0 10.6.0.1/24 fd06::1/64
	inner b wg0 10.6.0.2/24 fd06::2/64
	pings a 10.6.0.2 64
	echo
	echo "gauge tcp a b 10.6.0.2 (WireGuard), then 10.7.0.2 (plait)"
	wireguard=$(instructions 10.6.0.2 2000000 8000000)
	plait=$(instructions 10.7.0.2 4000000 16000000)
	[[ -n $wireguard && -n $plait ]] || fail "no measurement"
	awk -v w="$wireguard" -v p="$plait" 'BEGIN {
		printf "   WireGuard  %6.2f instructions a byte, both ends together\n", w / 1000
		printf "   plait      %6.2f\n", p / 1000 }'
	figure "$(awk -v w="$wireguard" -v p="$plait" 'BEGIN {
		printf "%.1f instructions a byte, WireGuard %.1f (%.2f x)", p / 1000, w / 1000, w / p }')"
	((plait < wireguard)) || fail "plait takes more instructions than WireGuard"
}

# --- the story ---------------------------------------------------------------------

# As a machine has them: without these, both tunnels would run scalar ciphers.
modprobe -qa chacha-x86_64 poly1305-x86_64 curve25519-x86_64 libchacha20poly1305 wireguard

heading "Two hosts and a tunnel"
tell "This is Linux $(uname -r), in a guest; a and b are network namespaces, joined by a cable."
sed -n '/^# topology_pair/,/└/{s/^# \?//;s/^topology_pair: //;p}' /plait/tests/guest/topology.sh
echo
topology_pair 2>&1
echo
shown "two plait devices, joined" two_devices

heading "Ping, over IPv4 and IPv6"
shown "ping over IPv4" ping_both 4 10.7.0.2
shown "ping over IPv6" ping_both 6 fd07::2

heading "TCP and UDP"
shown "TCP: a file arrives whole" tcp_file
shown "TCP: iperf3 over IPv6" tcp_iperf
shown "UDP: iperf3" udp_iperf

heading "What an eavesdropper sees"
shown "nothing readable on the wire" eavesdrop

heading "What a vandal achieves"
key=$work/key-1-there stranger=$work/key-stranger
(umask 077; head -c 48 /dev/urandom | base64 -w 0 >"$stranger")
tell "plait-forge sends datagrams to b's port by the hundred. It has been given a's key, so \
that they are perfect but for the one thing that is wrong with them; a stranger has no key."
echo
echo "Noise from a stranger:"
shown "dropped: noise" forged port_version "$stranger" random --only port_version
echo "Well-made datagrams, but sealed with keys of the stranger's own:"
shown "dropped: sealed without the keys" forged rx_tag "$stranger" valid
echo "Truncated:"
shown "dropped: truncated" forged port_short "$key" mutate --only port_short
echo "Header changed:"
shown "dropped: header tampered with" forged rx_tag "$key" mutate --only rx_tag
echo "Payload changed, under a header tag that is right:"
shown "dropped: payload tampered with" forged rx_auth "$key" mutate --only rx_auth
echo "Replayed: the network delivers every datagram of a's twice."
shown "dropped: replayed" replayed
echo "And the tunnel?"
shown "the tunnel afterwards" still_well

if [[ -n ${PLAIT_ICOUNT:-} ]]; then
	heading "The price, beside WireGuard"
	tell "QEMU counts every instruction of this guest's one CPU. TCP from a to b through both \
tunnels, with the same cipher (ChaCha20-Poly1305); sender and receiver together."
	echo
	shown "TCP beside WireGuard" beside_wireguard
fi

heading "What plait did"
{
	printf 'what\tresult\tfigure\n'
	printf -- '----\t------\t------\n'
	cat "$work/table"
} | awk -F'\t' '{ printf "%-34s %-8s %s\n", $1, $2, $3 }'
echo
if ((failures)); then
	echo "${red}$failures of these failed$plain: see above."
	exit 1
fi
tell "Try next: ./run guest (a shell with these two hosts), ./run test, ./run bench."
