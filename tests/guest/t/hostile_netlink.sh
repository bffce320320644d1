#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Netlink requests that no honest program would send, from those who may and those who may
# not: each is answered, nobody oversteps, and nothing of it stays.
#
#   ┌ a ────────────────────┐            ┌ b ────────┐   ┌ storm ────────┐   ┌ (unnamed) ────┐
#   │ plait0  ══════════════╪════════════╪═ plait0   │   │ storm0 ...    │   │ storm0 ...    │
#   │ nlstorm --forbidden   ├─── veth ───┤           │   │ nlstorm       │   │ nlstorm       │
#   └───────────────────────┘            └───────────┘   └───────────────┘   └───────────────┘
# In a: root of a user namespace, not of a's, who may look and no more. In storm: root, with
# devices of its own. Unnamed: root of a user namespace in its own network namespace.
# plait-nlstorm itself fails if a request has no answer, or if a reply holds a key.
# timeout: 900 36000
# stock: full, the debug kernel sees more
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

count=10000
[[ -z ${PLAIT_FULL:-} ]] || count=1000000
echo "seed: ${SEED:=$RANDOM} (SEED in the environment repeats a run)"

# as_found: what a has of plait, without counters.
as_found() {
	ip -n a -d link show type plait
	ip netns exec a plaitctl --json key show | grep -E 'session|epoch|index|active'
	ip netns exec a plaitctl --json strand show | grep -E 'local|remote|port|link'
}
# unreclaimable: kB of memory that the kernel cannot take back by itself.
unreclaimable() {
	awk '$1 ~ /^(SUnreclaim|Percpu|VmallocUsed|KernelStack):$/ { kb += $2 } END { print kb }' \
		/proc/meminfo
}
no_more_than() { (($(unreclaimable) <= $1)); }
no_device_left() { [[ -z "$(ip -n storm -br link show type plait)" ]]; }
no_socket_left() { [[ -z "$(ip netns exec storm ss -Huan)" ]]; }

# storms COUNT: root in a namespace of its own, and another user namespace's root.
storms() {
	local pid
	SEED=$((SEED + 2))
	make_ns storm
	in_ns storm plait-nlstorm $(($1 * 3 / 4)) --seed $SEED &
	pid=$!
	busybox unshare -U -r -n plait-nlstorm $(($1 / 4)) --seed $((SEED + 1)) ||
		fail "plait-nlstorm in a user namespace"
	wait $pid || fail "plait-nlstorm of root"
	local dev
	for dev in $(ip -n storm -br link show type plait | awk '{ print $1 }'); do
		ip -n storm link del "$dev"
	done
	no_device_left || fail "devices cannot be deleted: $(ip -n storm -br link)"
	wait_for "the sockets to go" no_socket_left
	ip netns del storm
}

topology_pair
pings a 10.7.0.2 64
as_found >"$work/before"

say "one who may only look, in a"
a busybox unshare -U -r plait-nlstorm $((count / 5)) --forbidden --seed "$SEED"
as_found >"$work/after"
diff "$work/before" "$work/after" || fail "a was changed"
pings b fd07::1 1300

say "some who may, in namespaces of their own, twice: the second time takes no more memory"
storms $((count * 2 / 5))
sleep 1                           # what was freed by RCU and by namespaces' ends
before=$(unreclaimable)
storms $((count * 2 / 5))
# Slabs and per-CPU chunks that are partly filled vary by some hundred kB.
wait_for "memory to come back to $before kB (it is $(unreclaimable))" no_more_than $((before + 768))
echo "   unreclaimable memory: $before kB, then $(unreclaimable) kB"

say "the tunnel is as it was, and a new one as good"
as_found >"$work/after"
diff "$work/before" "$work/after" || fail "a was changed"
pings a 10.7.0.2 1300
file_over_tcp a b fd07::2 1
topology_gone
topology_pair
pings b 10.7.0.1 64
