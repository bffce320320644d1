#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tracepoints and sysfs tell what happens, and as it happens.
#
# Two hosts, one tunnel with two lanes: topology_pair. Each event of events/plait is
# provoked and read from tracefs, where every field must be right; the kernel's own
# skb:kfree_skb names a reason for a hostile datagram; the facts in
# /sys/class/net/plait0/plait agree with plaitctl and cannot be written.
# One CPU: a tracepoint that is switched on or off is code that changes, and TCG may run
# the old code on another CPU for ever (boot.sh: BREAKPOINT).
# boot: --cpus 1
# debug: full, churn has the same calls
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
tracefs=/sys/kernel/tracing

# trace EVENT COMMAND...: what the event said meanwhile, "name=value ..." a line.
trace() {
	local event=$1
	shift
	echo >$tracefs/trace
	echo 1 >"$tracefs/events/$event/enable"
	"$@"
	echo 0 >"$tracefs/events/$event/enable"
	sed -n "s/^.* ${event#*/}: //p" $tracefs/trace >"$work/trace"
}
# traced PATTERN: how many lines of it match, as a whole.
traced() { grep -c -x -E "$1" "$work/trace" || true; }

fact() { ip netns exec "$1" cat "/sys/class/net/plait0/plait/$2"; }
a_few_bytes() { printf 'hello' | ip netns exec a socat -u STDIN UDP4:192.0.2.2:$((PORT + 1)); }
has_counted() { (($(counter_of b plait0 "$1") > $2)); }
# counted NAME COMMAND...: until b has counted what it does.
counted() {
	local name=$1 before
	shift
	before=$(counter_of b plait0 "$name")
	"$@"
	wait_for "$name in b" has_counted "$name" "$before"
}
three_pings() { pings a 10.7.0.2 200; }
lost_ping() { expect_refusal a ping -q -c 1 -W 0.2 10.7.0.2 >/dev/null; }

LANES=2 topology_pair
pings a 10.7.0.2 64      # what neighbours have to say to each other is said

say "transmit: three pings of 228 octets are three datagrams of 284 each way"
trace plait/plait_transmit three_pings
expect_equal "datagrams traced" 6 \
	"$(traced 'dev=plait0 lane=[01] strand=0 datagrams=1 bytes=284')"
expect_equal "lanes of the flow" 1 "$(sed 's/.*lane=\([0-9]*\).*/\1/' "$work/trace" | sort -u | wc -l)"

say "receive: each poll, with what it took and handed up"
trace plait/plait_receive three_pings
expect_equal "datagrams traced" 6 \
	"$(awk -F'datagrams=|packets=' '{ n += $2 } END { print n }' "$work/trace")"
expect_equal "packets traced" 6 "$(awk -F'packets=' '{ n += $2 } END { print n }' "$work/trace")"
expect_equal "lines of another form" "$(wc -l <"$work/trace")" \
	"$(traced 'dev=plait0 lane=[01] datagrams=[0-9]+ packets=[0-9]+')"

say "drop: by the counter's name, with the device if it is any device's"
trace plait/plait_drop counted port_short a_few_bytes
expect_equal "drops of the port" 1 "$(traced 'dev=- reason=port_short count=1')"
b plaitctl key del plait0 session 1 epoch 0
(umask 077; for name in x y z; do head -c 48 /dev/urandom | base64 -w 0 >"$work/$name"; done)
# The right index and epoch, but another key than a has.
key b plait0 2 0 0x12 0x11 x y peer-lanes 2
trace plait/plait_drop counted rx_tag lost_ping
expect_equal "drops of the device" 1 "$(traced 'dev=plait0 reason=rx_tag count=1')"

say "epoch: installed, activated, removed"
epochs() {
	key b plait0 2 1 0x12 0x11 z y-2 peer-lanes 2
	b plaitctl key del plait0 session 2 epoch 0
}
(umask 077; head -c 48 /dev/urandom | base64 -w 0 >"$work/y-2")
trace plait/plait_epoch epochs
expect_equal "what the epochs did" "$(printf 'dev=plait0 session=2 epoch=%s\n' \
	'1 installed' '1 activated' '0 removed')" "$(<"$work/trace")"
for name in x y z y-2; do
	if grep -q "$(cut -c1-16 "$work/$name")" "$work/trace"; then fail "a key in a tracepoint"; fi
done

say "the kernel's own kfree_skb has a reason for a hostile datagram"
trace skb/kfree_skb counted port_short a_few_bytes
expect_more "reasons told" 0 "$(grep -c 'reason: PKT_TOO_SMALL' "$work/trace")"

say "sysfs"
expect_equal "lanes" 2 "$(fact a lanes)"
expect_equal "window" 8192 "$(fact a window)"
expect_equal "sealing" "session 1 epoch 0 chacha20poly1305-lib" "$(fact a sealing)"
expect_equal "sealing in b" "session 2 epoch 1 chacha20poly1305-lib" "$(fact b sealing)"
expect_equal "path_mtu" 1500 "$(fact a path_mtu)"
a plaitctl device set plait0 window 1024
expect_equal "window, set" 1024 "$(fact a window)"
a plaitctl key del plait0 session 1 epoch 0
expect_equal "sealing without a key" none "$(fact a sealing)"
for file in lanes window sealing path_mtu; do
	expect_equal "mode of $file" 444 "$(ip netns exec a stat -c %a "/sys/class/net/plait0/plait/$file")"
	# Root may open it all the same: the write itself is refused.
	expect_refusal ip netns exec a bash -c "echo 1 >/sys/class/net/plait0/plait/$file" 2>/dev/null
done
expect_equal "lanes afterwards" 2 "$(fact a lanes)"

say "ethtool -l: lanes are queue pairs, and fixed"
expect_equal "channels, at most and now" "2 2" \
	"$(ip netns exec a ethtool -l plait0 | awk '$1 == "Combined:" { printf "%s%s", n++ ? " " : "", $2 }')"
expect_refusal a ethtool -L plait0 combined 1 2>/dev/null
