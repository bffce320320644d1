#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ECN crosses the tunnel by RFC 6040, DSCP by RFC 2983.
#
#   ┌ a ───────────────┐                    ┌ b ─────────────────────────┐
#   │ ping -Q ► plait0 ═══ veth ═► nft sets ═► plait0 ► tcpdump, the size │
#   │                  │           outer ECN │          says which it was │
#   └──────────────────┘                    └────────────────────────────┘
# topology_pair. Each of the 4 x 4 combinations of ECN inside and outside arrives as
# the table in RFC 6040 section 4.2 says; a congestion mark on a packet that is not
# ECN-capable drops it, counted. Outside, DSCP is 0, a fixed one, or the inner one's;
# inside nothing of it changes, whatever the underlay did.
# debug: full, bits are the same on each kernel
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

names=(Not-ECT "ECT(1)" "ECT(0)" CE)      # by the value of the field
# What arrives, by inner and outer field: RFC 6040 section 4.2.
table=([0]="0 0 0 -"                      # inner Not-ECT; outer Not-ECT, ECT(1), ECT(0), CE
	[1]="1 1 1 3"
	[2]="2 1 2 3"
	[3]="3 3 3 3")

# watch NS DEV FILTER: what tcpdump sees goes to $work/seen.
watch() {
	rm -f "$work/seen" "$work/tcpdump"
	ip netns exec "$1" tcpdump -i "$2" -n -t -v -l "$3" >"$work/seen" 2>"$work/tcpdump" &
	watcher=$!
	wait_for "tcpdump" grep -q "listening on" "$work/tcpdump"
}
unwatch() { kill $watcher; wait $watcher || true; }

# field LENGTH: DS field or traffic class, as a number, of a packet of that length
# in $work/seen; nothing if there is none.
field() {
	tr '\n' ' ' <"$work/seen" | sed 's/ IP/\nIP/g' |
		sed -n -e "s/^IP (tos \(0x[0-9a-f]*\).* length $1).*/\1/p" \
			-e "s/^IP6 (.*class \(0x[0-9a-f]*\).* payload length: $(($1 - 40))).*/\1/p" \
			-e "s/^IP6 (\(flowlabel\|hlim\).* payload length: $(($1 - 40))).*/0/p" | head -n 1
}
saw() { [[ -n $(field "$1") ]]; }

# outer_field "STATEMENT": in b, what happens to datagrams before they are received.
outer_field() {
	ip netns exec b nft flush ruleset
	ip netns exec b nft -f - <<-END
		table inet spoil {
			chain arrives {
				type filter hook prerouting priority -300;
				iifname "eth0" udp dport $((PORT + 1)) $1
			}
		}
	END
}

# outer_ecn N: the same with the ECN field. In IPv6 by tc: an nft of Debian 12 has no rule for
# this that the newest kernels match.
outer_ecn() {
	if ((OUTER == 4)); then
		outer_field "ip ecn set $1"
		return
	fi
	ip netns exec b tc qdisc del dev eth0 clsact 2>/dev/null || true
	ip netns exec b tc qdisc add dev eth0 clsact
	ip netns exec b tc filter add dev eth0 ingress protocol ipv6 matchall \
		action pedit ex munge ip6 traffic_class set "$1" retain 0x3
}

# one_ping TO SIZE FIELD: no answer is expected or awaited.
one_ping() { ip netns exec a ping -q -c 1 -W 0.01 -s "$2" -Q "$3" "$1" >/dev/null || true; }

# ecn_table ADDRESS HEADERS: to an inner address, over IPv$OUTER.
ecn_table() {
	local address=$1 headers=$2 outer inner want got size before
	say "ECN of $address over IPv$OUTER"
	watch b plait0 "dst $address"
	before=$(counter_of b plait0 rx_ecn)
	for outer in 0 1 2 3; do
		outer_ecn $outer
		for inner in 0 1 2 3; do
			one_ping "$address" $((100 + 4 * outer + inner)) "$inner"
		done
		# The last one, of a CE packet, always arrives.
		wait_for "the packets" saw $((headers + 100 + 4 * outer + 3))
	done
	unwatch
	for inner in 0 1 2 3; do
		for outer in 0 1 2 3; do
			want=$(cut -d' ' -f $((outer + 1)) <<<"${table[inner]}")
			size=$((headers + 100 + 4 * outer + inner))
			got=$(field $size)
			got=${got:+$((got & 3))}
			expect_equal "inner ${names[inner]}, outer ${names[outer]}" "$want" "${got:--}"
		done
	done
	expect_equal "rx_ecn" $((before + 1)) "$(counter_of b plait0 rx_ecn)"
	outer_field accept
	((OUTER == 4)) || ip netns exec b tc qdisc del dev eth0 clsact
}

# on_the_wire "WORDS FOR device set" INNER OUTER: fields of a packet, inside and outside.
on_the_wire() {
	local what=$1 inner=$2 outer=$3 overhead size=$((200 + ++pings_sent))
	overhead=$((56 + 8 + $(outer 20 40)))
	[[ -z $what ]] || a plaitctl device set plait0 "${what% *}" "${what#* }"
	watch b eth0 "udp port $((PORT + 1))"
	one_ping 10.7.0.2 $size "$inner"
	wait_for "the datagram" saw $((size + 28 + overhead))
	unwatch
	expect_equal "outer field of $inner${what:+ with $what}" $((outer)) "$(($(field $((size + 28 + overhead)))))"
}
pings_sent=0

for OUTER in 4 6; do
	topology_pair
	if [[ $OUTER == 4 || -n $PLAIT_FULL ]]; then ecn_table 10.7.0.2 28; fi
	if [[ $OUTER == 6 || -n $PLAIT_FULL ]]; then ecn_table fd07::2 48; fi

	say "what a makes of the outer field: ECN is copied, DSCP is not unless it is told"
	on_the_wire "" 0xb8 0x00
	on_the_wire "" 0xbb 0x03
	on_the_wire "dscp 46" 0x22 0xba
	on_the_wire "dscp inherit" 0x89 0x89
	on_the_wire "dscp 0" 0x89 0x01

	say "what b makes of the inner DSCP: nothing"
	outer_field "$(outer ip ip6) dscp set cs5"
	watch b plait0 "dst 10.7.0.2"
	one_ping 10.7.0.2 300 0xb9
	wait_for "the packet" saw 328
	unwatch
	expect_equal "inner field" $((0xb9)) "$(($(field 328)))"
	topology_gone
done
