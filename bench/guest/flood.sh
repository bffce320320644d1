# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # target, inner, work, here, runs are guest.sh's
# A flood of forged datagrams with a valid receiver index: what each costs the victim, and
# what becomes of the tunnel's own packets meanwhile. Sourced by guest.sh; the method is in
# bench/README.md.
#
#   ┌ a ──────────────────────────────────────┐          ┌ b, the victim ────────────┐
#   │ pktgen ─ gen ── lan ─ tunnel ═══════════╪══════════╪═ tunnel → sink0 counts    │
#   │    │          veth                      │ veth, or │                           │
#   │    └─ void0 [tc: pedit, redirect] ─ eth0┼──────────┤ eth0 [XDP, or none]       │
#   │         forged               or ─ void1 │virtio-net│  NAPI in a thread         │
#   └─────────────────────────────────────────┘          └───────────────────────────┘
#
# One pktgen sends trains of 143 packets: after each ten forged ones one of the tunnel's. It
# does not hear what a full ring has refused, so it sends nothing twice.

LEGIT=13                # of the tunnel's packets in a train,
FORGED=130              # and forged ones; veth's ring has room for 256
FORGED_FRAME=106        # 64 octets of UDP payload: long enough for both protocols' checks
GENTLE_NS=2000000       # between trains: everything is done long before the next one
TRAINS=800              # in a flood
NOBODY=02:00:00:00:57:7f        # a hardware address that nobody has
tracing=/sys/kernel/tracing
cost_rows=(at-once filter module wireguard)     # who drops what is forged
flood_rows=(filter module wireguard)            # whose tunnel is flooded
flood_kinds=(plait wireguard)
victim=plait0           # plait's device in b

declare -A to_port=([plait]=51900 [wireguard]=51820)
declare -A whole        # [kind-frame]: instructions of a packet of the tunnel's, both ends
generator=0             # instructions of the generator's for a forged datagram

b_xdp() { nsenter --net=/run/netns/b plaitctl xdp "$@" 2>/dev/null; }
rx_of_b() { ip netns exec b cat /sys/class/net/eth0/statistics/rx_packets; }
# dropped ROW: forged datagrams that were dropped where they should be.
dropped() {
	case $1 in
	filter) b_xdp stats eth0 --all | awk '$1 == "tag" { print $2 }' ;;
	module) in_b ethtool -S $victim | awk '$1 == "rx_tag:" { print $2 }' ;;
	at-once) in_b ethtool -S eth0 | awk '/rx[_a-z]*[0-9]+_xdp_drops:/ { n += $2 } END { print n + 0 }' ;;
	wireguard) awk '$1 == "plait_flood" { n = $2 } END { print n + 0 }' $tracing/kprobe_profile ;;
	esac
}

# shape: datagrams go over the underlay one by one, and b takes them by NAPI with GRO, whatever
# runs there; its NAPI is a thread, so that pktgen need not do b's work before its own.
shape() {
	in_a ethtool -K eth0 tso off gso off tx-udp-segmentation off >/dev/null 2>&1 || true
	in_b ethtool -K eth0 gro on >/dev/null
	in_b bash -c 'echo 1 >/sys/class/net/eth0/threaded'
}

# guard WHAT: b's eth0 has the filter, a program that drops all at once ("nothing"), or none.
guard() {
	b_xdp detach eth0 || true
	nsenter --net=/run/netns/b xdp-loader unload -a eth0 >/dev/null 2>&1 || true
	case $1 in
	filter) nsenter --net=/run/netns/b plaitctl xdp attach eth0 mode native ;;
	at-once) nsenter --net=/run/netns/b xdp-loader load -m native -n nothing eth0 "$here/bare.bpf.o" ;;
	esac
	shape
}

mac_of_b() { ip netns exec b cat /sys/class/net/eth0/address; }

# The index that b gave to its WireGuard session: read off a datagram.
wireguard_index() {
	local sniffer
	in_b tcpdump -p -n -i eth0 -c 1 -x 'udp dst port 51820 and udp[8] = 4' >"$work/sniffed" 2>/dev/null &
	sniffer=$!
	while kill -0 $sniffer 2>/dev/null; do
		in_a ping -q -c 1 -W 1 "${inner[wireguard]}.2" >/dev/null
	done
	awk '/^\t0x/ { for (i = 2; i <= NF; i++) hex = hex $i } END { print "0x" substr(hex, 65, 8) }' \
		"$work/sniffed"
}

