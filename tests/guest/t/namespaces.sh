#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A device lives in one network namespace and its sockets in another, the one that it was
# created in; either may go first. In a user namespace one has one's own devices, not
# others' sockets, nor more memory than the cgroup allows.
#
#   ┌ c ────────────┐   ┌ a ─────────────────┐          ┌ b ──────────┐
#   │ plait0, later │ < │ sockets of plait0  ├── veth ──┤             │
#   │ plait5        │ < │ and plait5         │          │ plait0,5    │
#   └───────────────┘   └────────────────────┘          └─────────────┘
# timeout: 300
set -euo pipefail
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

attribute() { # NS DEV NAME: a number of `ip -d -j link show`
	ip -n "$1" -d -j link show dev "$2" | sed 's/[,{]/\n/g' | sed -n "s/^\"$3\": *\([0-9]*\).*/\1/p"
}
sockets() { ip netns exec "$1" ss -Hanu "sport = :$2" | wc -l; }
no_sockets() { [[ $(sockets "$1" "$2") == 0 ]]; }
gone() { ! ip -n "$1" link show dev "$2" >/dev/null 2>&1; }

topology_pair
make_ns c

say "a device moves; its socket stays, and traffic goes on over it"
background b ping -q -i 0.05 10.7.0.1
port=$((PORT + 1))
a ip link set plait0 netns c
inner c plait0 10.7.0.1/24 fd07::1/64
wait_carrier c plait0
pings c 10.7.0.2 1000
pings b fd07::1 1000
file_over_tcp b c 10.7.0.1 1
expect_equal "sockets of plait0 in a" 1 "$(sockets a $port)"
expect_equal "sockets of plait0 in c" 0 "$(sockets c $port)"
netnsid=$(attribute c plait0 link_netnsid)
[[ -n $netnsid ]] || fail "ip does not say where plait0's sockets are"
gone a plait0 || fail "plait0 is in a still"

say "a strand changes while the device is elsewhere: the socket is opened where the others are"
c plaitctl strand set plait0 remote 2001:db8:1::2
b plaitctl strand set plait0 remote 2001:db8:1::1
pings c 10.7.0.2 1000
expect_equal "sockets of plait0 in a" 1 "$(sockets a $port)"

say "a device made at once in another namespace, both ways of saying it"
a ip link add plait5 netns c type plait local 192.0.2.1 remote 192.0.2.2 port 7005
b ip link add plait5 type plait local 192.0.2.2 remote 192.0.2.1 port 7005
c ip link add plait6 link-netns a type plait local 192.0.2.1 remote 192.0.2.2 port 7006
expect_equal "namespace of plait5's sockets, as c numbers it" "$netnsid" "$(attribute c plait5 link_netnsid)"
expect_equal "namespace of plait6's sockets, as c numbers it" "$netnsid" "$(attribute c plait6 link_netnsid)"
expect_equal "sockets of plait6 in a" 1 "$(sockets a 7006)"
for key in x y; do (umask 077; plaitctl genkey >"$work/$key"); done
c plaitctl key new plait5 session 1 epoch 0 local-index 0x51 remote-index 0x52 \
	tx-key "$work/x" rx-key "$work/y"
b plaitctl key new plait5 session 1 epoch 0 local-index 0x52 remote-index 0x51 \
	tx-key "$work/y" rx-key "$work/x"
inner c plait5 10.9.0.1/24 fd09::1/64
inner b plait5 10.9.0.2/24 fd09::2/64
pings c 10.9.0.2 500
c ip link del plait6
wait_for "plait6's socket to go" no_sockets a 7006

say "the device's namespace ends first: device and socket go"
make_ns d
a ip link add plait7 netns d type plait remote 192.0.2.2 port 7007
expect_equal "sockets of plait7 in a" 1 "$(sockets a 7007)"
ip netns del d
wait_for "plait7's socket to go" no_sockets a 7007

say "the sockets' namespace ends first: the devices stay, without carrier, and say why"
ip netns del a
no_carrier() { ! has_carrier c plait0; }
wait_for "the carrier to go" no_carrier
sent=$(link_stat c plait0 tx_packets)
c ping -q -c 2 -i 0.1 -W 0.3 10.7.0.2 >/dev/null && fail "who answers without a socket?"
expect_equal "packets sent since" "$sent" "$(link_stat c plait0 tx_packets)"
expect_equal "keys left" "" "$(c plaitctl key show plait0)"
[[ -z "$(attribute c plait0 link_netnsid)" ]] || fail "ip says that plait0 has sockets somewhere"
refused "first namespace is gone" c plaitctl strand add plait0 remote 127.0.0.1 port 7000
refused "first namespace is gone" c plaitctl key new plait0 session 1 epoch 0 \
	local-index 0x51 remote-index 0x52 tx-key "$work/x" rx-key "$work/y"
c plaitctl stats plait0 >/dev/null
c ip link set plait5 netns b name plait55
c ip link del plait0
b ip link del plait55
topology_gone

