// SPDX-License-Identifier: GPL-2.0
/*
 * Rings of recycled pages: a page comes back once nobody else holds it, the ring does not
 * grow beyond its size, and what a fragment is charged.
 */

#include <linux/skbuff.h>

#include "plait_kunit.h"

#define PAGE_OCTETS (PAGE_SIZE << PLAIT_PAGE_ORDER)
#define ROOM (PAGE_OCTETS - PLAIT_PAGE_SLACK)

static void ring_gone(void *data)
{
	plait_pages_release(data);
}

static struct plait_pages *ring(struct kunit *test)
{
	struct plait_pages *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ring_gone, r), 0);
	return r;
}

/* Use octets of the present page as a datagram does. */
static void use(struct plait_pages *r, u32 len)
{
	u8 *at = plait_pages_at(r);

	memset(at, 0x5a, len);
	plait_pages_commit(r, at + len);
}

static void page_is_filled_from_front_to_end(struct kunit *test)
{
	struct plait_pages *r = ring(test);
	u8 *first;
	u32 i;

	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, 1024));
	first = plait_pages_at(r);
	KUNIT_EXPECT_PTR_EQ(test, first,
			    (u8 *)page_address(r->cur) + PLAIT_PAGE_SLACK);
	for (i = 0; i < ROOM / 1024; i++) {
		KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, 1024));
		KUNIT_EXPECT_PTR_EQ(test, plait_pages_at(r), first + 1024 * i);
		use(r, 1024);
	}
	KUNIT_EXPECT_EQ(test, r->fresh, 1);
	/* What is left is still good for something smaller. */
	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM % 1024));
	KUNIT_EXPECT_EQ(test, r->fresh, 1);
	KUNIT_EXPECT_EQ(test, r->reused, 0);
}

static void free_page_is_used_again(struct kunit *test)
{
	struct plait_pages *r = ring(test);
	struct page *page;
	u32 i;

	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
	page = r->cur;
	for (i = 1; i <= 100; i++) {
		use(r, ROOM);
		KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
		KUNIT_EXPECT_PTR_EQ(test, r->cur, page);
		KUNIT_EXPECT_EQ(test, r->reused, i);
	}
	KUNIT_EXPECT_EQ(test, r->fresh, 1);
}

static void held_page_is_left_alone(struct kunit *test)
{
	struct plait_pages *r = ring(test);
	struct page *first, *second;

	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
	first = r->cur;
	get_page(first);
	use(r, ROOM);
	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
	second = r->cur;
	KUNIT_EXPECT_PTR_NE(test, second, first);
	use(r, ROOM);
	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
	KUNIT_EXPECT_PTR_EQ(test, r->cur, second);
	use(r, ROOM);
	/* From the front, once it is let go. */
	put_page(first);
	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
	KUNIT_EXPECT_PTR_EQ(test, r->cur, first);
	KUNIT_EXPECT_EQ(test, r->fresh, 2);
}

static void ring_in_use_lends_loose_pages(struct kunit *test)
{
	struct page *held[PLAIT_PAGES_RING + 2];
	struct plait_pages *r = ring(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(held); i++) {
		KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
		KUNIT_EXPECT_EQ(test, r->loose, i >= PLAIT_PAGES_RING);
		held[i] = r->cur;
		get_page(held[i]);
		use(r, ROOM);
	}
	KUNIT_EXPECT_EQ(test, r->fresh, PLAIT_PAGES_RING + 2);
	KUNIT_EXPECT_EQ(test, r->reused, 0);
	/* Of a loose page that is done with, only its user's hold is left. */
	KUNIT_EXPECT_EQ(test, page_ref_count(held[PLAIT_PAGES_RING]), 1);
	KUNIT_EXPECT_EQ(test, page_ref_count(held[PLAIT_PAGES_RING + 1]), 2);
	KUNIT_EXPECT_EQ(test, page_ref_count(held[0]), 2);

	put_page(held[5]);
	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
	KUNIT_EXPECT_PTR_EQ(test, r->cur, held[5]);
	KUNIT_EXPECT_FALSE(test, r->loose);
	KUNIT_EXPECT_EQ(test, page_ref_count(held[PLAIT_PAGES_RING + 1]), 1);

	for (i = 0; i < ARRAY_SIZE(held); i++)
		if (i != 5)
			put_page(held[i]);
}

