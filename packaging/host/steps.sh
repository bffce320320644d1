# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# How `run` talks: plain lines, and long steps with their time. A step's own
# output goes to build/logs; its tail is shown if it fails.

top=${top:?sourced by run}
logs=$top/build/logs
mkdir -p "$logs"

say() { echo "plait: $*"; }
die() { echo "plait: $*" >&2; exit 1; }

# step NAME "what" "how long it usually takes" COMMAND...
step() {
	local log=$logs/$1.log what=$2 usual=$3 pid code=0 start=$SECONDS
	shift 3
	say "$what (usually $usual)"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	# On a terminal: the time so far, and the last thing the step said.
	while [[ -t 1 ]] && kill -0 "$pid" 2>/dev/null; do
		printf '\r\033[K  %4d s  %s' "$((SECONDS - start))" \
			"$(tail -c 400 "$log" | tr '\r\t' '\n ' | tail -n 1 | cut -c "1-$((${COLUMNS:-80} - 12))")"
		sleep 0.5
	done
	[[ ! -t 1 ]] || printf '\r\033[K'
	wait "$pid" || code=$?
	if ((code)); then
		tail -n 60 "$log"
		die "failed after $((SECONDS - start)) s: $what. All of it: $log"
	fi
	say "  done in $((SECONDS - start)) s"
}
