#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmarks; `./run bench ARGS` builds and then calls this. See bench/README.md.
set -euo pipefail
top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
results=$top/build/bench
payload=${PLAIT_PAYLOAD:-$top/build/release/payload}

usage() {
	cat <<-'END'
	./run bench
	    micro, xdp, pmd and guest below, and all their bars (usually 13 minutes)
	./run bench guest [--kernel 6.1|6.12|newest] [--runs N] [--only "WORDS"]
	    veth, VXLAN, WireGuard, OpenVPN and plait in one guest that counts instructions
	    (default 6.12 and 3 runs, usually 10 minutes; ends with the bars). WORDS: tcp
	    openvpn ovpn floor streams udp rr single burst bundle burst1300 underlay hub
	    filter profile, and userdp, profile-rr and profile-burst, which are not in the default
	./run bench flood [--runs N] [--only veth|virtio] [--generator pktgen|dpdk]
	    forged datagrams with a valid receiver index in the same guest: what each costs, and
	    the tunnel's goodput meanwhile; filter, no filter, WireGuard (usually 10 minutes,
	    ends with the bar). --generator dpdk: by plait-load, without WireGuard
	./run bench xdp
	    the filter's cost a packet on this CPU, in a network namespace of its own
	    (root; usually 10 s, ends with the bar)
	./run bench micro [Google Benchmark's options]
	    the engine's functions and the ciphers on this CPU, then, without options and
	    for root, xdp (usually 60 s)
	./run bench compare OLD.json [NEW.json] [--threshold PERCENT]
	    medians side by side; fails if something is slower; see compare --help
	./run bench keep plaitbench FILE...
	    for the report, what plaitbench --json >FILE has left, of each path
	./run bench pmd [--runs N]
	    the protocol without a kernel: the engine over DPDK, beside DPDK's AEAD alone, packets a
	    second on one CPU (usually 10 s, ends with the bars)

	Results: build/bench/results/ (./run report makes a page of them), other files
	build/bench/. Environment: PLAIT_PAYLOAD, another tree of built files for the guest
	than build/release/payload.
	END
}

die() { echo "bench: $*" >&2; exit 1; }

# The command that this is, as one would type it.
line="./run bench"
for word; do
	[[ $word != *[[:space:]]* ]] || word="\"$word\""
	line+=" $word"
done

# keep NAME [keep.py's options]: what was measured, for the report.
keep() {
	local name=$1
	shift
	"$top/bench/report/keep.py" --to "$results/results/$name.json" --bench "${name%%-*}" \
		--command "$line" "$@"
	echo "bench: kept for the report: build/bench/results/$name.json"
}

# guest_output: shows progress as it comes, keeps results and profiles in files.
# (mawk would hold lines back until it has 4 KiB.)
guest_output() {
	local word rest
	while read -r word rest; do
		case $word in
		raw) echo "raw $rest" >>"$results/raw" ;;
		profile) echo "${rest#* }" >>"$results/profile-${rest%% *}" ;;
		==) printf '%(%H:%M:%S)T %s\n' -1 "$rest" ;;
		*) echo "$word $rest" ;;
		esac
	done
}

# measure KERNEL RUNS WORDS [boot.sh's options]: guest.sh's results into $results/raw.
measure() {
	local kernel=$1 runs=$2 what=$3 status=0 file files=()
	shift 3
	[[ -x $payload/usr/bin/gauge ]] || die "$payload has no gauge: ./run bench guest builds it"
	mkdir -p "$results"
	rm -f "$results"/{raw,console}
	for file in "$top"/bench/guest/*.sh; do
		files+=(--add "$file:/plait/bench/${file##*/}")
	done
	"$top/tests/guest/boot.sh" --kernel "$kernel" --payload "$payload" --icount --mem 1024 \
		--timeout 3600 --console "$results/console" "${files[@]}" "$@" -- \
		env BENCH_RUNS="$runs" BENCH_WHAT="$what" BENCH_GENERATOR="${generator:-}" bash /plait/bench/guest.sh |
		guest_output || status=$?
	((status == 0)) || die "the guest failed (status $status); its console is $results/console"
}

