// SPDX-License-Identifier: GPL-2.0
/* Rings of recycled pages: see pages.h. */

#include <linux/gfp.h>
#include <linux/skbuff.h>

#include "pages.h"

static void use_page(struct plait_pages *r, struct page *page, bool loose)
{
	if (r->loose)
		put_page(r->cur);
	r->cur = page;
	r->base = page_address(page);
	r->loose = loose;
	r->off = PLAIT_PAGE_SLACK;
	r->size = page_size(page);
}

/* A large page, or under memory pressure one that is just large enough. */
static struct page *alloc_page_for(u32 len)
{
	gfp_t gfp = GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY |
		    __GFP_ACCOUNT;
	struct page *page = alloc_pages(gfp, PLAIT_PAGE_ORDER);

	if (likely(page))
		return page;
	return alloc_pages(gfp, get_order(PLAIT_PAGE_SLACK + len));
}

bool plait_pages_turn(struct plait_pages *r, u32 len)
{
	struct page *page;
	unsigned int i;

	if (unlikely(PLAIT_PAGE_SLACK + len > PAGE_SIZE << PLAIT_PAGE_ORDER))
		return false;

	/*
	 * From the front, so that the pages in use are few and warm. The
	 * control dependency orders our writes behind the last user's put.
	 */
	for (i = 0; i < PLAIT_PAGES_RING && r->page[i]; i++) {
		page = r->page[i];
		if (page_ref_count(page) == 1 &&
		    PLAIT_PAGE_SLACK + len <= page_size(page)) {
			r->reused++;
			use_page(r, page, false);
			return true;
		}
	}

	page = alloc_page_for(len);
	if (!page)
		return false;
	r->fresh++;
	if (i < PLAIT_PAGES_RING && compound_order(page) == PLAIT_PAGE_ORDER &&
	    !page_is_pfmemalloc(page)) {
		r->page[i] = page;
		use_page(r, page, false);
	} else {
		use_page(r, page, true);
	}
	return true;
}

/* Give all pages back; what was counted stays. */
void plait_pages_release(struct plait_pages *r)
{
	unsigned int i;

	if (r->loose)
		put_page(r->cur);
	for (i = 0; i < PLAIT_PAGES_RING && r->page[i]; i++) {
		put_page(r->page[i]);
		r->page[i] = NULL;
	}
	r->cur = NULL;
	r->loose = false;
}

/* A fragment, however short, pins its page: it answers for a share. */
void plait_pages_new_frag(const struct plait_pages *r, struct sk_buff *skb,
			  u32 off, u32 len)
{
	get_page(r->cur);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, r->cur, off, len,
			max(len, PLAIT_PAGE_SHARE));
}
