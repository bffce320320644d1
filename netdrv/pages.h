/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ring of recycled pages that datagrams and inner packets are written into,
 * side by side. A page is used again once nobody else holds it.
 */
#ifndef PLAIT_PAGES_H
#define PLAIT_PAGES_H

#include <linux/mm.h>
#include <linux/skbuff.h>

/* 32 KB: room for 22 datagrams of an Ethernet's MTU. */
#define PLAIT_PAGE_ORDER 3

/* Pages a ring keeps: 1 MB, twice what a 64 KB socket buffer and NIC hold. */
#define PLAIT_PAGES_RING 32

/* What a fragment is charged at least: a page has room for 22 datagrams. */
#define PLAIT_PAGE_SHARE 1489u

/* Free octets in front of the first datagram of a page. */
#define PLAIT_PAGE_SLACK 256u

struct plait_stats;

/**
 * struct plait_pages - a ring of pages; one context at a time uses it
 * @page: the ring; NULL where it has not grown yet
 * @cur: the page being filled, one of @page unless @loose; NULL: none
 * @base: its address
 * @off: first free octet in @cur
 * @size: octets of @cur
 * @fresh: pages allocated
 * @reused: pages recycled
 * @loose: @cur is not on the ring, whose pages are all in use
 */
struct plait_pages {
	struct page *page[PLAIT_PAGES_RING];
	struct page *cur;
	u8 *base;
	u32 off;
	u32 size;
	u64 fresh;
	u64 reused;
	bool loose;
};

/* Make sure that @len octets are free at plait_pages_at(). Atomic. */
bool plait_pages_turn(struct plait_pages *r, u32 len);

static inline bool plait_pages_reserve(struct plait_pages *r, u32 len)
{
	if (likely(r->cur && r->off + len <= r->size))
		return true;
	return plait_pages_turn(r, len);
}

static inline u8 *plait_pages_at(const struct plait_pages *r)
{
	return r->base + r->off;
}

/* Where the present page ends. */
static inline u8 *plait_pages_end(const struct plait_pages *r)
{
	return r->base + r->size;
}

/* Everything in front of @end, an address in the present page, is in use. */
static inline void plait_pages_commit(struct plait_pages *r, const u8 *end)
{
	r->off = end - r->base;
}

void plait_pages_release(struct plait_pages *r);

void plait_pages_new_frag(const struct plait_pages *r, struct sk_buff *skb,
			  u32 off, u32 len);

/* Append octets of the ring's present page to an skb's data. */
static inline void plait_pages_add_frag(const struct plait_pages *r,
					struct sk_buff *skb, const u8 *at,
					u32 len)
{
	unsigned int n = skb_shinfo(skb)->nr_frags;
	u32 off = at - r->base;

	if (unlikely(!n || !skb_can_coalesce(skb, n, r->cur, off))) {
		plait_pages_new_frag(r, skb, off, len);
		return;
	}
	skb_frag_size_add(&skb_shinfo(skb)->frags[n - 1], len);
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
}

#endif /* PLAIT_PAGES_H */
