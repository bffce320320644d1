#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# On the host: every way a guest can go wrong must reach ctest as a failure, and
# a good one must not. selftest.sh KERNEL PAYLOAD
set -uo pipefail
here=${BASH_SOURCE[0]%/*}
kernel=$1 payload=$2
work=$(mktemp -d)
output=$work/output
trap 'rm -rf "$work"' EXIT
failed=0

# expect STATUS "WORDS" boot.sh's arguments...: exit status, and words in what it prints.
expect() {
	local want=$1 words=$2 got=0
	shift 2
	"$here/boot.sh" --kernel "$kernel" --payload "$payload" --no-module "$@" >"$output" 2>&1 || got=$?
	if ((got == want)) && grep -q "$words" "$output"; then
		echo "ok: exit status $want and \"$words\" for: ${*: -1}"
	else
		echo "FAILED: expected exit status $want and \"$words\", got $got for: $*"
		tail -n 20 "$output"
		failed=1
	fi
}

if [[ $kernel == debug ]]; then
	expect 0 hello -- echo hello
	# All in one guest, lockdep's first: KASAN's report switches lockdep off.
	expect 121 'possible circular locking' --console "$work/console" \
		--module misdeeds --append "misdeeds.deeds=cycle,nap,overrun,leak" -- true
	for words in 'possible circular locking' 'sleeping function called from invalid context' \
		'BUG: KASAN: slab-out-of-bounds' 'unreferenced object.*size 1024'; do
		if grep -q "$words" "$work/console"; then
			echo "ok: $words"
		else
			echo "FAILED: not on the console: $words"
			failed=1
		fi
	done
	exit $failed
fi
expect 0 hello -- echo hello
expect 7 'stderr too' -- bash -c 'echo stderr too >&2; exit 7'
expect 124 'not done after' --timeout 25 -- sleep 1000
expect 121 'Kernel panic' -- bash -c 'echo c >/proc/sysrq-trigger; sleep 30'
expect 121 'kernel complained' -- bash -c 'echo "<4>WARNING: CPU: 0 PID: 1 at self/test" >/dev/kmsg'
expect 123 'went without a status' -- bash -c 'echo b >/proc/sysrq-trigger; sleep 30'
# Killed from outside, as by a host that lacks memory: no fault of the guest's. In front of
# the real QEMU stands one to which this happens at its first boot.
qemu=$(command -v qemu-system-x86_64)
mkdir "$work/bin"
cat >"$work/bin/qemu-system-x86_64" <<END
#!/bin/bash
[[ " \$* " != *" -kernel "* || -e $work/died ]] || { touch $work/died; kill -KILL \$\$; }
exec $qemu "\$@"
END
chmod +x "$work/bin/qemu-system-x86_64"
PATH=$work/bin:$PATH expect 0 'failed with status 137; once more' -- echo hello
# A timer that does not come, on a CPU that sits idle and on one that does not: the second boot
# of the first says the same, and is believed.
stall() { # CPU THAT IS IDLE
	printf 'echo "%s" >/dev/kmsg; ' 'rcu: INFO: rcu_preempt detected stalls' \
		'rcu: Possible timer handling issue on cpu=1 timer-softirq=5' \
		"NMI backtrace for cpu $1 skipped: idling at native_safe_halt"
}
PLAIT_ACCEL=tcg expect 121 'CPU that sits idle; once more' -- bash -c "$(stall 1)"
expect 121 'kernel complained' -- bash -c "$(stall 0)"
exit $failed
