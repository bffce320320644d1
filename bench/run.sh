#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The benchmarks; `./run bench ARGS` builds and then calls this. See bench/README.md.
set -euo pipefail
top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
results=$top/build/bench

usage() {
	cat <<-'END'
	bench/run.sh guest [--runs N] [--only "WORDS"]
	    veth, VXLAN, WireGuard and plait in one 6.12 guest that counts instructions
	    (usually 8 minutes, ends with the bars). WORDS: tcp single burst extra profile,
	    and profile-burst and userdp, which are not in the default
	bench/run.sh flood [--runs N] [--only veth|virtio] [--generator pktgen|dpdk]
	    forged datagrams with a valid receiver index in the same guest: what each costs, and
	    the tunnel's goodput meanwhile; filter, no filter, WireGuard (usually 10 minutes,
	    ends with the bar). --generator dpdk: by plait-load, without WireGuard
	bench/run.sh xdp
	    the filter's cost a packet on this CPU, in a network namespace of its own
	    (root; usually 10 s, ends with the bar)
	bench/run.sh micro [Google Benchmark's options]
	    the engine's functions and the ciphers on this CPU, then, without options and
	    for root, xdp (usually 60 s)
	bench/run.sh compare OLD.json [NEW.json] [--threshold PERCENT]
	    medians side by side; fails if something is slower; see compare --help
	bench/run.sh keep plaitbench FILE...
	    for the report, what plaitbench --json FILE has left, of each path
	bench/run.sh pmd [--runs N]
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

# measure RUNS WORDS [boot.sh's options]: guest.sh's results into $results/raw.
measure() {
	local runs=$1 what=$2 payload=${PLAIT_PAYLOAD:-$top/build/release/payload} status=0 file files=()
	shift 2
	[[ -x $payload/usr/bin/gauge ]] || die "$payload has no gauge: ./run bench guest builds it"
	mkdir -p "$results"
	rm -f "$results"/{raw,console}
	for file in guest.sh pktgen.sh flood.sh flood-dpdk.sh; do
		files+=(--add "$top/bench/guest/$file:/plait/bench/$file")
	done
	"$top/tests/guest/boot.sh" --kernel 6.12 --payload "$payload" --icount --mem 1024 \
		--timeout 1800 --console "$results/console" "${files[@]}" "$@" -- \
		env BENCH_RUNS="$runs" BENCH_WHAT="$what" BENCH_GENERATOR="${generator:-}" bash /plait/bench/guest.sh |
		guest_output || status=$?
	((status == 0)) || die "the guest failed (status $status); its console is $results/console"
}

# options WORDS...: --runs, --only and, for a caller that has one, --generator, into the caller's
# $runs, $what and $generator.
options() {
	while (($#)); do
		case $1 in
		--runs) runs=$2; shift ;;
		--only) what=$2; shift ;;
		--generator)
			[[ -n ${generator:-} ]] || die "--generator is for the flood"
			[[ ${2:-} =~ ^(pktgen|dpdk)$ ]] || die "--generator pktgen or dpdk, not '${2:-}'"
			generator=$2; shift ;;
		*) usage >&2; die "unknown option $1" ;;
		esac
		shift
	done
}

# report [awk's -v NAME=VALUE]...: what report.awk makes of the results.
report() { awk "$@" -f "$top/bench/guest/median.awk" -f "$top/bench/guest/report.awk" "$results/raw"; }

guest() {
	local usual="tcp single burst extra profile" runs=5 what row profile name=guest kept=()
	what=$usual
	options "$@"
	[[ $what == "$usual" ]] || name=guest-${what// /-}
	rm -f "$results"/{guest.json,profile-*,stages-*}
	echo "bench: 6.12, one CPU, every instruction counted (usually 8 minutes)"
	measure "$runs" "$what"
	report -v json="$results/guest.json"
	for row in tcp-plait tcp-wireguard pktgen-burst-plait pktgen-burst-wireguard; do
		profile=$results/profile-${row#*-}
		[[ -e $profile ]] || continue
		echo
		echo "$row: instructions a packet, all ends together, and where"
		awk -v instructions="$(report -v cost="$row")" -v row="$row" -v json="$results/stages-$row" \
			-f "$top/bench/guest/stages.awk" "$profile"
		kept+=(--stages "$results/stages-$row")
	done
	echo
	report -v bars=1 | tee "$results/bars"
	keep "$name" --rows "$results/guest.json" --bars "$results/bars" --raw "$results/raw" \
		--console "$results/console" "${kept[@]}"
	echo "bench: $results has guest.json, profile-* (call chains) and console"
}

flood() {
	local usual="veth virtio" runs=3 what name=flood generator=pktgen
	local object=$top/build/release/bench/xdp/bare.bpf.o
	local xsk=/usr/lib/x86_64-linux-gnu/bpf/xsk_def_xdp_prog.o     # libxdp's, for net_af_xdp
	what=$usual
	options "$@"
	[[ $what == "$usual" ]] || name=flood-${what// /-}
	[[ $generator == pktgen ]] || name+=-$generator
	[[ -e $object ]] || die "$object is not built: ./run build"
	[[ $generator == pktgen || -x ${PLAIT_PAYLOAD:-$top/build/release/payload}/usr/bin/plait-load ]] ||
		die "plait-load is not built: needs libdpdk-dev and libipsec-mb-dev, then ./run build"
	echo "bench: 6.12, one CPU, every instruction counted (usually 10 minutes)"
	measure "$runs" "flood $what" --wire --add "$object:/plait/bench/bare.bpf.o" --add "$xsk:$xsk"
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
	keep micro --google "$results/micro.json"
	(($# == 0)) || return 0
	if ((EUID)); then
		echo "bench: the filter is left out, since BPF wants root: sudo ./run bench xdp"
	else
		line="./run bench xdp"
		xdp
	fi
}

pmd() {
	local program=$top/build/release/bench/dpdk/plait_pmd
	[[ -x $program ]] || die "$program is not built: needs libdpdk-dev and libipsec-mb-dev, then ./run build"
	"$program" "$@"
}

xdp() {
	local program=$top/build/release/bench/xdp/plait_xdp_cost
	[[ -x $program ]] || die "$program is not built: ./run build"
	mkdir -p "$results"
	"$program" --json "$results/xdp.json" "$@" | tee "$results/bars"
	keep xdp --google "$results/xdp.json" --bars "$results/bars"
}

keep_plaitbench() {
	[[ ${1:-} == plaitbench && $# -ge 2 ]] || die "keep: plaitbench FILE..., of plaitbench --json FILE"
	shift
	keep plaitbench "${@/#/--plaitbench=}"
}

case ${1:-help} in
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
