#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plait-load (bench/dpdk), a generator and sink on DPDK, is a peer of plait.ko's.
#
#   ┌ a ───────────────────────┐           ┌ b ──────────────────┐     ┌ in ───────────────┐
#   │ plait-load, as 192.0.2.66│           │                     │     │ loaded0  10.9.0.2 │
#   │ eth0                     ├── veth ───┤ eth0  192.0.2.2     ├─────┤          fd09::2  │
#   └──────────────────────────┘           └─────────────────────┘     └───────────────────┘
# Over net_af_packet and net_af_xdp: of a mix each datagram moves just the counter that it must,
# and what is valid reaches a socket; echo requests come back as datagrams that the sink opens.
# The generator has an address of its own, so that a's stack has nothing to say to the answers.
# timeout: 400
# kernels: 6.12
# debug: no, what is under test runs in user space
# boot: --add /usr/lib/x86_64-linux-gnu/bpf/xsk_def_xdp_prog.o:/usr/lib/x86_64-linux-gnu/bpf/xsk_def_xdp_prog.o --add /usr/lib/x86_64-linux-gnu/bpf/xsk_def_xdp_prog_5.3.o:/usr/lib/x86_64-linux-gnu/bpf/xsk_def_xdp_prog_5.3.o
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

command -v plait-load >/dev/null ||
	{ echo "skipped: plait-load is not built: it needs libdpdk-dev and libipsec-mb-dev"; exit 77; }
modprobe -q af_packet || true
sysctl -qw net.core.rmem_default=16777216      # a socket has room for all, however late its reader

mac_of() { ip netns exec "$1" cat /sys/class/net/eth0/address; }

loaded_host() {
	say "one host, and a generator beside it, $CIPHER"
	make_ns a b in
	wire a eth0 192.0.2.1/24 2001:db8:1::1/64 b eth0 192.0.2.2/24 2001:db8:1::2/64
	ip -n b neigh add 192.0.2.66 lladdr "$(mac_of a)" dev eth0 nud permanent
	local key
	for key in there back; do
		(umask 077; plaitctl genkey >"$work/$key")
	done
	b ip link add loaded0 type plait local 192.0.2.2 remote 192.0.2.66 port 7777
	key b loaded0 1 0 0x92 0x81 back there cipher "$CIPHER"
	b ip link set loaded0 netns in
	inner in loaded0 10.9.0.2/24 fd09::2/64
	wait_carrier in loaded0
	ip -n in neigh flush all
	in_ns in socat -u UDP4-RECV:5301 OPEN:/dev/null &
	disown $!
	wait_listening in udp 5301
	next=0
}

# load OPTIONS...: sends; what it says is in $work/said. Packet numbers go on from run to run.
load() {
	a plait-load --interface eth0 --driver "$driver" --from 192.0.2.66 --to 192.0.2.2 \
		--to-mac "$(mac_of b)" --port 7777 --cipher "$CIPHER" \
		--key "$work/there" --index 0x92 --counter "$next" \
		"$@" 2>"$work/errors" >"$work/said" || { cat "$work/errors"; fail "plait-load"; }
	cat "$work/said"
	next=$(said sent next)
}
# said LINE NAME: a number of what plait-load said.
said() { awk -v line="$1" -v name="$2" '$1 == line {
	for (i = 2; i <= NF; i++) if (split($i, pair, "=") == 2 && pair[1] == name) print pair[2] }' "$work/said"; }

names=(rx_datagrams rx_tag rx_auth rx_duplicate rx_old rx_queue)
counted() { local name; for name in "${names[@]}"; do counter_of in loaded0 "$name"; done; }
delivered() { [[ $(nstat_of in UdpInDatagrams) == "$1" ]]; }

mixed() {
	local before after i wanted udp
	say "a mix by $driver: valid, forged, spoilt, replayed, and numbers left out"
	mapfile -t before < <(counted)
	udp=$(nstat_of in UdpInDatagrams)
	load --inner-from 10.9.0.1 --inner-to 10.9.0.2 --mix valid=6,forged=2,spoilt=1,replayed=1 --loss 10 \
		--size 64,1300 --source-ports 16 --count 2000 --rate 2000 --train 20
	wanted=(1080 400 200 200 0 0)
	wait_for "1080 inner packets at a socket" delivered $((udp + 1080))
	mapfile -t after < <(counted)
	for i in "${!names[@]}"; do
		expect_equal "${names[i]}" "${wanted[i]}" $((after[i] - before[i]))
	done
	for i in valid=1080 forged=400 spoilt=200 replayed=200 lost=120 trains=100; do
		expect_equal "plait-load's ${i%=*}" "${i#*=}" "$(said sent "${i%=*}")"
	done
	expect_more "time that 100 trains take, ns" 989999999 "$(said sent took)"
}

echoed() { # FROM TO
	say "500 echoes by $driver, $1 to $2"
	load --inner echo --inner-from "$1" --inner-to "$2" --count 500 --rate 1000 --train 5 \
		--sink-key "$work/back" --sink-index 0x81 --linger 1
	expect_equal "what came back" "received accepted=500 packets=500 octets=32000 missing=0" \
		"$(tail -n 1 "$work/said")"
}

for CIPHER in chacha20-poly1305 aes-256-gcm; do
	loaded_host
	for driver in af_packet af_xdp; do
		mixed
		echoed 10.9.0.1 10.9.0.2
		echoed fd09::1 fd09::2
	done
	topology_gone
done
