#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# plaitctl on a machine without the module: it says what to do, and its exit statuses are
# those of the manual. Argument: plaitctl.
set -eu

plaitctl=$1
# Asking for the family would load an installed module: not here.
if [ -e /sys/module/plait ] || modinfo plait >/dev/null 2>&1; then exit 77; fi

die() {
	echo "$*" >&2
	exit 1
}

# expect STATUS TEXT WORDS...
expect() {
	status=$1 text=$2
	shift 2
	said=$("$plaitctl" "$@" 2>&1 </dev/null) && got=0 || got=$?
	[ "$got" = "$status" ] || die "plaitctl $*: exit status $got, not $status: $said"
	case $said in
	*"$text"*) ;;
	*) die "plaitctl $*: said: $said" ;;
	esac
}

hint="module plait is not loaded: modprobe plait"
expect 1 "$hint" device
expect 1 "$hint" device show plait0 --json
expect 1 "$hint" --json stats --all
expect 1 "$hint" device add plait0 lanes 1
expect 2 "subcommand is required"
expect 2 "unknown word" device add plait0 lane 1
expect 2 "key file /nonesuch" key new plait0 session 1 epoch 0 local-index 1 remote-index 2 \
	tx-key /nonesuch rx-key -
expect 0 "plaitctl 0." --version
expect 0 "[tx-counter N]" key new --help
key=$("$plaitctl" genkey)
[ ${#key} = 64 ] || die "genkey printed ${#key} characters"
[ "$key" != "$("$plaitctl" genkey)" ] || die "genkey printed the same key twice"
