#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Is the kept corpus worth keeping? Breaks the engine in one line, by one octet mostly,
# and replays: an input must show it. mutants.sh [WORD]: those with WORD in their line.
set -euo pipefail
top=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
: "${CC:=gcc}" "${CXX:=g++}"
readonly COUNT_MIN=40    # fewer: the list below was not read

# target, file of netdrv/core, what a line has, what it has then
mutants() {
	cat <<-'END'
	check	check.h	len < PLAIT_PROTECTED_MIN	len <= PLAIT_PROTECTED_MIN
	check	check.h	len < PLAIT_HANDSHAKE_MIN	len <= PLAIT_HANDSHAKE_MIN
	check	check.h	len < PLAIT_SOURCE_OVERHEAD	len <= PLAIT_SOURCE_OVERHEAD
	check	check.c	prev->hdr.index != d[i].hdr.index ||	
	check	check.c	prev->hdr.epoch != d[i].hdr.epoch	0
	check	check.c	!= d->keys->lane	> d->keys->lane
	bundle	packet.h	total <= len ?	total < len ?
	packet	packet.h	total <= len ?	total < len ?
	packet	packet.h	len >= PLAIT_IPV4_LEN	len > PLAIT_IPV4_LEN
	packet	packet.h	len >= PLAIT_IPV6_LEN	len > PLAIT_IPV6_LEN
	packet	packet.h	total < (p[0] & 15) * 4u	total <= (p[0] & 15) * 4u
	packet	packet.h	(p[0] & 15) < 5	(p[0] & 15) < 4
	packet	packet.h	sum = (sum & 0xffff) + (sum >> 16 & 0xffff)	sum = (sum & 0xffff) + (sum >> 16 & 0x7fff)
	packet	packet.h	return (u16)sum;	return (u16)(sum == 0xffff ? 0 : sum);
	packet	packet.c	place->start + PLAIT_TCP_LEN <= len	place->start + PLAIT_TCP_LEN < len
	packet	packet.c	place->start + PLAIT_UDP_LEN <= len	place->start + PLAIT_UDP_LEN < len
	packet	packet.c	if (plait_get_be16(p + 6) & 0x3fff)	if (plait_get_be16(p + 6) & 0x1fff)
	packet	packet.c	!(plait_get_be16(p + 6) & 0x3fff)	!(plait_get_be16(p + 6) & 0x1fff)
	packet	packet.c	(p[0] & 15) * 4u + 4 <= len	(p[0] & 15) * 4u + 4 < len
	packet	packet.c	PLAIT_IPV6_LEN + 4 <= len	PLAIT_IPV6_LEN + 4 < len
	packet	packet.c	~0x30u	~0x10u
	window	window.c	to - from > w->mask	to - from >= w->mask
	window	window.c	i = from + 1	i = from
	window	window.c	i <= to	i < to
	window	window.h	block + w->mask + 1 <= w->top >> 6	block + w->mask + 1 < w->top >> 6
	window	window.h	counter > w->top	counter >= w->top
	window	window.h	span >= PLAIT_WINDOW_SPAN_MIN	span > PLAIT_WINDOW_SPAN_MIN
	window	window.h	span <= PLAIT_WINDOW_SPAN_MAX	span < PLAIT_WINDOW_SPAN_MAX
	prefix	prefix.c	a[1] <= b[1]	a[1] < b[1]
	prefix	prefix.c	bits >= 64 ?	bits > 64 ?
	prefix	prefix.c	bits == 128 ?	bits == 127 ?
	prefix	prefix.c	p->len > width(p)	p->len >= width(p)
	prefix	prefix.c	if (at_most(r[n - 1].last, r[i].last))	if (n)
	prefix	prefix.c	if (!p[i].len)	if (p[i].len < 2)
	prefix	prefix.c	return low && at_most	return low > 1 && at_most
	segment	segment.c	place.start + doff > len	place.start + doff >= len
	segment	segment.c	doff < PLAIT_TCP_LEN	doff <= PLAIT_TCP_LEN
	segment	segment.c	mss > PLAIT_MERGE_MAX - headers_len	mss >= PLAIT_MERGE_MAX - headers_len
	segment	segment.c	(payload - 1) / mss + 1	payload / mss + 1
	segment	segment.c	if (payload < left)	if (payload <= left)
	segment	segment.c	if (i)	if (i > 1)
	segment	segment.c	s->id + i	s->id + !!i
	merge	segment.c	headers_len >= len	headers_len > len
	merge	segment.c	payload > m->mss ||	payload >= m->mss ||
	merge	segment.c	m->payload + payload > PLAIT_MERGE_MAX	m->payload + payload >= PLAIT_MERGE_MAX
	merge	segment.c	m->closed = flags || payload < m->mss	m->closed = flags
	merge	segment.c	!= 0xffff &&	!= 0xfffe &&
	merge	segment.c	len <= m->headers_len	len < m->headers_len
	merge	segment.c	m->id + m->segments	m->id + 1
	number	number.c	PLAIT_COUNTER_MAX + 1	PLAIT_COUNTER_MAX
	number	number.c	if (*n->counter >= end)	if (0)
	number	number.c	distance > 0xffff	distance >= 0xffff
	number	number.h	ahead < 1U << 31	ahead <= 1U << 31
	number	number.h	if (near < (u64)(u32)-ahead)	if (0)
	END
}

