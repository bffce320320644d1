#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# plaitbench local over the bare veth between two namespaces of its own: every test, tables and
# JSON, nothing left behind, whether it ends by itself, by SIGINT or by SIGKILL; and what it says
# where it cannot work. Argument: plaitbench.
set -euo pipefail
plaitbench=$1
((EUID == 0)) || { echo "network namespaces need root"; exit 77; }
unshare -n true 2>/dev/null || { echo "no network namespaces here"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() { echo "$*" >&2; exit 1; }

# namespaces PID: of its threads.
namespaces() { readlink "/proc/$1"/task/*/ns/net 2>/dev/null | sort -u | wc -l; }
links=$(ip -o link | wc -l) named=$(find /run/netns -type f 2>/dev/null | wc -l)

# refused STATUS TEXT WORDS...
refused() {
	local wanted=$1 text=$2 status=0 said
	shift 2
	said=$("$plaitbench" "$@" 2>&1) || status=$?
	[[ $status == "$wanted" ]] || die "plaitbench $*: exit status $status, not $wanted: $said"
	[[ $said == *"$text"* ]] || die "plaitbench $*: said: $said"
}
refused 2 "is no test: give some of" client ::1 --tests speed
refused 2 "no packet size: give lengths" client ::1 --sizes 20
refused 2 "is no rate: give bits a second" client ::1 --rate fast
refused 2 "was not expected: nonsense" nonsense
refused 2 "one of server, client HOST and local is required"
refused 1 "start \"plaitbench server\" there" client 127.0.0.1 --port 1
refused 1 "is routed by lo, not by plait0" client 127.0.0.1 --port 1 --dev plait0
refused 1 "none of 9000 fits" local --plain --sizes 9000 --tests loss
refused 2 "--plain excludes --cipher" local --plain --cipher aes-256-gcm
refused 2 "--plain excludes --lanes" local --lanes 2 --plain
[[ -e /sys/module/plait ]] || modinfo plait >/dev/null 2>&1 ||
	refused 1 "module plait is not loaded" local --quick

"$plaitbench" local --plain --quick --time 0.2 --sizes 64,imix,9000 --rate 5kpps --loss-tolerance 5 \
	>"$work/tables" 2>"$work/notes"
cat "$work/tables"
for title in THROUGHPUT LOSS "ROUND TRIP" BURSTS TCP REQUESTS; do
	grep -q "^$title" "$work/tables" || die "no table $title"
done
grep -q "packets of 9000 are left out: the path takes 1500 octets" "$work/notes" ||
	die "no note on 9000: $(<"$work/notes")"
grep -q "eth0 (MTU 1500" "$work/tables" || die "the device is not named"

"$plaitbench" local --plain --json --mtu 9000 --sizes 9000 --tests throughput,latency --time 0.2 -R \
	--rate 1000pps --loss-tolerance 5 >"$work/json"
/usr/bin/python3 - "$work/json" <<'END'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["direction"] == "server-to-client" and report["path_mtu"] == 9000, report
assert report["client"]["device"]["kind"] == "veth", report["client"]
throughput, latency = report["results"]
assert throughput["octets"] == [9000] and throughput["packets_per_second"] > 500, throughput
assert throughput["limited_by"]["limit"] == "rate-reached", throughput["limited_by"]
answered = [trial for trial in latency["trials"] if trial["round_trip"]["count"] > 0]
assert len(answered) >= 3, latency["trials"]     # one that this machine paused in is made again
for trial in answered:
    assert trial["round_trip"]["p50_us"] > 0, trial
    assert trial["sender"]["cpu"]["cpus"] > 0 and trial["receiver"]["moved"], trial
END

# A server that goes: what was measured until then is told, and why there is no more of it.
for wait in 1 4 16; do
	"$plaitbench" server --bind 127.0.0.1 --port 7997 >"$work/server" 2>&1 &
	server=$!
	until ss -Hltn "sport = :7997" | grep -q .; do
		kill -0 $server 2>/dev/null || die "no server: $(<"$work/server")"
		sleep 0.1
	done
	"$plaitbench" client 127.0.0.1 --port 7997 --json --tests rr,loss --sizes 64,128 --rate 100pps \
		--time $wait >"$work/json" 2>"$work/said" &
	client=$!
	sleep $((2 * wait))
	kill -KILL $server
	status=0
	wait $client || status=$?
	wait $server 2>/dev/null || true
	((status == 1)) || die "exit status $status without a server: $(<"$work/said")"
	grep -q '"test": "rr"' "$work/json" && break        # else this machine is slow: longer trials
done
/usr/bin/python3 - "$work/json" "$work/said" <<'END'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["error"] and report["error"] in open(sys.argv[2]).read(), report.get("error")
assert [result["test"] for result in report["results"]][0] == "rr", report["results"]
assert "loss" not in [r["test"] for r in report["results"] if r.get("octets") == [128]], report
END

for signal in INT KILL; do
	"$plaitbench" local --plain --tests loss --sizes 64 --time 30 >"$work/out" 2>&1 &
	pid=$!
	for _ in {1..100}; do
		(($(namespaces $pid) == 3)) && break
		sleep 0.1
	done
	(($(namespaces $pid) == 3)) || die "it is not in two namespaces of its own: $(<"$work/out")"
	kill -$signal $pid
	status=0
	wait $pid || status=$?
	[[ $signal != INT || $status == 130 ]] || die "SIGINT: status $status: $(<"$work/out")"
done
[[ $(ip -o link | wc -l) == "$links" ]] || die "links were left behind"
[[ $(find /run/netns -type f 2>/dev/null | wc -l) == "$named" ]] || die "a namespace was left behind"
echo "plaitbench local measures, and leaves nothing behind"
