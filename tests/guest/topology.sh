# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The networks that guest tests run in, and words to test them with. Sourced in
# the guest; everything it makes is gone when the test's shell exits.
#
# topology_pair: two hosts, one tunnel
#
#   ┌ a ───────────────────────┐               ┌ b ───────────────────────┐
#   │ plait0  10.7.0.1/24      │ ═ the tunnel ═│ plait0  10.7.0.2/24      │
#   │         fd07::1/64       │               │         fd07::2/64       │
#   │ eth0    192.0.2.1/24     │               │ eth0    192.0.2.2/24     │
#   │         2001:db8:1::1/64 ├───── veth ────┤         2001:db8:1::2/64 │
#   └──────────────────────────┘               └──────────────────────────┘
#
# topology_chain: two tunnels in a row, carried for hosts that know nothing of them
#
#   ┌ src ───────┐   ┌ a ────────┐    ┌ b ────────────────┐    ┌ c ────────┐   ┌ dst ───────┐
#   │ 10.1.0.2   │   │ 10.1.0.1  │    │                   │    │ 10.2.0.1  │   │ 10.2.0.2   │
#   │ fd01::2    ├───┤ fd01::1   │    │                   │    │ fd02::1   ├───┤ fd02::2    │
#   │            │   │ plait0  ══╪════╪═ plait0   plait1 ═╪════╪═ plait0   │   │            │
#   └────────────┘   └───────────┘    └───────────────────┘    └───────────┘   └────────────┘
#
# Parameters, read when a topology is built:
OUTER=${OUTER:-4}                      # family of the underlay's addresses: 4 or 6
UNDERLAY_MTU=${UNDERLAY_MTU:-1500}
WIRE=${WIRE:-veth}                     # what joins a pair: veth, or virtio: boot.sh's --wire
USO=${USO:-on}                         # UDP segmentation offload on the underlay: on or off
GRO=${GRO:-off}                        # GRO on the underlay: on or off (veth: needs TSO off)
LANES=${LANES:-1}                      # of each device
CIPHER=${CIPHER:-chacha20-poly1305}    # or aes-256-gcm
TUNNEL=${TUNNEL:-plait}                # plait, or wireguard to try the harness itself

PORT=7776                              # tunnel 1 has 7777, the example's
work=$(mktemp -d)
namespaces=()
background_pids=()                     # of traffic.sh

# --- words -----------------------------------------------------------------------

say() { echo "== $*"; }
fail() { echo "FAILED: $*"; exit 1; }

# in_ns NS COMMAND...: echo a command and run it in a namespace.
in_ns() {
	local ns=$1
	shift
	echo "$ns# $*" >&2
	ip netns exec "$ns" "$@"
}
a() { in_ns a "$@"; }
b() { in_ns b "$@"; }
c() { in_ns c "$@"; }
src() { in_ns src "$@"; }
dst() { in_ns dst "$@"; }