work=$(mktemp -d "${TMPDIR:-/tmp}/plait-mutants-XXXXXX")
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2054 # the compiler's option has commas
flags=(-O1 -g -w -fsanitize=address,undefined -fno-sanitize-recover=all -DPLAIT_DEBUG
	-I"$top/tests/fuzz" -I"$top/tests/unit")

compile_engine() { (cd "$2" && "$CC" -std=gnu11 "${flags[@]}" -I"$1" -c "${@:3}"); }
compile_target() { "$CXX" -std=c++20 "${flags[@]}" -I"$1" -c "$top/tests/fuzz/$2.cpp" -o "$3"; }
link_replay() { "$CXX" "${flags[@]}" "$work"/{replay,reference}.o "$@" -o "$work/replay"; }

# build_sound TARGET: with nothing broken; its objects serve mutants of single .c files.
build_sound() {
	compile_target "$top/netdrv/core" "$1" "$work/sound/target"
	link_replay "$work/sound/target" "$work"/sound/*.o
}

# build_mutant TARGET FILE: with FILE of $work/core mutated.
build_mutant() {
	rm -rf "$work/mutant"
	cp -r "$work/sound" "$work/mutant"
	if [[ $2 == *.h ]]; then
		compile_target "$work/core" "$1" "$work/mutant/target"
		compile_engine "$work/core" "$work/mutant" "$work"/core/*.c
	else
		compile_engine "$work/core" "$work/mutant" "$work/core/$2"
	fi
	link_replay "$work/mutant/target" "$work"/mutant/*.o
}

# passes TARGET: does all of its corpus?
passes() {
	{ timeout 120 "$work/replay" "$top/tests/fuzz/corpus/$1" >"$work/log" 2>&1; } 2>/dev/null
}

# mutate FILE WHAT THEN: fails unless the words stand in the file, and changes each place.
mutate() {
	local text
	text=$(<"$1")
	[[ $text == *"$2"* ]] || { echo "mutants: no '$2' in ${1##*/}: the list is of another engine"; exit 1; }
	printf '%s\n' "${text//"$2"/"$3"}" >"$1"
}

mkdir "$work/sound"
for part in replay reference; do
	compile_target "$top/netdrv/core" $part "$work/$part.o"
done
compile_engine "$top/netdrv/core" "$work/sound" "$top"/netdrv/core/*.c
count=0 survivors=0 sound=''
while IFS=$'\t' read -r target file what becomes; do
	[[ "$target $file $what" == *"${1:-}"* ]] || continue
	if [[ $sound != "$target" ]]; then
		build_sound "$target"
		passes "$target" || { tail -n 5 "$work/log"; echo "FAILED: $target, with nothing broken"; exit 1; }
		sound=$target
	fi
	rm -rf "$work/core"
	cp -r "$top/netdrv/core" "$work/core"
	mutate "$work/core/$file" "$what" "$becomes"
	build_mutant "$target" "$file"
	count=$((count + 1))
	if passes "$target"; then
		survivors=$((survivors + 1))
		echo "survives: $target, $file: $what -> $becomes"
	fi
done < <(mutants)
((count >= COUNT_MIN)) || [[ -n ${1:-} ]] || { echo "FAILED: only $count mutants"; exit 1; }
((count)) || { echo "FAILED: no mutant has '$1'"; exit 1; }
echo "$((count - survivors)) of $count mutants of the engine are killed by the kept corpus"
((survivors == 0))
