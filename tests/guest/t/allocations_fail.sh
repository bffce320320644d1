#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Memory fails at every call site of an allocator in plait.ko, and anywhere below it: what
# was asked is refused or done, and done when it is asked again; on the data path a drop is
# counted, and traffic goes on as before when memory is there again. Nothing is leaked.
#
# failsite.ko makes call sites fail, which are found in plait.ko's own relocations; the
# kernel's fault injection does it below them. Deeds are in tests/guest/tools/control/.
# boot: --module failsite --tool readelf
# kernels: debug
# timeout: 900
# full: takes half an hour
set -euo pipefail
LANES=2 GRO=on
# shellcheck source=tests/guest/topology.sh
source /plait/tests/guest/topology.sh
# shellcheck source=tests/guest/traffic.sh
source /plait/tests/guest/traffic.sh

failsite=/sys/module/failsite/parameters
debugfs=/sys/kernel/debug
kinds=(failslab fail_page_alloc fail_usercopy)

# --- the sites -------------------------------------------------------------------

# Which functions allocate, what each returns when it cannot, and the path it is on. Data
# path functions that are on the other too are told apart by their caller.
allocators='
^__kmalloc(_cache|_node)?(_noprof)?$	0	control
^kmalloc_trace$				0	control
^__kvmalloc_node(_noprof)?$		0	control
^(pcpu_alloc_noprof|__alloc_percpu_gfp)$	0	control
^alloc_netdev_mqs$			0	control
^alloc_workqueue(_noprof)?$		0	control
^__alloc_skb$				0	control
^rhashtable_init(_noprof)?$		-12	control
^(register_netdevice|register_pernet_device|genl_register_family)$	-12	control
^(dev_set_threaded|dev_set_mtu|dst_cache_init)$	-12	control
^udp_sock_create[46]$			-12	control
^ip_route_output_flow$			-12	control
^crypto_(alloc_aead|aead_setkey)$	-12	control
^(__)?alloc_pages(_noprof)?$			0	data
^(__)?napi_alloc_skb$			0	data
^(pskb_extract|__pskb_pull_tail)$	0	data
^skb_checksum_help$			-12	data
^__skb_gso_segment$			-12	data
'
data_callers='^plait_(batch|pages|cursor|xmit|tx|rx|receive|deliver)'
# What looks like an allocator and is none of ours: tracing, rhashtable's resizing (inlined
# into us, reached only while a table is being resized), what only puts on a list.
others='^(__asan_register_globals|__kstrtab.*|ref_tracker_alloc|perf_trace_buf_alloc|trace_event_buffer_reserve|kmalloc_caches|rhashtable_insert_slow|rht_bucket_nested_insert|rtnl_link_register)$'

# sites KO: "path kind offset-or-address value name", one a line
sites() {
	{
		readelf -SW "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] \(\.[^ ]*\) .*/section \1 \2/p'
		readelf -sW "$1" | awk '$4 == "FUNC" { print "function", $2, $3, $7, $8 }'
		readelf -rW "$1" | awk '/^Relocation section/ { gsub(/\047|\.rela/, "", $3); section = $3 }
			$3 ~ /^R_X86_64_(PLT32|PC32)$/ { print "call", section, $1, $5 }'
		for section in /sys/module/plait/sections/.*text*; do
			echo "base ${section##*/} $(<"$section")"
		done
	} >"$work/elf"
	awk -v allocators="$allocators" -v data_callers="$data_callers" -v others="$others" '
		BEGIN {
			n = split(allocators, lines, "\n")
			for (i = 1; i <= n; i++)
				if (split(lines[i], words) == 3) {
					count++
					pattern[count] = words[1]; value[count] = words[2]; path[count] = words[3]
				}
		}
		$1 == "section" { section_of[$2] = $3 }
		$1 == "function" { at[NR] = hex($2); size[NR] = $3 + 0; in_section[NR] = section_of[$4]; name[NR] = $5 }
		$1 == "base" { base[$2] = hex(substr($3, 3)) }
		$1 == "call" { call[NR] = hex($3) - 1; call_in[NR] = $2; callee[NR] = $4 }
		END {
			for (c in call) {
				which = 0
				for (i = 1; i <= count; i++)
					if (callee[c] ~ pattern[i]) which = i
				if (!which) {
					if (callee[c] ~ /alloc|create|dup|clone|extract|reserve|insert|_new|register_|_init_noprof/ &&
					    callee[c] !~ /free|unregister|destroy|^plait_/ && callee[c] !~ others)
						unknown[callee[c]]
					continue
				}
				caller = "?"
				for (f in at)
					if (in_section[f] == call_in[c] && call[c] >= at[f] && call[c] < at[f] + size[f])
						caller = name[f]
				p = caller ~ data_callers ? "data" : path[which]
				init = call_in[c] == ".init.text"
				where = init ? call[c] : base[call_in[c]] + call[c]
				printf "%s %s 0x%s %s %s:%s\n", p, init ? "init" : "text",
					tohex(where), value[which], caller, callee[c]
			}
			for (u in unknown) print "unknown", u
		}
		# Addresses have 64 bits, numbers here 53: the low 48 are counted, the rest is ones.
		function hex(s,   i, n) {
			n = 0
			s = tolower(s)
			if (length(s) == 16 && s ~ /^ffff/) s = substr(s, 5)
			for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
			return n
		}
		function tohex(n,   s) {
			# mawk prints no more than 31 bits.
			s = sprintf("%04x%04x%04x", int(n / 4294967296),
				int(n % 4294967296 / 65536), n % 65536)
			return n < 4294967296 ? s : "ffff" s
		}' "$work/elf" | sort
}

