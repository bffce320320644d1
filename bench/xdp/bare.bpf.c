// SPDX-License-Identifier: GPL-2.0
/*
 * What the filter's cost is held against: programs that do one thing. bare: finds
 * the UDP header and drops. sip: SipHash of the 32 octets behind it, and drops.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "core/wire.h"
#include "parse.h"

SEC("xdp")
int bare(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct udp_place place;

	return find_udp(data, end, &place) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int sip(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct plait_tag_key key = { .k0 = 1, .k1 = 2 };
	const u64 *word = data + 42;

	if ((void *)(word + 4) > end)
		return XDP_PASS;
	return plait_siphash32(&key, word[0], word[1], word[2], word[3]) == 0 ?
	       XDP_PASS : XDP_DROP;
}

SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