# forge KIND DEVICE: what pktgen sends on void0 becomes KIND's datagram, and goes to DEVICE. Of
# plait: type SOURCE, version 1, epoch 0, b's index, lane 0; what pktgen writes in front is the
# wrong tag. Of WireGuard: type 4 and b's index. Offsets are the IP header's.
forge() {
	local words=(44 0x01010000 48 0x21)
	[[ $1 != wireguard ]] || words=(28 0x04000000 32 "$(wireguard_index)")
	in_a tc qdisc replace dev void0 clsact
	in_a tc filter del dev void0 egress 2>/dev/null || true
	in_a tc filter add dev void0 egress matchall \
		action pedit munge offset "${words[0]}" u32 set "${words[1]}" \
		munge offset "${words[2]}" u32 set "${words[3]}" pipe \
		action mirred egress redirect dev "$2"
}

# train INTERVAL_NS TRAINS LEGIT FORGED KIND FRAME MAC: what pktgen of a is to send: FORGED
# datagrams to KIND's port at MAC, source ports from packet to packet others; and LEGIT packets
# of FRAME octets for the tunnel KIND, spread evenly among them.
train() {
	# shellcheck disable=SC2016 # for the inner shell
	in_a bash -c '
		set -e
		interval=$1 trains=$2 legit=$3 forged=$4 mac=$5 to_port=$6 size=$7 frame=$8
		to=$9 lan_mac=${10}
		thread=/proc/net/pktgen/kpktgend_0
		device() { # NAME WORDS...
			local word
			echo "add_device $1" >$thread
			for word in "flag !SHARED" "flag NO_TIMESTAMP" "delay $interval" "count $trains" "${@:2}"; do
				echo "$word" >"/proc/net/pktgen/$1"
			done
		}
		echo rem_device_all >$thread
		each=$((legit ? forged / legit : 0)) next=0
		for ((i = 0; i < forged || next < legit; i++)); do
			((i >= forged)) || device "void0@$i" "xmit_mode queue_xmit" "dst_mac $mac" "pkt_size $size" \
				"src_min 192.0.2.66" "src_max 192.0.2.66" "dst 192.0.2.2" \
				"udp_dst_min $to_port" "udp_dst_max $to_port" \
				"udp_src_min $((1024 + i * 400))" "udp_src_max $((1423 + i * 400))"
			if ((next < legit && i >= each * next + each / 2)); then
				device "gen@$next" "dst_mac $lan_mac" "pkt_size $frame" "dst $to" \
					"src_min 10.1.0.2" "src_max 10.1.0.2" "udp_src_min 9000" "udp_src_max 9000" \
					"udp_dst_min 9001" "udp_dst_max 9001"
				((++next))
			fi
		done' - "$1" "$2" "$3" "$4" "$7" "${to_port[$5]}" $FORGED_FRAME "$6" "${target[$5]}" \
		"$(ip netns exec a cat /sys/class/net/lan2/address)"
}

# pktgen_says: ns from the start to the end of all, and those that its devices waited.
pktgen_says() {
	in_a bash -c 'cat /proc/net/pktgen/*@*' | awk '/^Result: OK:/ {
			split($3, us, /[(cd+)]+/)
			waited += us[3]
			if (us[1] > took + 0)
				took = us[1]
		}
		END { printf "%d000 %d000\n", took, waited }'
}

# generators_ran: ns that pktgen's threads have had the CPU.
generators_ran() {
	local comm ns sum=0
	while read -r comm; do
		read -r ns _ <"${comm%comm}schedstat"
		((sum += ns))
	done < <(grep -lx kpktgend_0 /proc/[0-9]*/comm)
	echo $sum
}

