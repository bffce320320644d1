#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boots a Debian cloud kernel, or the debug kernel, in QEMU and runs a command in it; the command's
# output and exit status are this script's. Usage: boot.sh --help.
#
#   host                                   guest
#   stdout        <- virtio port output -- stdout and stderr of the command
#   exit status   <- virtio port status -- "<nonce> <status>", written by init
#   console log   <- ttyS0 ------------ -- the kernel, alone
#
# A guest that hangs, dies, or whose kernel complains is a failure whatever the
# command said: the console's tail is shown and the exit status says which.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=tests/guest/image.sh
source "$here/image.sh"

readonly EXIT_SPLAT=121 EXIT_DIED=123 EXIT_HUNG=124 EXIT_HARNESS=125

usage() {
	cat <<-'END'
	boot.sh [options] [--] command...      run a command in a guest
	boot.sh [options] --shell [command]    the same with this terminal as its terminal

	  --kernel 6.1|6.12|newest|debug|DIR
	                          default 6.12; DIR as packaging/host/kernels.sh lays it out
	  --payload DIR           tree of built files, default build/release/payload;
	                          DIR/kmod/<kernel>/plait.ko is loaded
	  --no-module             boot without plait.ko
	  --module NAME           load DIR/kmod/<kernel>/NAME.ko too, after plait.ko
	  --add FILE[:PATH]       put a host file into the guest, by default in /plait
	  --tool NAME             put a host program with its libraries into the guest
	  --layer SCRIPT          put what is in a cpio archive into the guest, whose path SCRIPT
	                          (of the source tree) prints
	  --cpus N  --mem MIB     default 2 and 768
	  --cpu MODEL             default: the host's with KVM, else TCG's "max"
	  --icount                one CPU whose clock counts instructions (see docs/testing.md)
	  --wire                  two virtio-net NICs on one wire, for topology.sh's WIRE=virtio
	  --offloads              two more with receive offloads, on taps if we may make some
	                          here; the second one lets the guest switch them off
	  --timeout S             default 120
	  --full-timeout S        instead, if PLAIT_FULL is set
	                          (the debug kernel gets twice the memory, four times as long)
	  --console FILE          keep the kernel's console here
	  --append "WORDS"        add to the kernel's command line

	Exit status: the command's, or 121 the kernel complained, 123 the guest died,
	124 it hung (timeout), 125 the harness itself failed, 77 the newest kernel
	cannot be had here.
	PLAIT_ACCEL=kvm|tcg overrides what was found by trying to boot with KVM.
	END
}

die() { echo "boot.sh: $*" >&2; exit $EXIT_HARNESS; }

# What a healthy kernel never prints. Taken from printk's own callers, so that
# words in a path or a test's name do not match.
readonly SPLAT='(^|\] )(BUG: |WARNING: |Oops: |INFO: task |INFO: rcu|rcu: INFO: |UBSAN: |KFENCE: |KCSAN: |INFO: possible |INFO: trying to register|BUG |general protection fault|kernel BUG at|refcount_t: |stack segment: |invalid opcode: |divide error: |traps: PANIC|list_(add|del) corruption|unregister_netdevice: waiting|DEBUG_LOCKS_WARN|ODEBUG: |page:.*(dumped|bad)|kmemleak: [0-9]+ new|unreferenced object )|Kernel panic|watchdog: BUG|suspicious RCU usage|soft lockup|hard LOCKUP|Call Trace:|scheduling while atomic'

# TCG's own fault: it may keep the breakpoint with which the kernel patches its code (static
# keys, tracepoints), so a CPU meets it when it is gone, or for ever. Nothing of ours uses int3.
readonly BREAKPOINT='RIP: 0010:(asm_)?exc_int3|int3: 0000 '

# TCG's too: on a loaded host a CPU's timer interrupt may be lost for good. The kernel says which
# CPU's did not come, and that this one sits idle: nothing in the guest keeps it from coming.
# lost_timer LINE: of the console, its first complaint.
lost_timer() {
	local cpu
	sed -n "$1p" "$console" | grep -q 'rcu: INFO: .*detected stalls' &&
		cpu=$(grep -aoE -m 1 'Possible timer handling issue on cpu=[0-9]+' "$console") &&
		grep -qa "NMI backtrace for cpu ${cpu##*=} skipped: idling" "$console"
}