say "in a user namespace: devices of one's own"
topology_pair
# contained PID COMMAND...: as root of the container whose process that is.
contained() {
	echo "container# ${*:2}" >&2
	# By its path: busybox would take its own.
	busybox nsenter -t "$1" -U -n "$(command -v "$2")" "${@:3}"
}
container() { # UNSHARE...: a process in namespaces that it makes, $pid
	"$@" sleep 1000 >/dev/null 2>&1 &
	pid=$!
	background_pids+=("$pid")
	apart() { [[ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]]; }
	wait_for "the container" apart
}
container busybox unshare -U -r -n
first=$pid
container busybox nsenter -t "$first" -U busybox unshare -n
second=$pid
contained "$first" ip link add v0 type veth peer name v0 netns "$second"
number=1
for end in "$first" "$second"; do
	other=$((3 - number))
	contained "$end" ip link set lo up
	contained "$end" ip addr add 172.16.0.$number/24 dev v0
	contained "$end" ip link set v0 up
	contained "$end" ip link add own type plait remote 172.16.0.$other port 7000 lanes 2
	[[ $number == 1 ]] && keys="tx-key $work/x rx-key $work/y" || keys="tx-key $work/y rx-key $work/x"
	# shellcheck disable=SC2086 # several words
	contained "$end" plaitctl key new own session 1 epoch 0 peer-lanes 2 \
		local-index $number remote-index $other $keys
	contained "$end" ip addr add 10.8.0.$number/24 dev own
	contained "$end" ip link set own up
	number=$other
done
contained "$first" ping -q -c 3 -i 0.05 -W 5 10.8.0.2 >/dev/null || fail "ping in the container"

say "but nobody else's sockets, and no keys without the right"
a ip link set plait0 netns "$first"
outside=$(contained "$first" ip -d -j link show dev plait0 | sed -n 's/.*"link_netnsid":\([0-9]*\).*/\1/p')
refused "CAP_NET_ADMIN is needed where the device was created" \
	contained "$first" plaitctl strand set plait0 remote 127.0.0.1 remote-port 53
refused "Operation not permitted" contained "$first" \
	ip link add plait9 link-netnsid "$outside" type plait remote 192.0.2.2 port 7009
nobody() { ip netns exec b busybox unshare -U "$@"; }
refused "CAP_NET_ADMIN is needed" nobody plaitctl key show plait0
refused "CAP_NET_ADMIN is needed" nobody plaitctl strand del plait0
nobody plaitctl device show plait0 >/dev/null || fail "nobody cannot look at a device"
contained "$first" plaitctl key show plait0 >/dev/null || fail "the container cannot see its keys"
contained "$first" ip link del plait0
expect_equal "sockets of plait0 in a" 0 "$(sockets a $port)"

say "memory of devices is the cgroup's"
cgroup=/sys/fs/cgroup
[[ -e $cgroup/cgroup.procs ]] || mount -t cgroup2 none $cgroup
grep -qw memory $cgroup/cgroup.controllers || fail "this kernel has no memory controller"
echo +memory >$cgroup/cgroup.subtree_control
mkdir $cgroup/small
allowed=$((24 << 20))
echo $allowed >$cgroup/small/memory.max
for ((i = 0; i < 4000; i++)); do
	echo "link add small$i type plait remote 192.0.2.2 port 7100"
done >"$work/batch"
# Nobody in it may be killed, so that the kernel must refuse; what it says then is no
# complaint of ours, and does not go to the console. If the process itself lacks a page,
# it waits in vain: then there is a little more for all.
# What it says goes to a page that is there: one of its own would be the cgroup's too.
printf '%4000s' '' >"$work/said"
levels=$(</proc/sys/kernel/printk)
echo "namespaces.sh: a cgroup is about to be full" >/dev/kmsg
echo 1 >/proc/sys/kernel/printk
(
	echo -1000 >/proc/$BASHPID/oom_score_adj
	echo $BASHPID >$cgroup/small/cgroup.procs
	exec ip -n a -batch "$work/batch" 1<>"$work/said" 2>&1
) &
filler=$!
count=-1
while sleep "$PLAIT_SLOWNESS"; kill -0 $filler 2>/dev/null; do
	now=$(ip -n a -o link show type plait | wc -l)
	((now > count)) || echo $((allowed += 64 << 10)) >$cgroup/small/memory.max
	count=$now
done
status=0
wait $filler || status=$?
read -rd '' said <"$work/said" || true     # without the blanks at the end
echo "$levels" >/proc/sys/kernel/printk
# ENOBUFS if it was rtnetlink's own message that lacked it.
[[ $said == *"Cannot allocate memory"* || $said == *"No buffer space available"* ]] ||
	fail "no end of memory, exit status $status: $said"
if dmesg | sed '1,/a cgroup is about to be full/d' | grep -E 'BUG|WARNING|Oops|KASAN'; then
	fail "the kernel complained while the cgroup was full"
fi
count=$(ip -n a -o link show type plait | wc -l)
used=$(<$cgroup/small/memory.current)
echo "$count devices in a cgroup of $((allowed >> 10)) KiB: $((used / count >> 10)) KiB each"
expect_more "devices made" 10 "$count"
expect_more "memory of them in the cgroup" $((allowed * 3 / 4)) "$used"
pings b 192.0.2.1 100
ip netns del a
given_back() { (($(<$cgroup/small/memory.current) < allowed / 4)); }
wait_for "the memory to be given back" given_back
rmdir $cgroup/small
say "done"