# run: what train has said; sets busy, instructions, and ran, those of pktgen's threads.
run() {
	local total idle before
	before=$(generators_ran)
	result=$(gauge pktgen a fifo)
	total=${result#*total=} total=${total% *} idle=${result#*idle=}
	busy=$((total - idle))
	ran=$(($(generators_ran) - before))
}

# per_train INTERVAL_NS LEGIT FORGED KIND FRAME MAC: sets cost, the instructions of a train, by
# the difference of a short run and a long one: what pktgen needs to begin and to end is in both.
per_train() {
	local trains short
	for trains in 40 240; do
		train "$1" $trains "${@:2}"
		run
		[[ $trains != 40 ]] || short=$busy
	done
	cost=$(((busy - short) / 200))
}

# forge_alone KIND MAC: sets cost, the instructions of a forged datagram.
forge_alone() {
	per_train $GENTLE_NS 0 $FORGED "$1" 0 "$2"
	cost=$((cost / FORGED))
}

# forged_reach KIND ROW: forged datagrams are dropped where ROW says, each one. WireGuard has
# no counter for it: there the calls of its AEAD are counted, while nothing is measured.
forged_reach() {
	local before after count=$((FORGED * 4))
	[[ $2 != wireguard ]] || {
		echo 'p:plait_flood chacha20poly1305_decrypt_sg_inplace' >$tracing/kprobe_events
		echo 1 >$tracing/events/kprobes/plait_flood/enable
	}
	before=$(dropped "$2")
	train $GENTLE_NS 4 0 $FORGED "$1" 0 "$(mac_of_b)"
	run
	after=$(dropped "$2")
	[[ $2 != wireguard ]] || {
		echo 0 >$tracing/events/kprobes/plait_flood/enable
		echo >$tracing/kprobe_events
	}
	((after - before == count)) ||
		{ echo "FAILED: of $count forged datagrams $((after - before)) were dropped by $2"; exit 1; }
}

# forged_costs RUN: of one forged datagram: the generator's, and what the victim has on top.
forged_costs() {
	local run=$1 row kind way=void1
	say "forged datagrams over $underlay: run $run of $runs (usually 20 s)"
	# A dummy frees what it is given. A NIC has work with what it sends: there the same
	# frames go out, to nobody, and QEMU keeps them from the other end.
	[[ $underlay == veth ]] || way=eth0
	forge plait $way
	forge_alone plait $NOBODY
	generator=$cost
	echo "raw cost $underlay generator $run cost=$cost"
	for row in "${cost_rows[@]}"; do
		kind=plait
		[[ $row != wireguard ]] || kind=wireguard
		guard "$row"
		forge $kind eth0
		forged_reach $kind "$row"
		forge_alone $kind "$(mac_of_b)"
		echo "raw cost $underlay $row $run cost=$((cost - generator))"
	done
	guard none
}

# --- the tunnel's own packets ------------------------------------------------------------

# legit KIND FRAME INTERVAL_NS: without a flood; sets cost, of a packet, and lost.
legit() {
	local before
	before=$(sunk b)
	per_train "$3" $LEGIT 0 "$1" "$2" $NOBODY
	sleep 0.05
	lost=$((before + 280 * LEGIT - $(sunk b)))
	cost=$((cost / LEGIT))
}

# legit_lossless: the same, where nothing may be lost.
legit_lossless() {
	legit "$@"
	((lost == 0)) || { echo "FAILED: $1 loses $lost packets without a flood"; exit 1; }
}

# unplug: what the sender is done with goes nowhere; plug: it does again.
unplug() {
	in_a tc qdisc replace dev eth0 clsact
	in_a tc filter add dev eth0 egress matchall action drop
}
plug() { in_a tc qdisc del dev eth0 clsact; }

# find_half KIND FRAME: what a packet costs at the interval at which the tunnel, both ends and
# pktgen, keeps the CPU busy for half of the time; and which part is done before the underlay.
find_half() {
	local key=$1-$2 interval=$GENTLE_NS
	for _ in 1 2 3; do
		legit_lossless "$1" "$2" $interval
		interval=$((2 * LEGIT * cost))
	done
	whole[$key]=$cost
	unplug
	legit "$1" "$2" $interval
	plug
	((lost == 280 * LEGIT)) || { echo "FAILED: $1 reached b through a drop"; exit 1; }
	echo "raw legit $underlay $1-$(($2 - 14)) 1 whole=${whole[$key]} sender=$cost"
}

# flooded ROW KIND FRAME INTERVAL_NS RUN [FORGED]: INTERVAL is what the clock of tunnel and
# victim shows between two trains. The guest's gets on top what the generator needs for the
# forged datagrams of one. "burnt": if the next train is due in less than 100 us,
# pktgen waits for it by looking at the clock.
flooded() {
	local row=$1 kind=$2 frame=$3 interval=$4 forged=${6:-$FORGED} legit=$LEGIT
	local every before seen waited took delivered
	# A train must find room in an empty ring: shorter ones, more often.
	((forged <= 190)) || legit=6 forged=$((forged * 6 / LEGIT)) interval=$((interval * 6 / LEGIT))
	every=$((interval + forged * generator))
	train $every $TRAINS $legit "$forged" "$kind" "$frame" "$(mac_of_b)"
	before=$(sunk b) seen=$(rx_of_b)
	run
	sleep 0.05
	delivered=$(($(sunk b) - before)) seen=$(($(rx_of_b) - seen))
	read -r took waited < <(pktgen_says)
	echo "raw goodput $underlay $row $5 sent=$((TRAINS * legit)) delivered=$delivered" \
		"forged=$((TRAINS * forged)) seen=$seen every=$every interval=$interval" \
		"due=$((every * (TRAINS - 1))) took=$took burnt=$((ran - took + waited)) $result"
}

# goodput FRAME RUN: without a flood, and in it.
goodput() {
	local frame=$1 run=$2 kind row size=$(($1 - 14)) interval
	say "goodput in the flood, packets of $size octets: run $run of $runs (usually 60 s)"
	for kind in "${flood_kinds[@]}"; do
		guard none
		legit_lossless "$kind" "$frame" $((2 * LEGIT * ${whole[$kind-$frame]}))
		echo "raw unflooded $underlay $kind-$size $run cost=$cost"
	done
	for row in "${flood_rows[@]}"; do
		kind=plait
		[[ $row != wireguard ]] || kind=wireguard
		guard "$row"
		forge $kind eth0
		interval=$((2 * LEGIT * ${whole[$kind-$frame]}))
		flooded "$row-$size" $kind "$frame" $interval "$run"
		# WireGuard has the flood that plait had, too.
		[[ $row != wireguard ]] || flooded "$row-same-$size" $kind "$frame" $interval "$run" \
			$((FORGED * ${whole[$kind-$frame]} / ${whole[plait-$frame]}))
	done
	guard none
}

# disarm: pktgen lets go of its devices.
disarm() { in_a bash -c 'echo rem_device_all >/proc/net/pktgen/kpktgend_0'; }

# virtio_underlay: the veth goes, boot.sh's two NICs on one wire take its place.
virtio_underlay() {
	local path ends=(a b) n=0
	modprobe virtio_net
	disarm
	ip -n a link del eth0
	for path in /sys/class/net/*; do
		[[ $(<"$path/address") == 02:00:00:00:57:0? ]] || continue
		ip link set "${path##*/}" netns "${ends[n]}" name eth0
		ip -n "${ends[n]}" addr add "192.0.2.$((n + 1))/24" dev eth0
		ip -n "${ends[n]}" link set eth0 up
		((++n))
	done
	((n == 2)) || { echo "FAILED: $n virtio-net NICs, not 2"; exit 1; }
	for path in plait wireguard; do
		until in_a ping -q -c 1 -W 1 "${inner[$path]}.2" >/dev/null; do sleep 0.1; done
	done
}

# arm: what the generator needs before it starts; disarm is its counterpart.
arm() { :; }

flood() {
	local run frame frames=(1314 64) kind
	modprobe -a cls_matchall act_pedit act_mirred act_gact sch_ingress
	for kind in void0 void1; do ip -n a link add $kind type dummy; done
	ip -n a link add gen type veth peer name lan2
	for kind in void0 void1 gen lan2; do ip -n a link set $kind up; done
	arm
	for underlay in veth virtio; do
		wants $underlay || continue
		[[ $underlay == veth ]] || virtio_underlay
		shape
		for ((run = 1; run <= runs; run++)); do forged_costs $run; done
		for frame in "${frames[@]}"; do
			say "half of capacity, packets of $((frame - 14)) octets (usually 10 s)"
			for kind in "${flood_kinds[@]}"; do find_half "$kind" "$frame"; done
			for ((run = 1; run <= runs; run++)); do goodput "$frame" $run; done
		done
	done
	disarm
}