# wait_for WHAT COMMAND...: until the command succeeds; a failure after 20 s, or longer
# on a kernel that is slower.
wait_for() {
	local what=$1 limit=$((20 * PLAIT_SLOWNESS)) end
	end=$((SECONDS + limit))
	shift
	while ((SECONDS < end)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	fail "waited $limit s for $what"
}
has_carrier() { [[ "$(ip netns exec "$1" cat "/sys/class/net/$2/carrier")" == 1 ]]; }
listens() { [[ -n "$(ip netns exec "$1" ss -H"${2:0:1}"ln "sport = :$3")" ]]; }
wait_carrier() { wait_for "a carrier on $2 in $1" has_carrier "$1" "$2"; }
wait_listening() { wait_for "a $2 listener on port $3 in $1" listens "$1" "$2" "$3"; }

expect_equal() { # WHAT WANTED GOT
	[[ "$2" == "$3" ]] || fail "$1: expected $2, got $3"
}
expect_more() { # WHAT THAN GOT
	(($3 > $2)) || fail "$1: expected more than $2, got $3"
}
expect_refusal() { # COMMAND...: it must fail
	if "$@"; then fail "should have been refused: $*"; fi
}
refused() { # SENTENCE COMMAND...: it must fail, and say so
	local sentence=$1 said
	shift
	if said=$("$@" 2>&1); then fail "should have been refused: $*"; fi
	[[ ! $said =~ ^[^\ ]+#\  ]] || said=${said#*$'\n'}  # in_ns's echo is no answer
	[[ $said == *"$sentence"* ]] || fail "wanted \"$sentence\", it said: $said"
}

# nstat_of NS NAME: one of the kernel's own counters, since the namespace was made.
nstat_of() {
	ip netns exec "$1" nstat -asz "$2" | awk -v n="$2" '$1 == n { print $2 }'
}
# link_stat NS DEV NAME: of /sys/class/net/DEV/statistics.
link_stat() { ip netns exec "$1" cat "/sys/class/net/$2/statistics/$3"; }
mtu_of() { ip netns exec "$1" cat "/sys/class/net/$2/mtu"; }
# counter_of NS DEV NAME: one of a plait device's counters.
counter_of() { ip netns exec "$1" ethtool -S "$2" | awk -v n="$3:" '$1 == n { print $2 }'; }
# strand_number NS NAME: a number of plait0's strand.
strand_number() {
	ip netns exec "$1" plaitctl --json strand show plait0 | sed -n "s/^ *\"$2\": \([0-9]*\).*/\1/p"
}
# xdp NS WORDS...: `ip netns exec` would hide /sys/fs/bpf.
xdp() {
	echo "$1# plaitctl xdp ${*:2}" >&2
	nsenter --net="/run/netns/$1" plaitctl xdp "${@:2}"
}
# drops_of NS DEV [--all]: "name count" of each drop counter that is not zero (or of all);
# plaitctl has name, value, and "receive drop" say. What it does not know may be one.
drops_of() {
	ip netns exec "$1" plaitctl stats "${@:2}" |
		awk '$4 == "drop" || $3 == "unknown" { print $1, $2 }'
}

# --- building --------------------------------------------------------------------

make_ns() {
	local ns
	for ns; do
		ip netns add "$ns"
		namespaces+=("$ns")
		ip -n "$ns" link set lo up
		# No pause between addresses' arrival and their use; no chatter on the wire.
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
			net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.router_solicitations=0
	done
}

join_veth() { # NS DEV  NS DEV
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
}

# The two NICs go into the namespaces, and come back by themselves when those are gone. They
# have no offloads.
join_virtio() { # NS DEV  NS DEV
	modprobe -q virtio_net
	wait_for "boot.sh's two NICs" has_wire
	local nic
	for nic in $(wire_nics); do
		ip link set "$nic" netns "$1" name "$2"
		shift 2
	done
}
wire_nics() { nics_with 02:00:00:00:57; }
has_wire() { [[ $(wire_nics | wc -l) == 2 ]]; }
# nics_with START: of a hardware address.
nics_with() { grep -l "^$1" /sys/class/net/*/address | cut -d/ -f5; }

# wire NS DEV V4/LEN V6/LEN  NS DEV V4/LEN V6/LEN: joins two namespaces.
wire() {
	"join_$WIRE" "$1" "$2" "$5" "$6"
	local ns dev
	for _ in 1 2; do
		ns=$1 dev=$2
		ip -n "$ns" link set "$dev" mtu "$UNDERLAY_MTU"
		[[ $WIRE == virtio ]] ||
			ip netns exec "$ns" ethtool -K "$dev" tx-udp-segmentation "$USO" >/dev/null
		if [[ $GRO == on ]]; then
			# veth does GRO when its peer sends no super-packets of its own making.
			ip netns exec "$ns" ethtool -K "$dev" tso off gro on >/dev/null
		fi
		ip -n "$ns" addr add "$3" dev "$dev"
		ip -n "$ns" addr add "$4" dev "$dev" nodad
		ip -n "$ns" link set "$dev" up
		shift 4
	done 2>&1 || return
}

# tunnel NUMBER  NS DEV OUTER_ADDRESS  NS DEV OUTER_ADDRESS: two ends, with keys.
# NUMBER (1...) makes ports and indices differ.
tunnel() {
	"tunnel_$TUNNEL" "$@"
}

# key NS DEV SESSION EPOCH LOCAL REMOTE TX RX [WORDS...]: a key epoch; TX and RX are names
# of files in $work.
key() {
	in_ns "$1" plaitctl key new "$2" session "$3" epoch "$4" local-index "$5" \
		remote-index "$6" tx-key "$work/$7" rx-key "$work/$8" "${@:9}"
}

# The one place that knows how a plait tunnel is made.
tunnel_plait() {
	local n=$1 port=$((PORT + $1)) key
	for key in "$work/key-$n-there" "$work/key-$n-back"; do
		(umask 077; head -c 48 /dev/urandom | base64 -w 0 >"$key")
	done
	in_ns "$2" ip link add "$3" type plait local "$4" remote "$7" port "$port" lanes "$LANES"
	in_ns "$5" ip link add "$6" type plait local "$7" remote "$4" port "$port" lanes "$LANES"
	key "$2" "$3" "$n" 0 "0x${n}1" "0x${n}2" "key-$n-there" "key-$n-back" \
		cipher "$CIPHER" peer-lanes "$LANES"
	key "$5" "$6" "$n" 0 "0x${n}2" "0x${n}1" "key-$n-back" "key-$n-there" \
		cipher "$CIPHER" peer-lanes "$LANES"
}

tunnel_wireguard() {
	local n=$1 port=$((PORT + $1)) end
	for end in there back; do
		(umask 077; wg genkey >"$work/wg-$n-$end")
		wg pubkey <"$work/wg-$n-$end" >"$work/wg-$n-$end.pub"
	done
	wireguard_end "$2" "$3" "$n-there" "$n-back" "$7" "$port"
	wireguard_end "$5" "$6" "$n-back" "$n-there" "$4" "$port"
}

wireguard_end() { # NS DEV OWN_KEY PEER_KEY PEER_ADDRESS PORT
	local address=$5
	[[ $address != *:* ]] || address="[$address]"
	in_ns "$1" ip link add "$2" type wireguard
	in_ns "$1" wg set "$2" listen-port "$6" private-key "$work/wg-$3" \
		peer "$(<"$work/wg-$4.pub")" endpoint "$address:$6" allowed-ips 0.0.0.0/0,::/0
}

# inner NS DEV V4 V6: a tunnel device's own addresses, and up. WireGuard's MTU is made
# for an underlay of 1500 bytes; plait's follows it.
inner() {
	[[ $TUNNEL == plait ]] ||
		ip -n "$1" link set "$2" mtu $((UNDERLAY_MTU - 1500 + $(mtu_of "$1" "$2")))
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$1" addr add "$4" dev "$2" nodad
	ip -n "$1" link set "$2" up
}

# outer V4 V6: whichever the underlay is to use.
outer() { if [[ $OUTER == 6 ]]; then echo "$2"; else echo "$1"; fi; }

topology_pair() {
	say "two hosts, tunnel $TUNNEL over IPv$OUTER ($WIRE, MTU $UNDERLAY_MTU, USO $USO, GRO $GRO), $LANES lanes, $CIPHER"
	make_ns a b
	wire a eth0 192.0.2.1/24 2001:db8:1::1/64 b eth0 192.0.2.2/24 2001:db8:1::2/64
	tunnel 1 a plait0 "$(outer 192.0.2.1 2001:db8:1::1)" \
		b plait0 "$(outer 192.0.2.2 2001:db8:1::2)"
	inner a plait0 10.7.0.1/24 fd07::1/64
	inner b plait0 10.7.0.2/24 fd07::2/64
	wait_carrier a plait0
	wait_carrier b plait0
}

topology_chain() {
	say "src - a = b = c - dst, tunnels $TUNNEL over IPv$OUTER (USO $USO, GRO $GRO)"
	make_ns src a b c dst
	wire src eth0 10.1.0.2/24 fd01::2/64 a lan 10.1.0.1/24 fd01::1/64
	wire dst eth0 10.2.0.2/24 fd02::2/64 c lan 10.2.0.1/24 fd02::1/64
	wire a wan 192.0.2.1/24 2001:db8:1::1/64 b left 192.0.2.2/24 2001:db8:1::2/64
	wire b right 198.51.100.2/24 2001:db8:2::2/64 c wan 198.51.100.3/24 2001:db8:2::3/64
	tunnel 1 a plait0 "$(outer 192.0.2.1 2001:db8:1::1)" \
		b plait0 "$(outer 192.0.2.2 2001:db8:1::2)"
	tunnel 2 b plait1 "$(outer 198.51.100.2 2001:db8:2::2)" \
		c plait0 "$(outer 198.51.100.3 2001:db8:2::3)"
	inner a plait0 10.7.0.1/24 fd07::1/64
	inner b plait0 10.7.0.2/24 fd07::2/64
	inner b plait1 10.8.0.2/24 fd08::2/64
	inner c plait0 10.8.0.3/24 fd08::3/64
	local ns
	for ns in a b c; do
		ip netns exec $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	done
	route src 10.1.0.1 fd01::1
	route dst 10.2.0.1 fd02::1
	route a 10.7.0.2 fd07::2 10.2.0.0/24 fd02::/64
	route b 10.7.0.1 fd07::1 10.1.0.0/24 fd01::/64
	route b 10.8.0.3 fd08::3 10.2.0.0/24 fd02::/64
	route c 10.8.0.2 fd08::2 10.1.0.0/24 fd01::/64
	wait_carrier a plait0
	wait_carrier b plait0
	wait_carrier b plait1
	wait_carrier c plait0
}

route() { # NS VIA4 VIA6 [TO4 TO6]
	ip -n "$1" route add "${4:-default}" via "$2"
	ip -n "$1" -6 route add "${5:-default}" via "$3"
}

# --- taking down -----------------------------------------------------------------

# Kills what runs in the namespaces, deletes them; their devices go with them.
topology_gone() {
	local ns pids=("${background_pids[@]}")
	for ns in "${namespaces[@]}"; do
		mapfile -t -O "${#pids[@]}" pids < <(ip netns pids "$ns" 2>/dev/null)
	done
	((${#pids[@]} == 0)) || kill -KILL "${pids[@]}" 2>/dev/null || true
	for ns in "${namespaces[@]}"; do
		ip netns del "$ns" 2>/dev/null || true
	done
	namespaces=() background_pids=()
}

trap 'topology_gone; rm -rf "$work"' EXIT
