#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Key epochs and sessions follow one another under load, and not a packet is lost; limits
# are told of in time, and hold.
#
#   ┌ a ─────────┐               ┌ b ──────────────┐
#   │ plait0     │ ═══ e 0 ═══► │ plait0          │  b: the next one, to be used on receipt
#   │            │ ═══ e 1 ═══► │                 │  a: the next one, used at once
#   │            │ ◄══ e 1 ════ │                 │  b: what came on it made it use it
#   └────────────┘               └─────────────────┘
# topology_pair, with one lane and with four. Flows both ways, single and in bursts, and
# TCP go on while the ends change: an epoch of the session, now and then another session,
# and the cipher each time.
# timeout: 600 1800
# debug: full, churn switches keys there too
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh
switches=8 rate=200 tcp=2M
((PLAIT_SLOWNESS == 1)) || switches=6 rate=50 tcp=500K
[[ -z $PLAIT_FULL ]] || switches=200

# active NS: "session epoch" of the key that seals.
active() {
	ip netns exec "$1" sed 's/session \([0-9]*\) epoch \([0-9]*\) .*/\1 \2/' \
		/sys/class/net/plait0/plait/sealing
}
seals_with() { [[ $(active "$1") == "$2" ]]; }

# switch SESSION EPOCH CIPHER [A'S WORDS...]: as two daemons that agreed on it would.
switch() {
	(umask 077; plaitctl genkey >"$work/x"; plaitctl genkey >"$work/y")
	key b plait0 "$1" "$2" "0x${1}2" "0x${1}1" y x peer-lanes "$LANES" cipher "$3" on-receipt
	key a plait0 "$1" "$2" "0x${1}1" "0x${1}2" x y peer-lanes "$LANES" cipher "$3" "${@:4}"
	expect_equal "what a seals with" "$1 $2" "$(active a)"
	pings a 10.7.0.2 64
	wait_for "b to seal with session $1 epoch $2" seals_with b "$1 $2"
}

udp_demand=whole                      # t/lanes_share_cpus.sh looks after order
for LANES in 1 4; do
	topology_pair
	pings a 10.7.0.2 64
	before=$(drops_of a plait0; drops_of b plait0)
	udp_begin a b 10.7.0.2 4 300 $rate
	udp_begin b a fd07::1 4 1000 $rate
	udp_begin a b fd07::2 2 900 $rate gso 10
	background b iperf3 -s -p 5201
	background a iperf3 -c 10.7.0.2 -p 5201 -t 1000 -b $tcp
	session=1 epoch=0
	for ((i = 1; i <= switches; i++)); do
		if ((i % 4 == 0)); then
			session=$((session + 1)) epoch=0
		else
			epoch=$((epoch + 1))
		fi
		((i % 2)) && cipher=aes-256-gcm || cipher=chacha20-poly1305
		switch $session $epoch "$cipher"
		sleep 0.3
	done
	udp_end
	expect_equal "drops" "$before" "$(drops_of a plait0; drops_of b plait0)"
	echo "   $switches switches with $LANES lanes: nothing lost"
	[[ $LANES == 4 ]] || topology_gone
done

say "the soft limit is told of, the hard one holds"
kill "${background_pids[@]}"          # iperf3
ip netns exec a plaitctl monitor plait0 >"$work/events" 2>&1 &
background_pids+=($!)
told() { grep -q "plait0  $1  session 90, epoch 0" "$work/events"; }
sealed() {
	ip netns exec a plaitctl --json key show plait0 | tr -d ' \n' | sed 's/{/\n/g' |
		sed -n '/"session":90[,}]/s/.*"sealed":\([0-9]*\).*/\1/p'
}
switch 90 0 aes-256-gcm soft-limit 100 hard-limit 200
wait_for "key-activated" told key-activated
a ping -q -c 120 -i 0.01 10.7.0.2 >/dev/null
wait_for "key-limit-near" told key-limit-near
a ping -q -c 200 -i 0.01 -W 0.2 10.7.0.2 >/dev/null || true
wait_for "key-limit-reached" told key-limit-reached
cat "$work/events"
expect_equal "datagrams sealed" 200 "$(sealed)"
expect_more "packets that the limit dropped" 0 "$(counter_of a plait0 tx_limit)"
switch 90 1 aes-256-gcm
pings a 10.7.0.2 64
say "done"
