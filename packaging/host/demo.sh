# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
# `run demo`: boots one guest that counts instructions, and shows a tunnel in it.
# The story itself is tests/guest/demo.sh.

demo() {
	(($# == 0)) || die "demo takes no arguments: run help"
	local start=$SECONDS code=0 colour=
	need_packages "run guests" "${packages_guest[@]}"
	build_release
	[[ ! -t 1 || -n ${NO_COLOR:-} ]] || colour=yes
	say "the demo: Linux 6.12 in a guest with two hosts in it, and a tunnel (usually 1 minute)"
	"$top/tests/guest/boot.sh" --kernel 6.12 --icount --timeout 900 --console "$logs/demo.console" -- \
		env "DEMO_COLOUR=$colour" bash tests/guest/demo.sh || code=$?
	say "demo took $((SECONDS - start)) s; the guest's console: build/logs/demo.console"
	return "$code"
}
