// SPDX-License-Identifier: GPL-2.0
/*
 * Inner packets to the stack. Plaintext is written into a ring of pages, each
 * TCP payload straight behind the previous one, so that a run of segments
 * becomes one large packet in a few page fragments. To that end a symbol is
 * opened with its headers on top of the end of the previous payload, which is
 * saved before and put back after the headers have been read.
 */

#include <linux/if_ether.h>
#include <linux/tcp.h>

#include "plait.h"

/* Up to here a packet is copied into an skb's linear part. */
#define COPYBREAK 256u

/* Is an open assembly's end where the ring goes on, with room for @len? */
static bool can_overlap(const struct plait_lane_rx *rx, u32 len)
{
	const struct plait_assembly *a = &rx->assembly;
	const struct plait_pages *r = &rx->pages;

	return a->skb && !a->m.closed && a->end == plait_pages_at(r) &&
	       a->end - a->floor >= PLAIT_OVERLAP &&
	       PLAIT_LEAD + PLAIT_INNER_LEN + a->m.headers_len <=
		       PLAIT_OVERLAP &&
	       r->off + PLAIT_LEAD + len <= r->size;
}

/* PLAIT_OVERLAP octets, in two pieces that compilers copy without a call. */
static void copy_overlap(u8 *to, const u8 *from)
{
	memcpy(to, from, PLAIT_OVERLAP / 2);
	memcpy(to + PLAIT_OVERLAP / 2, from + PLAIT_OVERLAP / 2,
	       PLAIT_OVERLAP / 2);
}

/**
 * plait_deliver_place - where a symbol is to be opened
 * @lane: the lane
 * @t: @t->len is read, @t->symbol, @t->overlap and @t->saved are filled in
 *
 * PLAIT_LEAD octets in front of the symbol can be written. Return: false
 * without memory.
 */
bool plait_deliver_place(struct plait_lane *lane, struct plait_plain *t)
{
	struct plait_lane_rx *rx = &lane->rx;
	struct plait_assembly *a = &rx->assembly;

	if (can_overlap(rx, t->len)) {
		u32 headers = PLAIT_INNER_LEN + a->m.headers_len;

		t->overlap = PLAIT_LEAD + headers;
		copy_overlap(t->saved, a->end - PLAIT_OVERLAP);
		t->symbol = a->end - headers;
		return true;
	}
	t->overlap = 0;
	if (!plait_pages_reserve(&rx->pages, PLAIT_LEAD + t->len))
		return false;
	t->symbol = plait_pages_at(&rx->pages) + PLAIT_LEAD;
	return true;
}

/* Put back what the symbol overlaps; the symbol's own head is gone. */
void plait_deliver_revert(struct plait_lane *lane, const struct plait_plain *t)
{
	if (t->overlap)
		copy_overlap(lane->rx.assembly.end - PLAIT_OVERLAP, t->saved);
}

/* Put a symbol that does not continue the assembly into a place of its own. */
static void move_away(struct plait_lane *lane, struct plait_plain *t)
{
	u8 head[PLAIT_INNER_LEN + PLAIT_HEADERS_MAX];
	u32 n = min(t->overlap - PLAIT_LEAD, t->len);
	u8 *end = lane->rx.assembly.end;

	memcpy(head, t->symbol, n);
	plait_deliver_revert(lane, t);
	memmove(end + n, end, t->len - n);
	memcpy(end, head, n);
	t->symbol = end;
	t->overlap = 0;
}

/* The packet in @skb, headers set, goes up: TCP by way of GRO. */
static void hand_up(struct plait_lane *lane, struct sk_buff *skb, u8 proto)
{
	if (proto == PLAIT_PROTO_TCP)
		napi_gro_receive(&lane->rx.napi, skb);
	else
		list_add_tail(&skb->list, &lane->rx.list);
}

static u8 packet_proto(const u8 *p)
{
	return p[0] >> 4 == 4 ? p[9] : p[6];
}

/* Finish the assembly, if there is one, and hand it up. */
static void finish_assembly(struct plait_lane *lane)
{
	struct plait_assembly *a = &lane->rx.assembly;
	struct sk_buff *skb = a->skb;
	struct skb_shared_info *info;

	if (!skb)
		return;
	a->skb = NULL;
	plait_merge_finish(&a->m);
	if (a->m.segments > 1) {
		plait_event_count(lane->p, PLAIT_EVENT_RX_MERGED,
				  a->m.segments - 1);
		info = skb_shinfo(skb);
		info->gso_size = a->m.mss;
		info->gso_segs = a->m.segments;
		info->gso_type = skb->protocol == htons(ETH_P_IP) ?
				 SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
		if (tcp_hdr(skb)->cwr)
			info->gso_type |= SKB_GSO_TCP_ECN;
	}
	hand_up(lane, skb, PLAIT_PROTO_TCP);
}

