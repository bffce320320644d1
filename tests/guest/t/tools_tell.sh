#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What plaitctl tells of a live tunnel: monitor sees keys, carrier and strands
# come and go; top sees traffic and drops move; prefixes are replaced in one
# step and enforced; doctor finds nothing wrong with a sound tunnel, and of one
# that was spoilt in a known way it finds that way: a peer that is elsewhere, one
# that does not listen, firewalls, inner addresses that differ.
# timeout: 500
# debug: full, it is about tools
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh

pinging() { # [NS ADDRESS]: traffic for as long as a function below looks
	ip netns exec "${1:-a}" ping -q -i 0.05 "${2:-10.7.0.2}" >/dev/null 2>&1 &
	pinger=$!
	background_pids+=("$pinger")
}
pause() { kill "$pinger"; wait "$pinger" 2>/dev/null || true; }

# finds NS WORD...: doctor's findings there are these, in this order; none if no word.
options=()
finds() {
	local ns=$1 found status=0
	shift
	said=$(in_ns "$ns" plaitctl --json doctor plait0 "${options[@]}") || status=$?
	found=$(sed -n 's/.*"id": "\([^"]*\)".*/\1/p' <<<"$said" | paste -sd' ')
	echo "doctor in $ns: ${found:-nothing}"
	[[ $found == "$*" ]] || fail "doctor in $ns: expected \"$*\": $said"
	expect_equal "doctor's exit status" $(($# > 0)) $status
}
says() { [[ $said == *"$1"* ]] || fail "doctor does not say \"$1\": $said"; }
# unanswered ADDRESS: a has asked whose it is, and nobody answers.
unanswered() { ip -n a neigh show "$1" | grep -q -e INCOMPLETE -e FAILED; }
told() { grep -q -e "  plait0  $1" "$work/events"; }

topology_pair
ip netns exec a plaitctl monitor >"$work/events" 2>&1 &
background_pids+=($!)
ip netns exec a plaitctl --json monitor plait0 >"$work/events.json" 2>&1 &
background_pids+=($!)

say "a sound tunnel"
a ping -q -c 2 -i 0.1 10.7.0.2
pinging
finds a
finds b
a plaitctl top --once --interval 0.5 | tee "$work/top"
grep -q "^plait0 .*up .*bit/s" "$work/top" || fail "top does not show the device"
grep -q "nothing is dropped" "$work/top" || fail "top shows drops"
in_packets=$(a plaitctl --json top plait0 --once | sed 's/.*"in_packets":\([0-9]*\).*/\1/')
expect_more "packets a second" 3 "$in_packets"
pause

say "prefixes"
expect_equal "prefixes of a new device" 2 "$(a plaitctl --json prefix show plait0 | grep -c '"prefix"')"
b plaitctl prefix add plait0 10.9.0.0/24 2>"$work/note"
grep -q "0.0.0.0/0 is still allowed.*plaitctl prefix set plait0 ::/0 10.9.0.0/24" "$work/note" ||
	fail "no note that everything is still allowed: $(<"$work/note")"
b plaitctl prefix set plait0 10.9.0.0/24 fd07::/64
pinging
finds b rx_source prefix
pause
b plaitctl prefix set plait0 10.7.0.0/24 fd07::/64
a ping -q -c 2 -i 0.1 10.7.0.2
b plaitctl prefix del plait0 10.7.0.0/24
expect_refusal b plaitctl prefix del plait0 10.7.0.0/24
b plaitctl prefix set plait0 0.0.0.0/0 ::/0
many=$(for ((i = 0; i < 1024; i++)); do echo "10.$((i / 256)).$((i % 256)).0/24"; done)
# shellcheck disable=SC2086 # words
ip netns exec b plaitctl prefix set plait0 $many
expect_equal "prefixes" 1024 "$(ip netns exec b plaitctl prefix show plait0 | grep -c /24)"
b plaitctl prefix set plait0 0.0.0.0/0 ::/0

say "what is wrong, and what doctor makes of it"
b ip link set plait0 down
finds b down
b ip link set plait0 up
a ip link set eth0 down
finds a no-route
finds b underlay-down
a ip link set eth0 up
b nft 'add table inet t; add chain inet t in { type filter hook input priority 0; policy drop; }'
pinging
finds a silence
pause
b nft flush ruleset
a nft 'add table inet t; add chain inet t out { type filter hook output priority 0; }'
a nft 'add rule inet t out udp dport 7777 reject'
pinging
finds a own-firewall
a nft 'flush chain inet t out; add rule inet t out udp dport 7777 drop'
options=(--probe)
finds a own-firewall
says "Operation not permitted"
options=()
pause
a nft flush ruleset

say "a sends to where the peer is not, and the peer sends to a"
a plaitctl strand set plait0 remote 192.0.2.99
pinging
wait_for "a neighbour that does not answer" unanswered 192.0.2.99
finds a next-hop
says "192.0.2.99 does not answer ARP on eth0"
pause
pinging b 10.7.0.1
finds a remote next-hop
says "come from 192.0.2.2:7777; strand 0 sends to 192.0.2.99:7777"
says '"plaitctl strand set plait0 remote 192.0.2.2 remote-port 7777"'
finds b silence
pause

say "a sends to where nobody listens"
a plaitctl strand set plait0 remote 192.0.2.2 remote-port 9
# Before any traffic: b sends about one ICMP error a second, which traffic would use up.
options=(--probe)
finds a port-unreachable
options=()
pinging
finds a port-unreachable
says "192.0.2.2 said"
says "that 192.0.2.2:9 is unreachable"
pause
pinging b 10.7.0.1
finds a remote port-unreachable
pause
a plaitctl strand set plait0 remote-port 7777
options=(--probe)
before=$(counter_of b plait0 port_short)
finds a
says "nobody refused 3 probes to 192.0.2.2:7777"
expect_equal "probes that b has counted" 3 $(($(counter_of b plait0 port_short) - before))
options=()

say "what comes out of the tunnel is for another address"
b ip addr del 10.7.0.2/24 dev plait0
b ip addr add 10.7.0.22/24 dev plait0
pinging
finds b not-forwarded
pause
b ip addr del 10.7.0.22/24 dev plait0
b ip addr add 10.7.0.2/24 dev plait0
a ping -q -c 2 -i 0.1 10.7.0.2

say "keys that differ"
(umask 077; for name in x y z; do plaitctl genkey >"$work/$name"; done)
key a plait0 1 1 0x11 0x12 x y
pinging
finds b rx_epoch
key b plait0 1 1 0x12 0x11 y z
finds b rx_tag
pause

say "what monitor told of it"
a plaitctl key del plait0 session 1 epoch 1
a plaitctl key del plait0 session 1 epoch 0
finds a no-key
for event in key-installed key-activated key-removed carrier-down; do
	wait_for "event $event" told $event
done
a plaitctl strand del plait0
wait_for "event strand-removed" told strand-removed
finds a no-strand no-key
cat "$work/events"
grep -q '"event":"key-installed".*"device":"plait0".*"epoch":1' "$work/events.json" ||
	fail "no JSON of the key: $(<"$work/events.json")"

say "nothing there"
refused "an interface's name has at most 15" a plaitctl device add a-name-too-long-
refused "no filter" nsenter --net=/run/netns/a plaitctl xdp status eth0
[[ $(a plaitctl stats show plait0) == "$(a plaitctl stats plait0)" ]] || fail "stats show differs"
if said=$(a plaitctl doctor plait9); then fail "doctor finds nothing wrong with no device"; fi
[[ $said == *"There is no interface plait9"* ]] || fail "doctor said: $said"
expect_equal "what top says of no device" "no plait devices in this network namespace" \
	"$(ip netns add empty; ip netns exec empty plaitctl top --once | head -n 1; ip netns del empty)"
say "done"
