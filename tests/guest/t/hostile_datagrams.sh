#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Strangers and vandals change nothing but drop counters, and those exactly.
#
#   ┌ a ────────────────┐           ┌ b ────────────────┐       ┌ in ────────────────┐
#   │ plait0   ═════════╪═══════════╪═ plait0           │       │ hostile0  10.9.0.2 │
#   │                   │           │                   │       │           fd09::2  │
#   │ plait-forge ──────┼── veth ───┼─ UDP port 7777 ───┼───────┤ hostile1  10.9.1.2 │
#   └───────────────────┘           └───────────────────┘       │         fd09:1::2  │
#                                                               └────────────────────┘
# plait0 is a tunnel at work. The hostile ones, made in b and moved to a namespace
# of their own, share its port, and nobody but plait-forge has their keys. It says
# what it sent by the verdict that each datagram must get: each counter of the device
# has to move by just that, every other one has to stay.
# timeout: 900 36000
# stock: full, the debug kernel sees more
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

# count: of random, and of mutated datagrams; aggregates: one send in so many holds several.
# inside: authentic ones with odd insides, which cost four times as much.
count=17000 aggregates=4          # on the debug kernel, 105400 in all; it sees most
((PLAIT_SLOWNESS > 1)) || { count=4000 aggregates=32; }
[[ -z ${PLAIT_FULL:-} ]] || count=1700000
lesser=$((count / 5))
inside=$((PLAIT_SLOWNESS > 1 ? lesser : count))
live=0x12                         # plait0's receiver index in b
echo "seed: ${SEED:=$RANDOM} (SEED in the environment repeats a run)"

# counters NS DEV: every counter, one a line.
counters() {
	ip netns exec "$1" ethtool -S "$2" | awk 'NF == 2 && !/:$/ { sub(":", "", $1); print $1, $2 }'
	echo "packets $(link_stat "$1" "$2" rx_packets)"
	echo "bytes $(link_stat "$1" "$2" rx_bytes)"
}

