// SPDX-License-Identifier: GPL-2.0
/*
 * The filter that must not be: it records a packet number when the header tag is
 * right, and drops what comes with it again. docs/adr/0002-what-xdp-decides.md.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "core/wire.h"
#include "parse.h"

const volatile __u64 key0 = 0;
const volatile __u64 key1 = 0;
const volatile __u16 port = 0;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u64);
	__type(value, u8);
} seen SEC(".maps");

SEC("xdp")
int naive(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct plait_tag_key key = { .k0 = key0, .k1 = key1 };
	struct udp_place place;
	u64 hdr[4], pn;
	u8 one = 1;
	u64 *word;

	if (!find_udp(data, end, &place) ||
	    place.udp->dest != __builtin_bswap16(port))
		return XDP_PASS;
	word = (u64 *)(place.udp + 1);
	if ((void *)(word + 4) > end)
		return XDP_DROP;
	hdr[0] = word[0];
	hdr[1] = word[1];
	hdr[2] = word[2];
	hdr[3] = word[3];
	if (plait_header_tag(&key, (u8 *)hdr,
			     __builtin_bswap16(place.udp->len) - 8) != hdr[0])
		return XDP_DROP;
	pn = hdr[3];
	return bpf_map_update_elem(&seen, &pn, &one, BPF_NOEXIST) ? XDP_DROP :
								    XDP_PASS;
}

char _license[] SEC("license") = "GPL";
