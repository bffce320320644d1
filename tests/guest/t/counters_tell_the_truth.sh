#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every reader of the counters tells the same, and they move for the right reason.
#
# `ip -s -d -j link`, `ethtool -S` and `plaitctl stats --json` agree on each name;
# then one thing after another goes wrong, and the counter named for it moves,
# by as many packets as were spoilt and alone among the drops.
# debug: full, what is counted is the same
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

# "name value", sorted, as each reader has it.
by_ethtool() { ip netns exec "$1" ethtool -S plait0 | sed -n 's/^ *\([a-z_]*\): \([0-9]*\)$/\1 \2/p' | sort; }
by_plaitctl() { ip netns exec "$1" plaitctl --json stats plait0 | json_numbers; }
by_ip() { ip -n "$1" -s -d -j link show dev plait0 | json_numbers; }
json_numbers() { sed 's/[,{]/\n/g' | sed -n 's/^.*"\([a-z_]*\)": *\([0-9]*\).*$/\1 \2/p' | sort -u; }
counter() { by_ethtool "$1" | awk -v n="$2" '$1 == n { print $2 }'; }
drops() { drops_of "$1" plait0 --all; }

# lacking WANTED GOT: the lines of one file that another does not have.
lacking() { grep -v -x -F -f "$2" "$1" || true; }

readers_agree() {
	local ns
	for ns in a b; do
		by_ethtool $ns >"$work/names"
		expect_more "named counters in $ns" 20 "$(wc -l <"$work/names")"
		# The other two may tell more than counters, so: nothing of ethtool's is lacking.
		by_plaitctl $ns >"$work/plaitctl"
		lacking "$work/names" "$work/plaitctl" >"$work/missing"
		[[ ! -s $work/missing ]] || { cat "$work/missing"; fail "plaitctl stats differs in $ns"; }
		by_ip $ns >"$work/ip"
		lacking <(awk '$2 != 0' "$work/names") "$work/ip" >"$work/missing"
		[[ ! -s $work/missing ]] || { cat "$work/missing"; fail "ip link differs in $ns"; }
	done
}

# drops_only NS NAME COUNT COMMAND...: the command makes COUNT drops of that name.
drops_only() {
	local ns=$1 name=$2 count=$3 before want
	shift 3
	say "$name: $*"
	before=$(counter "$ns" "$name")
	want=$(drops "$ns" | sed "s/^$name .*/$name $((before + count))/")
	"$@"
	reached() { (($(counter "$ns" "$name") >= before + count)); }
	wait_for "$name in $ns to move" reached
	diff <(echo "$want") <(drops "$ns") || fail "drops in $ns are not what was expected"
	readers_agree
}

quiet_pings() { ip netns exec a ping -q -c 3 -i 0.02 -W 0.3 -s 200 10.7.0.2 >/dev/null || true; }
to_port_of_b() { ip netns exec a socat -u STDIN UDP4:192.0.2.2:$((PORT + 1)); }
a_few_bytes() { printf 'hello' | to_port_of_b; }

topology_pair
readers_agree

say "three pings of 200 bytes are three packets of 228 each way"
for ns in a b; do
	for name in rx_packets tx_packets rx_bytes tx_bytes; do
		declare "${ns}_$name=$(link_stat $ns plait0 $name)"
	done
	declare "${ns}_sent=$(counter $ns tx_datagrams)" "${ns}_came=$(counter $ns rx_datagrams)"
done
pings a 10.7.0.2 200
for ns in a b; do
	for name in rx_packets tx_packets; do
		was=${ns}_$name
		expect_equal "$name in $ns" $((${!was} + 3)) "$(link_stat $ns plait0 $name)"
	done
	for name in rx_bytes tx_bytes; do
		was=${ns}_$name
		expect_equal "$name in $ns" $((${!was} + 3 * 228)) "$(link_stat $ns plait0 $name)"
	done
	was=${ns}_sent
	expect_equal "tx_datagrams in $ns" $((${!was} + 3)) "$(counter $ns tx_datagrams)"
	was=${ns}_came
	expect_equal "rx_datagrams in $ns" $((${!was} + 3)) "$(counter $ns rx_datagrams)"
done
readers_agree

say "the wire carries what b says it accepted"
expect_equal "datagrams" "$(counter a tx_datagrams)" "$(counter b rx_datagrams)"

drops_only b port_short 1 a_few_bytes

# a's keys no longer match b's: the header tag tells.
(umask 077; for key in 1 2; do head -c 48 /dev/urandom | base64 -w 0 >"$work/stranger-$key"; done)
a plaitctl key del plait0 session 1 epoch 0
a plaitctl key new plait0 session 9 epoch 0 local-index 0x11 remote-index 0x12 \
	tx-key "$work/stranger-1" rx-key "$work/stranger-2"
wait_carrier a plait0
drops_only b rx_tag 3 quiet_pings

# b forgets the session: nobody has that receiver index.
b plaitctl key del plait0 session 1 epoch 0
drops_only b port_index 3 quiet_pings

# a has no key to send with, so no carrier: the stack drops (and counts, from 6.12 on,
# in tx_dropped), or a itself in the moment before. Nothing reaches the wire.
before=$(link_stat a plait0 tx_packets)
a plaitctl key del plait0 session 9 epoch 0
expect_equal "carrier of a's plait0" 0 "$(ip netns exec a cat /sys/class/net/plait0/carrier)"
quiet_pings
expect_equal "packets sent without a key" "$before" "$(link_stat a plait0 tx_packets)"
expect_equal "datagrams of it in b" 3 "$(counter b port_index)"
readers_agree