static void released_ring_keeps_nothing(struct kunit *test)
{
	struct plait_pages *r = ring(test);
	struct page *held[3];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(held); i++) {
		KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, ROOM));
		held[i] = r->cur;
		get_page(held[i]);
		use(r, ROOM);
	}
	plait_pages_release(r);
	KUNIT_EXPECT_NULL(test, r->cur);
	for (i = 0; i < ARRAY_SIZE(held); i++) {
		KUNIT_EXPECT_EQ(test, page_ref_count(held[i]), 1);
		put_page(held[i]);
	}
	/* What was counted stays, and it can begin anew. */
	KUNIT_EXPECT_EQ(test, r->fresh, 3);
	KUNIT_EXPECT_TRUE(test, plait_pages_reserve(r, 1));
	KUNIT_EXPECT_EQ(test, r->fresh, 4);
}

static void too_much_is_refused(struct kunit *test)
{
	struct plait_pages *r = ring(test);

	KUNIT_EXPECT_FALSE(test, plait_pages_reserve(r, ROOM + 1));
	KUNIT_EXPECT_NULL(test, r->cur);
	KUNIT_EXPECT_TRUE(test, plait_pages_reserve(r, ROOM));
	/* The longest datagram, with all that is put around it. */
	KUNIT_EXPECT_LE(test, PLAIT_LEAD + PLAIT_DGRAM_MAX + PLAIT_TRAIL, ROOM);
}

static void fragments_answer_for_their_pages(struct kunit *test)
{
	struct plait_pages *r = ring(test);
	struct sk_buff *skb = alloc_skb(16, GFP_KERNEL);
	u32 before;
	u8 *at;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	before = skb->truesize;
	KUNIT_ASSERT_TRUE(test, plait_pages_reserve(r, 4000));
	at = plait_pages_at(r);
	plait_pages_add_frag(r, skb, at, 100);
	KUNIT_EXPECT_EQ(test, skb->truesize - before, PLAIT_PAGE_SHARE);
	KUNIT_EXPECT_EQ(test, page_ref_count(r->cur), 2);
	/* Straight behind it: the same fragment. */
	plait_pages_add_frag(r, skb, at + 100, 1000);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->nr_frags, 1);
	KUNIT_EXPECT_EQ(test, skb->truesize - before, PLAIT_PAGE_SHARE + 1000);
	KUNIT_EXPECT_EQ(test, page_ref_count(r->cur), 2);
	/* Not straight behind it: another one. */
	plait_pages_add_frag(r, skb, at + 1200, 2000);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->nr_frags, 2);
	KUNIT_EXPECT_EQ(test, skb->truesize - before,
			PLAIT_PAGE_SHARE + 1000 + 2000);
	KUNIT_EXPECT_EQ(test, page_ref_count(r->cur), 3);
	KUNIT_EXPECT_EQ(test, skb->len, 3100);
	KUNIT_EXPECT_EQ(test, skb->data_len, 3100);
	kfree_skb(skb);
	KUNIT_EXPECT_EQ(test, page_ref_count(r->cur), 1);
}

static struct kunit_case pages_cases[] = {
	KUNIT_CASE(page_is_filled_from_front_to_end),
	KUNIT_CASE(free_page_is_used_again),
	KUNIT_CASE(held_page_is_left_alone),
	KUNIT_CASE(ring_in_use_lends_loose_pages),
	KUNIT_CASE(released_ring_keeps_nothing),
	KUNIT_CASE(too_much_is_refused),
	KUNIT_CASE(fragments_answer_for_their_pages),
	{}
};

static struct kunit_suite pages_suite = {
	.name = "plait_pages",
	.test_cases = pages_cases,
};

kunit_test_suite(pages_suite);
