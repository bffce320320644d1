#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Each thing that is refused is refused with a sentence that says why, and
# changes nothing; keys come, follow one another and go, and carrier with them;
# whoever has a device in a container does not get its creator's sockets.
# timeout: 300
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh

no_carrier() { ! has_carrier "$1" "$2"; }
sound() { a ping -q -c 2 -i 0.1 -W 2 10.7.0.2 >/dev/null || fail "$*"; }

topology_pair
umask 077
for name in x y z; do a plaitctl genkey >"$work/$name"; done
sound "the tunnel as made"

say "devices and strands"
refused "remote is missing" a ip link add plait9 type plait port 7000
refused "port is missing" a ip link add plait9 type plait remote 192.0.2.2
refused "remote must be a unicast address" a \
	ip link add plait9 type plait remote 224.0.0.1 port 7000
refused "two families" a \
	ip link add plait9 type plait local 192.0.2.1 remote 2001:db8:1::2 port 7000
refused "link-local remote" a ip link add plait9 type plait remote fe80::1 port 7000
refused "local address is not on this host" a \
	ip link add plait9 type plait local 203.0.113.1 remote 192.0.2.2 port 7000
refused "power of two" a plaitctl device add plait9 window 100
refused "lanes must be 1 to 16" a ip link add plait9 type plait lanes 17
refused "lanes are fixed" a ip link set plait0 type plait lanes 2
refused "a device of this name exists" a plaitctl device add plait0
ip netns exec a socat -u UDP4-RECV:7001 - >/dev/null &
background_pids+=($!)
wait_listening a udp 7001
refused "UDP port is in use" a ip link add plait9 type plait remote 192.0.2.2 port 7001
refused "the device has this strand" a plaitctl strand add plait0 remote 192.0.2.2 port 7002
expect_refusal ip -n a link show plait9 2>/dev/null
sound "after what was refused"

say "a strand that changes keeps its counters, and its port is no obstacle to itself"
sent() { ip netns exec a plaitctl --json strand show plait0 | sed -n 's/.*"tx_datagrams": *\([0-9]*\).*/\1/p'; }
before=$(sent)
a plaitctl strand set plait0 link eth0
sound "bound to its interface"
a plaitctl strand set plait0 remote 2001:db8:1::2
b plaitctl strand set plait0 remote 2001:db8:1::1
sound "over IPv6"
a plaitctl strand set plait0 remote 192.0.2.2
b plaitctl strand set plait0 remote 192.0.2.1
sound "over IPv4 again"
expect_more "datagrams sent on the strand" "$((before + 5))" "$(sent)"

say "keys"
refused "keys cannot be replaced" a plaitctl key new plait0 session 1 epoch 0 local-index 0x11 \
	remote-index 0x12 tx-key "$work/x" rx-key "$work/y"
refused "belong to the session" a plaitctl key new plait0 session 1 epoch 1 local-index 0x77 \
	remote-index 0x12 tx-key "$work/x" rx-key "$work/y"
refused "keys of their own" a plaitctl key new plait0 session 1 epoch 1 local-index 0x11 \
	remote-index 0x12 tx-key "$work/x" rx-key "$work/x"
refused "its packet numbers would repeat" a plaitctl key new plait0 session 1 epoch 1 \
	local-index 0x11 remote-index 0x12 tx-key "$work/key-1-there" rx-key "$work/y"
refused "its packet numbers would repeat" a plaitctl key new plait0 session 3 epoch 0 \
	local-index 0x31 remote-index 0x12 tx-key "$work/x" rx-key "$work/key-1-back"
refused "its packet numbers would repeat" a plaitctl key new plait0 session 1 epoch 1 \
	local-index 0x11 remote-index 0x12 tx-key "$work/key-1-back" rx-key "$work/x"
refused "no such session and key epoch" a plaitctl key del plait0 session 1 epoch 9
a plaitctl device add plait8
refused "local receiver index is in use" a plaitctl key new plait8 session 1 \
	epoch 0 local-index 0x11 remote-index 0x12 tx-key "$work/x" rx-key "$work/y"
a plaitctl device del plait8
sound "after keys that were refused"

say "the next epoch: receive on both, then send on it"
key b plait0 1 1 0x12 0x11 y x inactive
key a plait0 1 1 0x11 0x12 x y
sound "a on epoch 1, b still on 0"
b plaitctl key set plait0 session 1 epoch 1 active
sound "both on epoch 1"
a plaitctl key del plait0 session 1 epoch 0
sound "epoch 0 gone"
[[ "$(a plaitctl --json key show plait0)" != *"$(cut -c1-20 "$work/x")"* ]] ||
	fail "key bytes can be read back"

say "carrier follows the keys"
a plaitctl key del plait0 session 1 epoch 1
wait_for "the carrier to go" no_carrier a plait0
key a plait0 2 0 0x21 0x12 z y
wait_carrier a plait0

say "a device in a container with a user namespace of its own"
busybox unshare -U -r -n sleep 100 &
container=$!
background_pids+=("$container")
other_net() { [[ "$(readlink /proc/$container/ns/net)" != "$(readlink /proc/self/ns/net)" ]]; }
wait_for "the container" other_net
a ip link set plait0 netns $container
inside() { busybox nsenter -t $container -U -n "$@"; }
refused "CAP_NET_ADMIN is needed where the device was created" \
	inside plaitctl strand set plait0 remote 127.0.0.1 remote-port 53
if inside plaitctl strand del plait0; then fail "the container took the strand"; fi
inside plaitctl key show plait0 >/dev/null || fail "the container cannot see its own keys"
[[ -n "$(ip netns exec a ss -Huln "sport = :$((PORT + 1))")" ]] ||
	fail "the socket is not where the device was created"
say "done"