/* Append a packet to the assembly, if it continues it. */
static bool append(struct plait_lane *lane, const struct plait_packet *pkt,
		   const struct plait_plain *t)
{
	struct plait_assembly *a = &lane->rx.assembly;
	struct plait_pages *r = &lane->rx.pages;
	u32 headers = a->m.headers_len;
	u8 *payload;

	if (skb_shinfo(a->skb)->nr_frags >= MAX_SKB_FRAGS ||
	    !plait_merge_append(&a->m, pkt->at, pkt->len))
		return false;
	/* The headers have been read: what they overlapped comes back. */
	plait_deliver_revert(lane, t);
	payload = t->overlap ? a->end : (u8 *)pkt->at + headers;
	if (payload != a->end)
		a->floor = pkt->at;
	plait_pages_add_frag(r, a->skb, payload, pkt->len - headers);
	a->end = payload + pkt->len - headers;
	plait_pages_commit(r, a->end);
	return true;
}

/* Everything that the stack wants to know of an inner packet. */
static void set_fields(struct plait_lane *lane, struct sk_buff *skb, u8 flags)
{
	struct plait_csum_place place;

	skb->dev = lane->p->dev;
	skb->protocol = skb->data[0] >> 4 == 4 ? htons(ETH_P_IP) :
						 htons(ETH_P_IPV6);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->mac_len = 0;
	skb->ip_summed = CHECKSUM_NONE;
	if (flags & PLAIT_INNER_PARTIAL_CSUM &&
	    plait_csum_find(skb->data, skb_headlen(skb), &place)) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) + place.start;
		skb->csum_offset = place.offset;
		skb_set_transport_header(skb, place.start);
	}
	skb_record_rx_queue(skb, lane->id);
}

/* A packet in the outer skb that it came in. */
static struct sk_buff *donated(struct plait_plain *t,
			       const struct plait_packet *pkt)
{
	struct sk_buff *skb = *t->donor;

	*t->donor = NULL;
	__skb_pull(skb, PLAIT_HDR_LEN + PLAIT_INNER_LEN);
	__skb_trim(skb, pkt->len);
	memcpy(skb->data, pkt->at, pkt->len);
	skb_scrub_packet(skb, true);
	skb_clear_hash(skb);
	skb->encapsulation = 0;
	skb->priority = 0;
	return skb;
}

/* A packet with its first @linear octets copied, the rest left in the page. */
static struct sk_buff *built(struct plait_lane *lane,
			     const struct plait_packet *pkt, u32 linear)
{
	struct plait_pages *r = &lane->rx.pages;
	struct sk_buff *skb = napi_alloc_skb(&lane->rx.napi, linear);

	if (unlikely(!skb))
		return NULL;
	skb_put_data(skb, pkt->at, linear);
	if (linear < pkt->len) {
		plait_pages_add_frag(r, skb, pkt->at + linear,
				     pkt->len - linear);
		plait_pages_commit(r, pkt->at + pkt->len);
	}
	return skb;
}

static void count_packet(struct plait_lane *lane, u32 len)
{
	lane->rx.packets++;
	lane->rx.bytes += len;
}

/*
 * Begin an assembly with a packet. Return: false if it is no beginning, or so
 * small and closed that a copy is cheaper than its share of a page.
 */
static bool begin(struct plait_lane *lane, const struct plait_packet *pkt,
		  const struct plait_plain *t)
{
	struct plait_assembly *a = &lane->rx.assembly;

	if (!plait_merge_begin(&a->m, (u8 *)pkt->at, pkt->len, pkt->len) ||
	    (a->m.closed && pkt->len <= COPYBREAK))
		return false;
	a->skb = built(lane, pkt, a->m.headers_len);
	if (unlikely(!a->skb)) {
		plait_drop_count(lane->p, PLAIT_DROP_RX_NOMEM, 1);
		return true;
	}
	set_fields(lane, a->skb, t->flags);
	count_packet(lane, pkt->len);
	a->m.headers = a->skb->data;
	a->floor = pkt->at;
	a->end = (u8 *)pkt->at + pkt->len;
	return true;
}