# The debug kernel's share, as whole factors.
readonly DEBUG_MEMORY=2 DEBUG_SLOWNESS=4

arguments=("$@")
kernel=6.12 payload=$top/build/release/payload plait=plait cpus=2 mem=768 cpu='' icount='' wire='' offloads=''
timeout=120 console='' append='' interactive=''
add=() tools=() layers=() more_modules=()
while (($#)); do
	case $1 in
	--kernel) kernel=$2; shift ;;
	--payload) payload=$2; shift ;;
	--no-module) plait= ;;
	--module) more_modules+=("$2"); shift ;;
	--add) add+=("$2"); shift ;;
	--tool) tools+=("$2"); shift ;;
	--layer) layers+=("$2"); shift ;;
	--cpus) cpus=$2; shift ;;
	--mem) mem=$2; shift ;;
	--cpu) cpu=$2; shift ;;
	--icount) icount=yes ;;
	--wire) wire=yes ;;
	--offloads) offloads=yes ;;
	--timeout) timeout=$2; shift ;;
	--full-timeout) [[ -z ${PLAIT_FULL:-} ]] || timeout=$2; shift ;;
	--console) console=$2; shift ;;
	--append) append=$2; shift ;;
	--shell) interactive=yes ;;
	--help) usage; exit ;;
	--) shift; break ;;
	-*) usage >&2; die "unknown option $1" ;;
	*) break ;;
	esac
	shift