# options KNOWN WORDS...: --kernel, --runs, --only (words of KNOWN) and, for a caller that has one,
# --generator, into the caller's $kernel, $runs, $what and $generator.
options() {
	local known=$1 word
	shift
	while (($#)); do
		[[ $1 =~ ^--(kernel|runs|only|generator)$ ]] || { usage >&2; die "unknown option $1"; }
		(($# > 1)) || die "$1 wants a value: see bench help"
		case $1 in
		--kernel) kernel=$2 ;;
		--runs)
			[[ $2 =~ ^[1-9][0-9]?$ ]] || die "--runs 1 to 99, not '$2'"
			runs=$2 ;;
		--only)
			[[ -n $2 ]] || die "--only wants words: $known"
			for word in $2; do
				[[ " $known " == *" $word "* ]] || die "--only: no '$word'; there are: $known"
			done
			what=$2 ;;
		--generator)
			[[ -n ${generator:-} ]] || die "--generator is for the flood"
			[[ $2 =~ ^(pktgen|dpdk)$ ]] || die "--generator pktgen or dpdk, not '$2'"
			generator=$2 ;;
		esac
		shift 2
	done
}

# usually WHAT USUAL RUNS: how long it takes.
usually() {
	if [[ $1 == "$2" && $3 == 3 ]]; then echo "usually 10 minutes"; else echo "a part of it, $3 runs"; fi
}

# report [awk's -v NAME=VALUE]...: what report.awk makes of the results.
report() { awk "$@" -f "$top/bench/guest/median.awk" -f "$top/bench/guest/report.awk" "$results/raw"; }

# certificates: of OpenVPN's two ends, for each other alone.
certificates() {
	local i to=$results/openvpn
	mkdir -p "$to"
	chmod 700 "$to"
	for i in 0 1; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
			-subj "/CN=plait bench $i" -keyout "$to/openvpn-$i.key" -out "$to/openvpn-$i.crt" 2>/dev/null
		openssl x509 -in "$to/openvpn-$i.crt" -noout -fingerprint -sha256 |
			sed 's/.*=//' >"$to/openvpn-$i.fingerprint"
	done
	for i in "$to"/*; do boot_words+=(--add "$i:/plait/bench/${i##*/}"); done
	boot_words+=(--tool openvpn)
}

# newest_modules: plait.ko and the floor's for Debian unstable's kernel, or the reason why not.
newest_modules() {
	local status=0 newest=$top/packaging/host/newest.sh out=$payload/kmod/newest
	local floor=$top/build/release/bench/guest/aeadfloor/source
	rm -f "$out/plait_aeadfloor.ko"                 # it may be another kernel's
	"$newest" module "$top" "$out" || status=$?
	((status != 77)) || { echo "bench: skipped: the newest kernel cannot be had here"; exit 77; }
	((status == 0)) || die "plait.ko could not be built for the newest kernel"
	[[ ! -d $floor ]] || "$newest" module "$floor" "$out" plait_aeadfloor ||
		die "plait_aeadfloor.ko could not be built for the newest kernel"
}

