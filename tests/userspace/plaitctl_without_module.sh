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
expect 1 "$hint" stats show plait0
expect 2 'NAME: "a-name-too-long-" has 16 characters: an interface'"'"'s name has at most 15' \
	device add a-name-too-long-
expect 2 'DEV: "a/b" cannot be an interface'"'"'s name' stats show a/b
expect 2 'IF: "a/b" cannot be an interface'"'"'s name' xdp status a/b
for words in "prefix" "prefix show plait0" "top --once" "top --json" "monitor" "monitor plait0"; do
	# shellcheck disable=SC2086 # words
	expect 1 "$hint" $words
done
expect 1 "modprobe plait" doctor
expect 1 '"id": "module"' doctor plait0 --json
expect 2 "give a command: device, strand,"
expect 2 "unknown command 'bogus': give device, strand," bogus
expect 2 "unknown command 'bogus'" --json bogus device
expect 2 "unknown verb 'bogus' after device: give add, set, del or show" device bogus
expect 2 "unknown word 'lane': the words are NAME [lanes N]" device add plait0 lane 1
expect 2 "unknown word 'now': this command takes none" genkey now
expect 2 "lanes: 17 is out of range: give 1 to 16" device add plait0 lanes 17
expect 2 '"64" is not a DSCP: give 0 to 63, or inherit' device set plait0 dscp 64
expect 2 "nothing to change: give window, dscp or mtu-fixed" device set plait0
expect 2 'mtu-fixed: give on or off, not "1"' device set plait0 mtu-fixed 1
expect 1 "$hint" device set plait0 mtu-fixed off
expect 0 "[mtu-fixed on|off]" device set --help
expect 2 'fragment: give on or off, not "yes"' strand set plait0 fragment yes
expect 2 "nothing to change: give remote, port," strand set plait0 id 0
expect 2 "give one of active, inactive and on-receipt" key new plait0 session 1 epoch 0 \
	local-index 1 remote-index 2 tx-key - rx-key - inactive on-receipt
expect 2 "nothing to change: give active," key set plait0 session 1 epoch 0
expect 2 "bits set behind its length: give 10.7.0.0/24" prefix add plait0 10.7.0.1/24
expect 2 '"PREFIX..." is missing' prefix set plait0
expect 2 "--interval" top --interval 0
expect 2 "key file /nonesuch" key new plait0 session 1 epoch 0 local-index 1 remote-index 2 \
	tx-key /nonesuch rx-key -
expect 0 "plaitctl 0." --version
expect 0 "[tx-counter N]" key new --help
expect 0 "[show] [DEV]" stats --help
expect 0 "doctor" help
expect 0 "add" device help
expect 1 "$hint" stats help
expect 0 "[IF]" xdp status --help
expect 0 "Example: plaitctl strand add plait0 remote" strand add --help
key=$("$plaitctl" genkey)
[ ${#key} = 64 ] || die "genkey printed ${#key} characters"
[ "$key" != "$("$plaitctl" genkey)" ] || die "genkey printed the same key twice"
