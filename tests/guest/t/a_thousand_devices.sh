#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A thousand tunnels between two hosts, all on one UDP port: made, used one and all,
# deleted; and the first of them is as fast with the others there as it was alone.
#
# The clock counts instructions (--icount), so times are of work done, and repeat.
# boot: --icount --mem 1024
# timeout: 400
# debug: no, its clock does not count instructions fast enough for two thousand devices
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh

devices=1000

# memory NAME: KiB of /proc/meminfo, after what RCU and work items still held is free.
memory() { awk -v n="$1:" '$1 == n { print $2 }' /proc/meminfo; }
note_memory() { # PREFIX: variables PREFIX_free, PREFIX_slab, PREFIX_percpu
	sleep 0.5
	declare -g "$1_free=$(memory MemFree)" "$1_slab=$(memory Slab)" "$1_percpu=$(memory Percpu)"
}
# per_device WHAT FROM TO COUNT: how much more there is in use, in KiB each
per_device() {
	awk -v what="$1" -v count="$4" -v free=$((${2}_free - ${3}_free)) \
		-v slab=$((${3}_slab - ${2}_slab)) -v percpu=$((${3}_percpu - ${2}_percpu)) 'BEGIN {
		printf "%s: %.1f KiB a device (slab %.1f, per CPU %.1f)\n", what,
			free / count, slab / count, percpu / count }'
}
# many WORDS...: plait-many's line shown, and its time per thing in $each
many() {
	local line
	line=$(plait-many "$@") || fail "plait-many $*"
	echo "$line"
	each=${line##*, }
	each=${each%% us*}
}
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'; }

make_ns a b
wire a eth0 192.0.2.1/24 2001:db8:1::1/64 b eth0 192.0.2.2/24 2001:db8:1::2/64
for i in 1 2 3 4 5 6 7 8 9 10; do ip -n b addr add 192.0.2.$((100 + i))/24 dev eth0; done

say "one"
many make 0 1
many echo 0 1 1000 1000
alone=$each
note_memory before

say "$devices"
many make 1 $((devices - 1))
note_memory idle
expect_equal "devices in a" $devices "$(ip -n a -o link show type plait | wc -l)"
expect_equal "sockets in a" 1 "$(ip netns exec a ss -Hanu "sport = :51900" | wc -l)"
many echo 1 $((devices - 1)) 20 1200
note_memory active
per_device "idle" before idle $((2 * devices - 2))
per_device "after traffic" before active $((2 * devices - 2))

say "the first one again"
many echo 0 1 1000 1000
echo "a round trip with one device $alone us, with $devices $each us"
below "$each" "$(awk -v t="$alone" 'BEGIN { print t * 1.05 }')" ||
	fail "the others slow the first one down"

say "and gone"
many delete $devices
expect_equal "devices left" "" "$(ip -n a -o link show type plait)"
no_socket() { [[ -z "$(ip netns exec a ss -Hanu "sport = :51900")" ]]; }
wait_for "the socket to go" no_socket
note_memory after
per_device "still in use" before after $((2 * devices - 2))
