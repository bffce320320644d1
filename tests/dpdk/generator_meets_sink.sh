#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plait-load on both ends of a veth, as generator and as sink, by each driver: whatever is sent
# is counted as what it is. Usage: generator_meets_sink.sh PLAIT_LOAD (root; exit 77: skipped)
#
#   ┌ plaitload-a ─────────┐            ┌ plaitload-b ────────────┐
#   │ plait-load --key     ├─── veth ───┤ plait-load --sink-key   │
#   └──────────────────────┘            └─────────────────────────┘
set -euo pipefail
load=$1
skip() { echo "skipped: $*"; exit 77; }
((EUID == 0)) || skip "network namespaces need root"
[[ -x $load ]] || skip "$load is not built: ./run build, with libdpdk-dev and libipsec-mb-dev"

work=$(mktemp -d)
a=plaitload-a-$$ b=plaitload-b-$$
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	ip netns del "$a" 2>/dev/null || true
	ip netns del "$b" 2>/dev/null || true
	rm -rf "$work"
}
trap cleanup EXIT

ip netns add "$a" || skip "no network namespaces here"
ip netns add "$b"
ip link add eth0 netns "$a" type veth peer name eth0 netns "$b"
for ns in "$a" "$b"; do
	ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	ip -n "$ns" link set eth0 up
done
head -c 48 /dev/urandom | base64 -w 0 >"$work/key"
mac=$(ip netns exec "$b" cat /sys/class/net/eth0/address)

# ready DRIVER: the sink has its socket; for af_xdp, its XDP program.
ready() {
	if [[ $1 == af_xdp ]]; then
		ip -n "$b" link show eth0 | grep -q xdp
	else
		ip netns exec "$b" cat /proc/net/packet | tail -n +2 | grep -q .
	fi
}

# meet SENDS RECEIVES
meet() {
	local sink i
	ip netns exec "$b" "$load" --interface eth0 --driver "$2" --port 7777 \
		--sink-key "$work/key" --sink-index 0x12 --seconds 30 >"$work/sink" 2>"$work/errors" &
	sink=$!
	for ((i = 0; i < 100; i++)); do
		! ready "$2" || break
		sleep 0.1
	done
	ip netns exec "$a" "$load" --interface eth0 --driver "$1" --port 7777 \
		--to 192.0.2.2 --to-mac "$mac" --key "$work/key" --index 0x12 \
		--mix valid=8,forged=1,spoilt=1,replayed=1 --loss 10 --size 64,1400 --source-ports 7 \
		--count 5500 --rate 2500 --train 22 2>>"$work/errors" | tee "$work/sent"
	sleep 0.5
	kill "$sink"
	wait "$sink" || { cat "$work/errors"; echo "FAILED: the sink"; exit 1; }
	cat "$work/sink"
	grep -q '^sent valid=3600 forged=500 spoilt=500 replayed=500 lost=400 trains=250 .* next=4500$' \
		"$work/sent" || { cat "$work/errors"; echo "FAILED: $1 sent something else"; exit 1; }
	# The last of all is a number that was never accepted: 900 are missing, less that.
	grep -Eq '^received accepted=3600 packets=3600 octets=[0-9]+ missing=899 rx_tag=500 rx_duplicate=500 rx_auth=500$' \
		"$work/sink" || { cat "$work/errors"; echo "FAILED: $2 received something else"; exit 1; }
}

for sends in af_packet af_xdp; do
	for receives in af_packet af_xdp; do
		echo "== $sends sends, $receives receives"
		meet $sends $receives
	done
done
