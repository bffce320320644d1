#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A client that nobody here wrote drives every operation of the netlink family: the kernel
# tree's own, which knows nothing of plait but netdrv/plait.yaml.
#
#   ┌ a ──────────────────────────┐               ┌ b ────────────────────────┐
#   │ plait0  made by YNL         │ ═ the tunnel ═│ plait0  made by plaitctl  │
#   │ eth0    192.0.2.1/24        ├───── veth ────┤ eth0    192.0.2.2/24      │
#   └─────────────────────────────┘               └───────────────────────────┘
# tests/ynl/drive.py says what it does, step by step; cli.py is tried as users have it.
# boot: --layer tests/ynl/guest_layer.sh
# timeout: 300
# debug: full, hostile_netlink asks more
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh

ynl=/plait/ynl
cli() {
	ip netns exec a python3 $ynl/tools/net/ynl/cli.py --no-schema \
		--spec $ynl/Documentation/netlink/specs/plait.yaml "$@"
}

make_ns a b
wire a eth0 192.0.2.1/24 2001:db8:1::1/64 b eth0 192.0.2.2/24 2001:db8:1::2/64
umask 077
for key in there back there1 back1; do
	plaitctl genkey >"$work/$key"
done
b ip link add plait0 type plait remote 192.0.2.1 port 51901
b plaitctl key new plait0 session 1 epoch 0 local-index 0x12 remote-index 0x11 \
	tx-key "$work/back" rx-key "$work/there"
b plaitctl key new plait0 session 1 epoch 1 local-index 0x12 remote-index 0x11 \
	tx-key "$work/back1" rx-key "$work/there1" inactive
b ip address add 10.7.0.2/24 dev plait0
b ip link set plait0 up

a python3 $ynl/drive.py "$work"/{there,back,there1,back1}

say "cli.py"
cli --do device-new --json '{"device": {"ifname": "byhand", "window": 64}}' >"$work/said"
grep -q "'ifname': 'byhand'" "$work/said" || fail "it said: $(<"$work/said")"
if cli --do device-del --json '{"device": {"ifname": "eth0"}}' >"$work/said" 2>&1; then
	fail "eth0 was deleted"
fi
grep -q 'not a device of kind plait' "$work/said" || fail "it said: $(<"$work/said")"