done
if [[ -n $interactive ]]; then
	(($#)) || set -- bash -i
	[[ -t 0 && -t 1 ]] || die "--shell wants a terminal; give a command without --shell instead"
fi
(($#)) || { usage >&2; die "no command"; }
[[ -z $icount ]] || cpus=1

case $kernel in
*/*) kernel_dir=$(cd "$kernel" && pwd) || die "no kernel in $kernel" ;;
*)
	kernel_dir=$("$top/packaging/host/kernels.sh" ensure "$kernel") ||
		exit $(($? == 77 ? 77 : EXIT_HARNESS)) ;;
esac

slowness=1
if [[ ${kernel##*/} == debug ]]; then
	slowness=$DEBUG_SLOWNESS
	mem=$((mem * DEBUG_MEMORY)) timeout=$((timeout * slowness))
fi

modules=(${plait:+"$plait"} ${more_modules[@]+"${more_modules[@]}"})
module_files=()
for module in ${modules[@]+"${modules[@]}"}; do
	file=$payload/kmod/${kernel##*/}/$module.ko
	[[ -e $file ]] || die "$file is not built: ./run build makes it, for newest packaging/host/newest.sh (plait.ko: or boot with --no-module)"
	module_files+=("$file")
done

# --- this boot's own layer -----------------------------------------------------

work=$(mktemp -d "${TMPDIR:-/tmp}/plait-guest-XXXXXX")
qemu_pid=
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[[ -z $qemu_pid ]] || kill "$qemu_pid" 2>/dev/null || true   # timeout passes it on
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
console=${console:-$work/console}
mkdir -p "$(dirname "$console")"
: >"$console"

nonce=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')
root=$work/root
mkdir -p "$root/plait/tests"
cp "$here/init" "$root/init"
mkdir "$root/plait/tests/guest"
cp -r "$here"/{t,*.sh} "$root/plait/tests/guest/"
{
	printf 'nonce=%q\ninteractive=%q\n' "$nonce" "$interactive"
	printf 'modules=%q\n' "${modules[*]-}"
	printf 'export PLAIT_FULL=%q PLAIT_ICOUNT=%q PLAIT_SLOWNESS=%q\n' \
		"${PLAIT_FULL:-}" "$icount" "$slowness"
} >"$root/plait/env"
printf '%q ' "$@" >"$root/plait/command"

files=()
if [[ -d $payload ]]; then
	while IFS= read -r file; do
		install -D "$payload/$file" "$root/$file"
		files+=("$payload/$file")
	done < <(cd "$payload" && find . -type f ! -path './kmod/*')
fi
for tool in ${tools[@]+"${tools[@]}"}; do
	file=$(PATH=$PATH:/usr/sbin command -v "$tool") || die "--tool $tool: not on this machine"
	install_file "$root" "$file"
	files+=("$file")
done
for file in ${add[@]+"${add[@]}"}; do
	to=${file#*:}
	[[ $file == *:* ]] || to=/plait/${file##*/}
	install -D "${file%%:*}" "$root/$to"
done
if ((${#files[@]})); then
	with_libraries "${files[@]}" | sort -u | while IFS= read -r file; do
		[[ $file == "$payload"/* ]] || install_file "$root" "$file"
	done
fi

tools_cpio=$(tools_layer) || die "could not make the guest's tools"
modules_cpio=$(modules_layer "$kernel_dir" ${module_files[@]+"${module_files[@]}"}) || die "could not make the guest's modules"
layer_cpios=()
for layer in ${layers[@]+"${layers[@]}"}; do
	layer_cpios+=("$("$top/$layer")") || die "$layer could not make its part of the guest"
done
{ cat "$tools_cpio" "$modules_cpio" ${layer_cpios[@]+"${layer_cpios[@]}"}; pack "$root"; } >"$work/initrd"

# --- KVM or TCG ------------------------------------------------------------------

# /dev/kvm may open and a stock kernel still not boot in it, so only a boot tells.
# The verdict is kept for this machine, QEMU and kernel.
accelerator() {
	if [[ -n $icount ]]; then echo tcg; return; fi
	if [[ -n ${PLAIT_ACCEL:-} ]]; then echo "$PLAIT_ACCEL"; return; fi
	if [[ ! -w /dev/kvm ]]; then echo tcg; return; fi
	local file verdict=tcg
	file=$image_cache/accel-$({ uname -rm; cat /proc/sys/kernel/random/boot_id "$kernel_dir/release"
		qemu-system-x86_64 --version; } | sha256sum | cut -c1-16)
	if [[ ! -e $file ]]; then
		echo "boot.sh: trying whether KVM can boot Linux $kernel here (20 s at most)" >&2
		PLAIT_ACCEL=kvm "$0" --kernel "$kernel" --no-module --payload /nonexistent \
			--timeout $((20 / slowness)) -- true >/dev/null 2>&1 && verdict=kvm
		echo "boot.sh: using $verdict" >&2
		echo $verdict >"$file"
	fi
	cat "$file"
}
accel=$(accelerator)

# --- boot ------------------------------------------------------------------------

# no_timer_check: on a loaded host the kernel would find that the timer does not work.
# shellcheck disable=SC2054 # QEMU's options have commas
qemu=(qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none
	-machine q35 -m "$mem" -smp "$cpus"
	-kernel "$kernel_dir/vmlinuz" -initrd "$work/initrd"
	-append "console=ttyS0 panic=-1 oops=panic panic_on_warn=0 printk.time=1 no_timer_check $append"
	-serial "file:$console"
	-device virtio-serial-pci
	-chardev "file,id=status,path=$work/status"
	-device virtserialport,chardev=status,name=plait.status)
if [[ -n $interactive ]]; then
	qemu+=(-chardev "stdio,id=output,signal=off" -device "virtconsole,chardev=output")
else
	qemu+=(-chardev "stdio,id=output,signal=off"
		-device "virtserialport,chardev=output,name=plait.output")
fi
if [[ $accel == kvm ]]; then
	qemu+=(-accel kvm -cpu "${cpu:-host}" -device virtio-rng-pci)
elif [[ -n $icount ]]; then
	# TCG counts each iteration of rep movsb and rep stosb: CPUs without them.
	qemu+=(-accel tcg -icount "shift=0,sleep=off" -cpu "${cpu:-max,-erms,-fsrm}")
else
	qemu+=(-accel "tcg,thread=multi" -cpu "${cpu:-max}" -device virtio-rng-pci)
fi

# A hub hands a frame over in the moment it is sent; it has no offloads, so XDP finds none in
# its way. With --icount the sender's timer, 10 us of the guest's clock, takes the frame from
# the ring: else that would be up to a thread of QEMU's, at any time by that clock.
if [[ -n $wire ]]; then
	for nic in 0 1; do
		qemu+=(-netdev "hubport,hubid=0,id=wire$nic"
			-device "virtio-net-pci,romfile=,netdev=wire$nic,mac=02:00:00:00:57:0$nic${icount:+,ioeventfd=off,tx=timer,x-txtimer=10000}")
	done
fi
# Offloads want a tap behind the NIC, in a network namespace of its own.
if [[ -n $offloads ]] && unshare -n ip tuntap add mode tap 2>/dev/null; then
	qemu=(unshare -n -- "${qemu[@]}")
	for word in 0,off 1,on; do
		qemu+=(-netdev "tap,id=tap${word%,*},ifname=plait${word%,*},script=no,downscript=no"
			-device "virtio-net-pci,romfile=,netdev=tap${word%,*},mac=02:00:00:00:58:0${word%,*},ctrl_guest_offloads=${word#*,}")
	done
fi

code=0 begun=$SECONDS
if [[ -n $interactive ]]; then
	saved=$(stty -g)
	"${qemu[@]}" || code=$?
	stty "$saved"
else
	# An input that never ends: at its end QEMU would report the output port closed
	# and the guest's writes would wait for ever.
	mkfifo "$work/silence"
	exec 4<>"$work/silence"
	timeout -k 5 "$timeout" "${qemu[@]}" <&4 &
	qemu_pid=$!
	wait "$qemu_pid" || code=$?
	qemu_pid=
fi
took=$((SECONDS - begun))
# Where a test's time goes: a guest that waits leaves its host's CPUs to others.
times >"$work/times"
echo "boot.sh: the guest took $took s; user and system time: $(tail -n 1 "$work/times")" >>"$console"

# --- verdict ---------------------------------------------------------------------

fail() {
	{
		echo
		echo "boot.sh: $2 (Linux $(<"$kernel_dir/release"), $accel)"
		echo "--- console, last 60 lines${3:+ from the first complaint} ---"
		if [[ -n ${3:-} ]]; then
			sed -n "$3,$(($3 + 59))p" "$console"
		else
			tail -n 60 "$console"
		fi
		echo "--- end of console ---"
	} >&2
	exit "$1"
}

again() {
	echo "boot.sh: $1; once more" >&2
	cleanup
	PLAIT_QEMU_AGAIN=1 exec "$0" "${arguments[@]}"
}
may_try_again() { [[ -z ${PLAIT_QEMU_AGAIN:-} && -z $interactive ]]; }

splat=$(grep -anE -m 1 "$SPLAT" "$console" | cut -d: -f1 || true)
if [[ $accel == tcg ]] && may_try_again; then
	if grep -qaE "$BREAKPOINT" "$console"; then
		again "QEMU held on to a breakpoint that the guest's kernel had taken away"
	elif [[ -n $splat ]] && lost_timer "$splat"; then
		again "QEMU lost the timer interrupt of a CPU that sits idle"
	fi
fi
if [[ -n $splat ]]; then
	fail $EXIT_SPLAT "the guest's kernel complained" "$splat"
fi
# 137 is what timeout says when its own kill was needed, and when somebody else's came.
if ((code == 124 || (code == 137 && took >= timeout))); then
	fail $EXIT_HUNG "the guest was not done after $timeout s"
fi
# QEMU's own death (a signal, mostly, on a loaded machine) says nothing of the guest:
# it is said aloud, and tried once more. A guest's panic or reset ends QEMU with 0.
if ((code != 0)) && may_try_again; then
	again "QEMU itself failed with status $code"
fi
((code == 0)) || fail $EXIT_HARNESS "QEMU failed with status $code"
read -r said status <"$work/status" || fail $EXIT_DIED "the guest went without a status"
[[ $said == "$nonce" ]] || fail $EXIT_DIED "the guest's status is not this boot's"
exit "$status"