# --- faults ----------------------------------------------------------------------

# fault NAME VALUE: of every kind of the kernel's fault injection
fault() {
	local kind
	for kind in "${kinds[@]}"; do echo "$2" >"$debugfs/$kind/$1"; done
}
symbol() {
	local at
	at=$(awk -v n="$1" '$3 == n { print "0x" $1; exit }' /proc/kallsyms)
	echo "${at:?no symbol $1}"
}
# aim: at the sites of plait.ko as it is loaded now, and at what they call. Not at per-CPU
# and vmalloc code (which stand together in the kernel): they complain aloud of want of
# memory, and are sites.
aim() {
	local number=0 all='' path kind where value name low high
	rm -f "$work"/*-sites
	sites "$(modinfo -n plait)" >"$work/sites"
	while read -r path kind where value name; do
		[[ $path != unknown ]] || fail "is $kind an allocator? there is a list of them"
		all+="$kind $where $value,"
		echo "$number $name" >>"$work/$path-sites"
		number=$((number + 1))
	done <"$work/sites"
	echo "$all" >$failsite/sites

	read -r low high < <(awk '$4 == "[plait]" && tolower($2) == "t" { print $1 }' /proc/kallsyms |
		sort | sed -n '1p;$p' | paste -sd' ')
	fault probability 0
	fault verbose 0
	fault stacktrace-depth 32
	fault require-start "0x$low"
	fault require-end "0x${high%???}fff"
	fault reject-start "$(symbol pcpu_alloc_noprof)"
	fault reject-end "$(symbol vmalloc_huge_noprof)"
	for kind in failslab fail_page_alloc; do echo N >$debugfs/$kind/ignore-gfp-wait; done
}

# drops: datagrams and packets that a and b dropped for want of memory
drops() {
	local ns
	for ns in a b; do ip netns exec $ns ethtool -S plait0; done |
		awk '$1 ~ /^(tx_nomem|rx_nomem|port_nomem|tx_protocol):$/ { n += $2 } END { print n + 0 }'
}
traffic() {
	ordered_udp a b 10.7.0.2 4 200 1000 2000 gso 10
	ordered_udp b a fd07::1 4 200 200 2000
	file_over_tcp a b fd07::2 1
	file_over_tcp b a 10.30.0.1 1
}
resumes() {
	local before
	before=$(drops)
	checked_udp a b 10.7.0.2 4 500 1000 1000 gso 10
	checked_udp b a fd07::1 4 500 1000 1000
	file_over_tcp a b fd07::2 1
	expect_equal "dropped for want of memory that is there" "$before" "$(drops)"
}

make_ns a b
wire a eth0 192.0.2.1/24 2001:db8:1::1/64 b eth0 192.0.2.2/24 2001:db8:1::2/64
say "whatever is asked of the module, while memory fails"
aim
a plait-faults "$work/control-sites" || fail "asking while memory fails"
topology_gone

say "call sites of allocators on the data path"
topology_pair
# A tunnel in the tunnel: its packets are of a kind that plait has the stack take apart.
for end in "a 10.7.0.2 10.30.0.1" "b 10.7.0.1 10.30.0.2"; do
	read -r ns remote address <<<"$end"
	ip -n "$ns" link add vx0 type vxlan id 7 remote "$remote" dstport 4789
	ip -n "$ns" addr add "$address/24" dev vx0
	ip -n "$ns" link set vx0 up
done
aim
# Pages are asked for twice, large ones and then small ones.
mapfile -t groups < <(sed 's/.*://' "$work/data-sites" | sort -u | grep alloc_pages
	sed 's/^[0-9]* //' "$work/data-sites" | grep -v alloc_pages)
echo 20 >$failsite/nth
echo Y >$failsite/again
reached=0
for group in "${groups[@]}"; do
	mask=0
	while read -r number _; do mask=$((mask | 1 << number)); done < <(grep -wF "$group" "$work/data-sites")
	before=$(drops)
	echo 0 >$failsite/calls
	echo $mask >$failsite/fail
	traffic
	echo 0 >$failsite/fail
	failed=$(<$failsite/failed)
	dropped=$(($(drops) - before))
	echo "$group: $failed calls failed, $dropped drops counted"
	((failed == 0)) || { reached=$((reached + 1)); expect_more "drops for them" 0 $dropped; }
done
echo "$reached of ${#groups[@]} places on the data path failed"
expect_more "places that failed" 4 $reached
resumes

say "at random, anywhere below the data path"
before=$(drops)
fault times 1000000
fault probability 2
traffic
fault probability 0
injected=0
for kind in failslab fail_page_alloc; do injected=$((injected + 1000000 - $(<$debugfs/$kind/times))); done
echo "$injected allocations failed, $(($(drops) - before)) drops counted"
expect_more "allocations that failed" 100 $injected
expect_more "drops counted" 0 $(($(drops) - before))
resumes
say "done"
