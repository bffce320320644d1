#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in the guest: bare veth, VXLAN, WireGuard, OpenVPN and plait side by side, and with the
# word "userdp" plait's data path in user space (bench/userdp) too. Prints progress as
# "== ...", results as "raw ..." for report.awk, profiles as "profile ...". With the word
# "flood" what flood.sh tells, for flood.awk.
#
#   ┌ a ──────────────┐            ┌ b ────────────────────┐        ┌ c ─────┐
#   │ lan    10.1.0.1 │            │ sink0 (dummy) counts  │        │ sink0  │
#   │  ^ pktgen       │            │ what was carried      │        │        │
#   │ eth0  192.0.2.1 ├─── veth ───┤ eth0 192.0.2.2   eth1 ├─ veth ─┤ eth0   │
#   │ 10.7x.0.1       │═ tunnels ══│ 10.7x.0.2  10.17x.0.1 │═ some ═│ .2     │
#   └─────────────────┘            └───────────────────────┘        └────────┘
#
# System calls' traffic runs from a to b. pktgen's packets, as if from 10.1.0.2 by lan, to
# 10.2x.0.2 go by tunnel x to b's sink0, those to 10.2x.0.3 by two tunnels to c's.
set -euo pipefail
here=/plait/bench
# shellcheck source=bench/guest/topology.sh
source $here/topology.sh
# shellcheck source=bench/guest/openvpn.sh
source $here/openvpn.sh
# shellcheck source=bench/guest/stack.sh
source $here/stack.sh
# shellcheck source=bench/guest/pktgen.sh
source $here/pktgen.sh
# shellcheck source=bench/guest/flood.sh
source $here/flood.sh
if [[ ${BENCH_GENERATOR:-pktgen} == dpdk ]]; then
	# shellcheck source=bench/guest/flood-dpdk.sh
	source $here/flood-dpdk.sh
fi

runs=${BENCH_RUNS:-3}
what=${BENCH_WHAT:?words of bench/run.sh}
kinds=(veth vxlan wireguard plait plait-gcm plait-lanes4 plait-gcm-lanes4)
forwarding_kinds=(veth vxlan wireguard plait plait-gcm)
work=$(mktemp -d)

say() { echo "== $*"; }
wants() { [[ " $what " == *" $1 "* ]]; }

# Between pktgen's trains the CPU is idle, and how long must be known exactly.
forwards() { # WORD
	wants "$1" || return 1
	grep -q idle_sleeptime /proc/timer_list && return
	say "pktgen, $1: left out, as this kernel does not tell idle time in nanoseconds"
	return 1
}

# A kernel that has just booted still works in the background for a second or two:
# a loop of 10^8 instructions takes 2·10^8 ns then. Wait until it takes 10^8.
settle() {
	local i span=0
	for ((i = 0; i < 20; i++)); do
		span=$(gauge clock)
		span=${span#*total=} span=${span%% *}
		if ((span < 100500000)); then
			echo "raw clock $span"
			return
		fi
		sleep 1
	done
	echo "FAILED: 10^8 instructions take $span ns: this clock counts no instructions"
	exit 1
}

build
settle
echo "raw kernel $(uname -r)"
# OpenVPN's way to a packet is by system calls in any case.
call_kinds=()
for kind in "${kinds[@]}"; do [[ $kind == openvpn* ]] || call_kinds+=("$kind"); done

if wants flood; then flood; fi
if wants tcp || wants userdp; then
	alternate tcp_run tcp "${kinds[@]}"
	counters plait
fi
if wants floor; then floors; fi
if wants streams; then alternate tcp_streams_run tcp16 "${call_kinds[@]}"; fi
if wants udp; then
	for size in 64 512 1400; do alternate udp_run udp-$size "${call_kinds[@]}"; done
fi
if wants rr; then
	for protocol in udp tcp; do alternate rr_run rr-$protocol "${call_kinds[@]}"; done
fi
if forwards single; then compare single 64 2048 "${forwarding_kinds[@]}"; fi
if forwards burst; then compare burst 64 4096 "${forwarding_kinds[@]}"; fi
if forwards bundle; then compare bundle 64 4096 wireguard plait plait-gcm; fi
if forwards burst1300; then compare burst1300 1314 2048 veth wireguard plait plait-gcm; fi
if wants underlay; then underlays; fi
if wants hub; then hub; fi
if wants filter; then filtered; fi
if wants profile; then
	for kind in wireguard plait plait-gcm; do profiled "tcp-$kind" $kind tcp_run tcp; done
fi
if wants profile-rr; then
	for kind in wireguard plait; do profiled "rr-udp-$kind" $kind rr_run rr-udp; done
fi
if wants profile-burst; then
	for kind in wireguard plait plait-gcm; do pktgen_profile $kind; done
fi