/* One packet by itself. */
static void single(struct plait_lane *lane, const struct plait_packet *pkt,
		   struct plait_plain *t)
{
	struct sk_buff *skb;

	if (t->donor && *t->donor)
		skb = donated(t, pkt);
	else
		skb = built(lane, pkt, pkt->len <= COPYBREAK ? pkt->len :
				       PLAIT_HEADERS_MAX);
	if (unlikely(!skb)) {
		plait_drop_count(lane->p, PLAIT_DROP_RX_NOMEM, 1);
		return;
	}
	set_fields(lane, skb, t->flags);
	count_packet(lane, pkt->len);
	hand_up(lane, skb, packet_proto(skb->data));
}

/* One inner packet of a symbol. */
static void packet(struct plait_lane *lane, struct plait_packet *pkt,
		   struct plait_plain *t)
{
	bool partial = t->flags & PLAIT_INNER_PARTIAL_CSUM;
	struct plait_assembly *a = &lane->rx.assembly;
	bool merge = partial && lane->p->dev->features & NETIF_F_GRO;
	const struct plait_prefixes *allowed =
		rcu_dereference(lane->p->prefixes);
	struct plait_csum_place place;
	enum plait_verdict why;

	why = plait_ecn_decapsulate((u8 *)pkt->at, t->ecn);
	/* What continues the assembly has its source and its kind. */
	if (merge && a->skb && likely(why == PLAIT_OK) && append(lane, pkt, t)) {
		count_packet(lane, pkt->len);
		return;
	}
	if (unlikely(!plait_prefix_set_has_source(&allowed->set, pkt->at)))
		why = PLAIT_DROP_RX_SOURCE;
	if (partial && !plait_csum_find(pkt->at, pkt->len, &place))
		why = PLAIT_DROP_RX_INNER;
	if (unlikely(why != PLAIT_OK)) {
		plait_deliver_revert(lane, t);
		plait_drop_count(lane->p, why, 1);
		return;
	}
	if (t->overlap) {
		move_away(lane, t);
		pkt->at = t->symbol + PLAIT_INNER_LEN;
	}
	finish_assembly(lane);
	if (!merge || !begin(lane, pkt, t))
		single(lane, pkt, t);
}

/**
 * plait_deliver - hand up what an authentic symbol holds
 * @lane: the lane
 * @t: the symbol, where plait_deliver_place() said
 */
void plait_deliver(struct plait_lane *lane, struct plait_plain *t)
{
	u32 off = PLAIT_INNER_LEN, count = 0;
	struct plait_packet pkt;
	struct plait_inner in;
	int more;

	plait_inner_decode(&in, t->symbol);
	t->flags = in.flags;
	more = plait_bundle_next(t->symbol, t->len, &off, &pkt);
	if (likely(more == 1 && off == t->len)) {
		packet(lane, &pkt, t);
		return;
	}

	/* A bundle, padding, or nothing sound: no overlap, no donor. */
	if (t->overlap)
		move_away(lane, t);
	t->donor = NULL;
	off = PLAIT_INNER_LEN;
	while ((more = plait_bundle_next(t->symbol, t->len, &off, &pkt)) > 0) {
		packet(lane, &pkt, t);
		count++;
	}
	if (more < 0)
		plait_drop_count(lane->p, PLAIT_DROP_RX_INNER, 1);
	else if (!count)
		plait_event_count(lane->p, PLAIT_EVENT_RX_PADDING, 1);
}

/**
 * plait_deliver_flush - end of a poll: all that was opened goes up
 * @lane: the lane
 */
void plait_deliver_flush(struct plait_lane *lane)
{
	struct plait_lane_rx *rx = &lane->rx;
	struct pcpu_sw_netstats *tstats;

	finish_assembly(lane);
	if (rx->packets) {
		tstats = this_cpu_ptr(lane->p->dev->tstats);
		u64_stats_update_begin(&tstats->syncp);
		u64_stats_add(&tstats->rx_packets, rx->packets);
		u64_stats_add(&tstats->rx_bytes, rx->bytes);
		u64_stats_update_end(&tstats->syncp);
		rx->packets = 0;
		rx->bytes = 0;
	}
	if (!list_empty(&rx->list)) {
		netif_receive_skb_list(&rx->list);
		INIT_LIST_HEAD(&rx->list);
	}
}