# forge MODE COUNT NAME INDEX... [-- OPTIONS]: what must happen is in $work/NAME.json.
# An index's key file is named after it.
forge() {
	local mode=$1 number=$2 name=$3 sessions=()
	shift 3
	while (($#)) && [[ $1 != -- ]]; do
		sessions+=(--session "$1:0:$work/key-of-$1")
		shift
	done
	SEED=$((SEED + 1))
	a plait-forge "$mode" "$number" --to "$(outer 192.0.2.2 2001:db8:1::2)" \
		--port $((PORT + 1)) --seed "$SEED" "${sessions[@]}" "${@:2}" >"$work/$name.json"
}

# sent NAME KEY: a number of what the forge said.
sent() { awk -F'[":, ]+' -v key="$2" '$2 == key { print $3 }' "$work/$1.json"; }

# expect_moved NAME INDEX NS DEV BEFORE [IGNORED...]: since BEFORE, the device's counters
# have moved by what the forge said of its port and of INDEX. "this+that" among the
# ignored: only their sum is compared.
expect_moved() {
	local name=$1 index=$2 ns=$3 dev=$4 before=$5
	shift 5
	counters "$ns" "$dev" >"$work/after"
	awk -v index_="$index" -v ignored=" $* " -F'[":, ]+' '
		FILENAME ~ /json$/ {
			split($2, part, ".")
			if (part[1] == "port" || part[1] == index_)
				want[part[2]] += $3
			next
		}
		FILENAME ~ /after$/ { split($0, f, " "); moved[f[1]] += f[2]; next }
		{ split($0, f, " "); moved[f[1]] -= f[2] }
		END {
			n = split(ignored, sums)
			for (i = 1; i <= n; i++) {
				if (split(sums[i], pair, "+") != 2)
					continue
				want[sums[i]] = want[pair[1]] + want[pair[2]]
				moved[sums[i]] = moved[pair[1]] + moved[pair[2]]
				delete want[pair[1]]
				delete want[pair[2]]
			}
			for (c in want) {
				if (c !~ /\+/ && index(ignored, " " c " "))
					continue
				if (moved[c] != want[c]) {
					printf "   %s: must move by %d, moved by %d\n", c, want[c], moved[c]
					wrong = 1
				} else if (want[c]) {
					printf "   %s +%d\n", c, want[c]
				}
			}
			exit wrong
		}' "$work/$name.json" "$before" "$work/after" ||
		fail "$name ($(sent "$name" datagrams) datagrams, seed $SEED): counters of $dev"
}

# When the forge is done, what it sent last may still be on its way.
settled() { # NS DEV
	local last now
	now=$(counters "$1" "$2")
	until [[ $now == "${last:-}" ]]; do
		last=$now
		sleep 0.3
		now=$(counters "$1" "$2")
	done
}

# vandals NAME INDEX: random and mutated datagrams at once in one direction.
vandals() {
	forge random "$2" "$1-random" $live -- --aggregates $aggregates
	forge mutate "$2" "$1-mutate" $live -- --aggregates $aggregates
	# One account of both.
	awk -F'[":, ]+' 'NF > 3 || /": [0-9]/ { n[$2] += $3 } END { for (k in n) printf "\"%s\": %d\n", k, n[k] }' \
		"$work/$1-random.json" "$work/$1-mutate.json" | sed 's/^/  /' >"$work/$1.json"
}

# hostile N: hostileN, whose receiver index is 0x9N.
hostile() {
	local index=0x9$1 dev=hostile$1
	(umask 077; head -c 48 /dev/urandom | base64 -w 0 >"$work/key-of-$index")
	b ip link add "$dev" type plait local 192.0.2.2 remote 192.0.2.1 port $((PORT + 1))
	b plaitctl key new "$dev" session 1 epoch 0 local-index "$index" remote-index "0x8$1" \
		tx-key "$work/key-1-back" rx-key "$work/key-of-$index"
	b ip link set "$dev" netns in
	inner in "$dev" "10.9.$1.2/24" "fd09:$1::2/64"
}

topology_pair
ln -s key-1-there "$work/key-of-$live"     # this pair's, and the last one's
pings a 10.7.0.2 64
pings b fd07::1 1300
file_over_tcp a b 10.7.0.2 1
settled b plait0

say "$((2 * count)) random and mutated datagrams, the tunnel at rest"
counters b plait0 >"$work/before"
vandals rest $count
settled b plait0
expect_moved rest $live b plait0 "$work/before"

say "and again, while the tunnel carries ping and TCP: no echo is lost, no octet changed"
counters b plait0 >"$work/before"
vandals busy $count &
vandal=$!
rounds=0
while kill -0 $vandal 2>/dev/null; do
	ip netns exec a ping -q -c 20 -i 0.02 -W 5 -s $((56 + rounds % 1000)) 10.7.0.2 >"$work/ping" ||
		{ cat "$work/ping"; fail "an echo was lost in round $rounds"; }
	((++rounds % 5)) || file_over_tcp a b 10.7.0.2 1
done
wait $vandal || fail "plait-forge"
SEED=$((SEED + 2))
echo "   $((20 * rounds)) echoes, $((rounds / 5)) MiB by TCP"
expect_more "rounds of ping" 1 $rounds
settled b plait0
expect_moved busy $live b plait0 "$work/before" rx_datagrams packets bytes

say "spoilt datagrams far ahead have not moved the replay window"
pings a 10.7.0.2 64
file_over_tcp a b fd07::2 1

make_ns in
hostile 0
hostile 1

say "replays, late datagrams, jumps: the window as docs/protocol.md says"
counters in hostile0 >"$work/before"
forge replay $count replay 0x90
settled in hostile0
# Which of the two it is depends on whether a jump was in the same batch.
expect_moved replay 0x90 in hostile0 "$work/before" rx_old+rx_duplicate
expect_more "datagrams too old" 100 "$(sent replay 0x90.rx_old)"
expect_more "duplicates" 100 "$(sent replay 0x90.rx_duplicate)"
top=$((1 << 50))                 # from here on, above anything the replays have used

say "authentic datagrams with odd insides"
counters in hostile0 >"$work/before"
forge inner $inside inner 0x90 -- --counter $top
settled in hostile0
expect_moved inner 0x90 in hostile0 "$work/before"

# flows MODE: two devices behind one port, traffic for both, checked by seqflow.
flows() {
	local dev received
	for dev in 0 1; do
		counters in hostile$dev >"$work/before-$dev"
	done
	ip netns exec in seqflow receive 5301 2 $lesser lossy >"$work/seqflow" &
	received=$!
	wait_listening in udp 5301
	top=$((top + (1 << 30)))
	forge "$1" $lesser "$1" 0x90 0x91 -- --counter $top
	wait $received || { cat "$work/seqflow"; fail "order or contents of what was delivered"; }
	tail -n 1 "$work/seqflow"
	expect_equal "packets that $1 delivered" \
		$(($(sent "$1" 0x90.packets) + $(sent "$1" 0x91.packets))) \
		"$(awk 'END { print $2 }' "$work/seqflow")"
	for dev in 0 1; do
		expect_moved "$1" 0x9$dev in hostile$dev "$work/before-$dev"
	done
}
say "valid datagrams of two devices on one port"
flows valid
say "the same in aggregates that mix both devices' with spoilt ones"
flows mix

say "a device that is down counts what comes"
ip -n in link set hostile1 down
counters in hostile1 >"$work/before"
forge valid 100 down 0x91 -- --counter $((top + (1 << 30)))
counters in hostile1 >"$work/after"
expect_equal "rx_down" 100 \
	"$(awk '$1 == "rx_down" { n = $2 - n } END { print n }' "$work/before" "$work/after")"

say "and takes nothing of its neighbour's away"
counters in hostile0 >"$work/before"
forge mix $lesser neighbour 0x90 0x91 -- --counter $((top + (1 << 31)))
settled in hostile0
expect_moved neighbour 0x90 in hostile0 "$work/before"
expect_more "its neighbour's datagrams" 100 "$(sent neighbour 0x90.rx_datagrams)"

say "after all that, the tunnel is as good as new"
pings b fd07::1 1300
file_over_tcp a b 10.7.0.2 1
file_over_tcp b a fd07::1 1
topology_gone

OUTER=6 USO=off
topology_pair
settled b plait0
counters b plait0 >"$work/before"
vandals over-ipv6 $lesser
settled b plait0
expect_moved over-ipv6 $live b plait0 "$work/before"
pings a fd07::2 1300
