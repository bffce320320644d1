# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2034,SC2154 # read by flood.sh; target, work, underlay are guest.sh's
# The flood by plait-load (bench/dpdk) in pktgen's place: sourced after flood.sh, whose words of
# these names it replaces. plait-load writes whole datagrams, the tunnel's own too: it seals
# them, and a's tunnel has nothing to do. So b has a device of its own for it, and WireGuard,
# which it does not speak, no row.
#
#   ┌ a ────────────────────────────────┐          ┌ b, the victim ────────────┐
#   │ plait-load ─── net_af_xdp ── eth0 ┼──────────┤ eth0 [XDP, or none]       │
#   │                     or ── void1   │          │ flooded0 → sink0 counts   │
#   └───────────────────────────────────┘          └───────────────────────────┘
#
# net_af_xdp: it loses what a full ring refuses, as a wire does; net_af_packet would wait.

cost_rows=(at-once filter module)
flood_rows=(filter module)
flood_kinds=(plait)
victim=flooded0
to_port[plait]=51910

LOAD_INDEX=0x2f
XDP_PROGRAM=/usr/lib/x86_64-linux-gnu/bpf/xsk_def_xdp_prog.o   # run.sh brings it
out=void1               # where plait-load sends
unplugged=              # what is valid is to go nowhere
next=0                  # packet number

arm() {
	# What b's ring has no room for shall be dropped there, not wait in the socket.
	sysctl -qw net.core.wmem_default=16777216
	new_keys load
	in_b ip link add $victim type plait local 192.0.2.2 remote 192.0.2.66 port "${to_port[plait]}"
	in_b plaitctl key new $victim session 1 epoch 0 local-index $LOAD_INDEX remote-index 0x1f \
		tx-key "$work/key-load-back" rx-key "$work/key-load-there"
	ip -n b link set $victim up
}
disarm() { :; }

# forge KIND DEVICE
forge() { out=$2; }

# On virtio-net the sender's driver stays in the count, as in forged_costs.
unplug() { if [[ $underlay == veth ]]; then out=void1; else unplugged=yes; fi; }
plug() { out=eth0 unplugged=; }

# train INTERVAL_NS TRAINS LEGIT FORGED KIND FRAME MAC: as flood.sh's, for run.
train() {
	local interval=$1 trains=$2 legit=$3 forged=$4 frame=$6 mac=$7
	if ((legit)); then
		mac=$(mac_of_b)
		[[ -z $unplugged ]] || mac=$NOBODY
	else
		frame=78
	fi
	load=(plait-load --interface "$out" --driver af_xdp --xdp-program "$XDP_PROGRAM"
		--from 192.0.2.66 --to 192.0.2.2
		--to-mac "$mac" --port "${to_port[plait]}" --source-port 1024 --source-ports 52000
		--key "$work/key-load-there" --index "$LOAD_INDEX" --mix "valid=$legit,forged=$forged"
		--inner-from 10.1.0.2 --inner-to "${target[plait]}"
		--size $((frame - 14)) --forged-size $((FORGED_FRAME - 42))
		--train $((legit + forged)) --count $((trains * (legit + forged)))
		--rate "$(awk -v n=$((legit + forged)) -v ns="$interval" 'BEGIN { printf "%.9f", n * 1e9 / ns }')")
}

# run: sets what flood.sh's sets. plait-load never looks at the clock to wait.
run() {
	local total idle said
	said=$(gauge command a "${load[@]}" --counter $next 2>"$work/load-errors") ||
		{ cat "$work/load-errors"; echo "FAILED: plait-load"; exit 1; }
	result=${said##*$'\n'}
	total=${result#*total=} total=${total% *} idle=${result#*idle=}
	busy=$((total - idle))
	next=${said#*next=} next=${next%%$'\n'*}
	took=${said#*took=} took=${took%% *}
	ran=$took
}

pktgen_says() { echo "$took 0"; }