# profiles: each one's stages, and for the report into $kept.
profiles() {
	local profile row
	for profile in "$results"/profile-*; do
		[[ -e $profile ]] || continue
		row=${profile##*/profile-}
		echo
		echo "$row: instructions a packet, all ends together, and where"
		awk -v instructions="$(report -v cost="$row")" -v row="$row" -v json="$results/stages-$row" \
			-f "$top/bench/guest/stages.awk" "$profile"
		kept+=(--stages "$results/stages-$row")
	done
}

guest() {
	local usual="tcp openvpn ovpn floor streams udp rr single burst bundle burst1300 underlay hub filter profile"
	local kernel=6.12 runs=3 what name=guest boot_words=() kept=()
	what=$usual
	options "$usual userdp profile-rr profile-burst" "$@"
	[[ $kernel =~ ^(6\.1|6\.12|newest)$ ]] || die "guest: --kernel 6.1, 6.12 or newest, not '$kernel'"
	[[ -z $checking ]] || return 0
	mkdir -p "$results"
	[[ $kernel == 6.12 ]] || name+=-$kernel
	[[ $what == "$usual" ]] || name+=-${what// /-}
	rm -f "$results"/{guest.json,profile-*,stages-*}
	[[ $kernel != newest ]] || newest_modules
	[[ " $what " != *" openvpn "* ]] || certificates
	[[ ! -e $payload/kmod/$kernel/plait_aeadfloor.ko ]] || boot_words+=(--module plait_aeadfloor)
	echo "bench: Linux $kernel, one CPU, every instruction counted ($(usually "$what" "$usual" "$runs"))"
	measure "$kernel" "$runs" "$what" "${boot_words[@]}"
	report -v json="$results/guest.json"
	profiles
	echo
	report -v bars=1 -v kernel="$kernel" | tee "$results/bars"
	keep "$name" --rows "$results/guest.json" --bars "$results/bars" --raw "$results/raw" \
		--console "$results/console" "${kept[@]}"
	echo "bench: $results has guest.json, profile-* (call chains) and console"
}

flood() {
	local usual="veth virtio" kernel=6.12 runs=3 what name=flood generator=pktgen
	local object=$top/build/release/bench/xdp/bare.bpf.o
	local xsk=/usr/lib/x86_64-linux-gnu/bpf/xsk_def_xdp_prog.o     # libxdp's, for net_af_xdp
	what=$usual
	options "$usual" "$@"
	[[ $kernel == 6.12 ]] || die "flood: on 6.12 alone"
	[[ -z $checking ]] || return 0
	[[ $what == "$usual" ]] || name=flood-${what// /-}
	[[ $generator == pktgen ]] || name+=-$generator
	[[ -e $object ]] || die "$object is not built: ./run build"
	[[ $generator == pktgen || -x ${PLAIT_PAYLOAD:-$top/build/release/payload}/usr/bin/plait-load ]] ||
		die "plait-load is not built: needs libdpdk-dev and libipsec-mb-dev, then ./run build"
	echo "bench: 6.12, one CPU, every instruction counted ($(usually "$what" "$usual" "$runs"))"
	measure "$kernel" "$runs" "flood $what" --wire --add "$object:/plait/bench/bare.bpf.o" --add "$xsk:$xsk"
	awk -v generator=$generator -v json="$results/flood.json" -f "$top/bench/guest/median.awk" \
		-f "$top/bench/guest/flood.awk" "$results/raw" | tee "$results/bars"
	keep "$name" --rows "$results/flood.json" --bars "$results/bars" --raw "$results/raw" \
		--console "$results/console"
	echo "bench: $results has raw (each run) and console"
}

# Repetitions are shuffled, so that what else the machine does falls on all alike.
micro() {
	local program=$top/build/release/bench/micro/plait_micro
	[[ -x $program ]] || die "$program is not built: needs libbenchmark-dev, then ./run build"
	mkdir -p "$results"
	"$program" --benchmark_min_time=0.05 --benchmark_repetitions=9 \
		--benchmark_enable_random_interleaving=true --benchmark_display_aggregates_only=true \
		--benchmark_out="$results/micro.json" --benchmark_out_format=json "$@" |
		awk '!/_(mean|stddev|cv) /'
	(($# == 0)) || { keep micro-own --google "$results/micro.json"; return 0; }
	keep micro --google "$results/micro.json"
	if ((EUID)); then
		echo "bench: the filter is left out, since BPF wants root: sudo ./run bench xdp"
	else
		line="./run bench xdp"
		xdp
	fi
}

# on_this_cpu NAME PROGRAM FORM LACK [WORDS...]: a program that prints bars and keeps its runs in
# keep.py's FORM. LACK: what it needs, if it is not built.
on_this_cpu() {
	local name=$1 program=$top/build/release/bench/$2 form=$3 lack=$4
	shift 4
	[[ -x $program ]] || die "$program is not built: ${lack}./run build"
	[[ " $* " != *" --help "* && " $* " != *" -h "* ]] || exec "$program" --help
	mkdir -p "$results"
	"$program" --json "$results/$name.json" "$@" | tee "$results/bars"
	keep "$name" "--$form" "$results/$name.json" --bars "$results/bars"
}

pmd() { on_this_cpu pmd dpdk/plait_pmd rows "needs libdpdk-dev and libipsec-mb-dev, then " "$@"; }
xdp() { on_this_cpu xdp xdp/plait_xdp_cost google "" "$@"; }

keep_plaitbench() {
	[[ ${1:-} == plaitbench && $# -ge 2 ]] || die "keep: plaitbench FILE..., of plaitbench --json >FILE"
	shift
	keep plaitbench "${@/#/--plaitbench=}"
}

# all: the default set, and every bar of it once more.
all() {
	local name
	mkdir -p "$results"
	for name in micro pmd guest; do
		echo "== $name"
		line="./run bench $name"
		"$name"
	done | tee "$results/all"
	echo
	echo "all bars (./run bench flood has further ones):"
	grep '^bar: ' "$results/all"
}

# Whether these are words that it knows, for who has yet to build what they need.
checking=
if [[ ${1:-} == --check ]]; then
	checking=yes
	shift
fi
case ${1:-all}:${2:-} in
guest:--help | guest:-h | flood:--help | flood:-h) usage; exit ;;
esac
[[ -z $checking || ! ${1:-all} =~ ^(all|micro|pmd|xdp)$ ]] || exit 0
case ${1:-all} in
all) all ;;
guest) shift; guest "$@" ;;
flood) shift; flood "$@" ;;
micro) shift; micro "$@" ;;
pmd) shift; pmd "$@" ;;
xdp) shift; xdp "$@" ;;
compare) shift; exec "$top/bench/compare" "$@" ;;
keep) shift; keep_plaitbench "$@" ;;
help | --help | -h) usage ;;
*) usage >&2; die "no benchmark '$1'" ;;
esac
