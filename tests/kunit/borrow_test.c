// SPDX-License-Identifier: GPL-2.0
/*
 * What sealing may read where it lies, and what is copied to the datagram: either way
 * all of it is there, and nothing is read that is somebody else's.
 */

#include "plait_kunit.h"

#define LEN 3000u
#define HEADROOM (PLAIT_LEAD + PLAIT_INNER_LEN)

/**
 * struct place - a datagram, and the packet that is to be in it
 * @test: the test case
 * @d: the datagram
 * @data: what the skb holds
 * @skb: the packet
 */
struct place {
	struct kunit *test;
	struct plait_tx_dgram d;
	u8 *data;
	struct sk_buff *skb;
};

static struct place place(struct kunit *test)
{
	struct place p = { .test = test };
	struct rnd_state rnd;

	p.data = kunit_kmalloc(test, LEN, GFP_KERNEL);
	p.d.at = kunit_kzalloc(test, PLAIT_HDR_LEN + LEN + PLAIT_AUTH_LEN,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p.data);
	KUNIT_ASSERT_NOT_NULL(test, p.d.at);
	prandom_seed_state(&rnd, 4711);
	prandom_bytes_state(&rnd, p.data, LEN);
	return p;
}

static struct place place_linear(struct kunit *test, u32 headroom)
{
	struct place p = place(test);

	p.skb = alloc_skb(headroom + LEN, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p.skb);
	skb_reserve(p.skb, headroom);
	skb_put_data(p.skb, p.data, LEN);
	return p;
}

/* 1000 octets in the linear part, then fragments of 1000. */
static struct place place_fragments(struct kunit *test)
{
	struct place p = place(test);

	p.skb = pk_skb(test, p.data, LEN, PK_FRAGS, 1000);
	return p;
}

/*
 * @len octets from @skip on go behind @front that are in place. Return: whether they are
 * to be read where they lie.
 */
static bool borrows(struct place *p, u32 skip, u32 front, u32 len)
{
	u8 *text = p->d.at + PLAIT_HDR_LEN;
	struct plait_cursor c;
	u32 copied;

	p->d.rest = NULL;
	p->d.rest_len = 0;
	memset(text, 0, front + len);
	plait_cursor_begin(&c, p->skb);
	plait_cursor_pass(&c, skip);
	plait_batch_text(&p->d, &c, text + front, len);

	copied = len - p->d.rest_len;
	KUNIT_EXPECT_MEMEQ(p->test, text + front, p->data + skip, copied);
	if (!p->d.rest) {
		KUNIT_EXPECT_EQ(p->test, p->d.rest_len, 0);
		return false;
	}
	KUNIT_EXPECT_MEMEQ(p->test, p->d.rest, p->data + skip + copied,
			   p->d.rest_len);
	KUNIT_EXPECT_EQ(p->test, (front + copied) % 8, 0);
	KUNIT_EXPECT_LE(p->test, front + copied, PLAIT_FRONT_MAX);
	/* The cursor goes on behind it. */
	plait_cursor_settle(&c);
	if (skip + len < LEN)
		KUNIT_EXPECT_EQ(p->test, *c.at, p->data[skip + len]);
	return true;
}

static void headroom_is_read(struct kunit *test)
{
	struct place p = place_linear(test, HEADROOM);

	KUNIT_EXPECT_TRUE(test, borrows(&p, 0, PLAIT_INNER_LEN, 1300));
	kfree_skb(p.skb);
	p = place_linear(test, HEADROOM - 1);
	KUNIT_EXPECT_FALSE(test, borrows(&p, 0, PLAIT_INNER_LEN, 1300));
	KUNIT_EXPECT_TRUE(test, borrows(&p, 1, PLAIT_INNER_LEN, 1300));
	kfree_skb(p.skb);
}

static void headroom_of_a_clone_is_not(struct kunit *test)
{
	struct place p = place_linear(test, 2 * HEADROOM);
	struct sk_buff *clone = skb_clone(p.skb, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, clone);
	KUNIT_EXPECT_FALSE(test, borrows(&p, 0, PLAIT_INNER_LEN, 1300));
	/* What is data already stays as it is. */
	KUNIT_EXPECT_TRUE(test, borrows(&p, HEADROOM, PLAIT_INNER_LEN, 1300));
	kfree_skb(clone);
	KUNIT_EXPECT_TRUE(test, borrows(&p, 0, PLAIT_INNER_LEN, 1300));
	kfree_skb(p.skb);
}

static void fragments_are_read_but_not_in_front(struct kunit *test)
{
	const u32 front = PLAIT_INNER_LEN + 52, need = PLAIT_LEAD + front;
	struct place p = place_fragments(test);
	u32 at;

	KUNIT_EXPECT_FALSE(test, borrows(&p, 1000, front, 800));
	KUNIT_EXPECT_FALSE(test, borrows(&p, 1000 + need - 1, front, 800));
	for (at = need; at <= 200; at++)
		KUNIT_EXPECT_TRUE(test, borrows(&p, 1000 + at, front, 800));
	/* Not from one into the next. */
	KUNIT_EXPECT_FALSE(test, borrows(&p, 1201, front, 800));
	KUNIT_EXPECT_FALSE(test, borrows(&p, 1900, front, 800));
	kfree_skb(p.skb);
}

static void every_length_of_headers(struct kunit *test)
{
	struct place p = place_fragments(test);
	u32 front;

	for (front = 0; front <= PLAIT_FRONT_MAX; front++)
		KUNIT_EXPECT_TRUE(test, borrows(&p, 1200, front, 800));
	kfree_skb(p.skb);
}

static void short_ones_are_copied(struct kunit *test)
{
	struct place p = place_fragments(test);

	KUNIT_EXPECT_FALSE(test, borrows(&p, 1200, PLAIT_INNER_LEN, 511));
	KUNIT_EXPECT_TRUE(test, borrows(&p, 1200, PLAIT_INNER_LEN, 512));
	kfree_skb(p.skb);
}

static void what_others_write_to_is_copied(struct kunit *test)
{
	struct place p = place_fragments(test);
	struct page *page = skb_frag_page(&skb_shinfo(p.skb)->frags[0]);

	skb_shinfo(p.skb)->flags |= SKBFL_SHARED_FRAG;
	KUNIT_EXPECT_FALSE(test, borrows(&p, 1200, PLAIT_INNER_LEN, 800));
	skb_shinfo(p.skb)->flags &= ~SKBFL_SHARED_FRAG;
	KUNIT_EXPECT_TRUE(test, borrows(&p, 1200, PLAIT_INNER_LEN, 800));

	/* A file's page, and an skb that does not say so. */
	page->mapping = (struct address_space *)page;
	KUNIT_EXPECT_FALSE(test, borrows(&p, 1200, PLAIT_INNER_LEN, 800));
	/* Its neighbours are nobody else's. */
	KUNIT_EXPECT_TRUE(test, borrows(&p, 2200, PLAIT_INNER_LEN, 800));
	page->mapping = NULL;
	kfree_skb(p.skb);
}

static void members_of_a_list_are_read(struct kunit *test)
{
	struct place p = place(test);

	p.skb = pk_skb(test, p.data, LEN, PK_LIST, 1000);
	KUNIT_EXPECT_TRUE(test, borrows(&p, 1200, PLAIT_INNER_LEN, 800));
	KUNIT_EXPECT_FALSE(test, borrows(&p, 1201, PLAIT_INNER_LEN, 800));
	kfree_skb(p.skb);
}

static struct kunit_case borrow_cases[] = {
	KUNIT_CASE(headroom_is_read),
	KUNIT_CASE(headroom_of_a_clone_is_not),
	KUNIT_CASE(fragments_are_read_but_not_in_front),
	KUNIT_CASE(every_length_of_headers),
	KUNIT_CASE(short_ones_are_copied),
	KUNIT_CASE(what_others_write_to_is_copied),
	KUNIT_CASE(members_of_a_list_are_read),
	{}
};

static struct kunit_suite borrow_suite = {
	.name = "plait_borrow",
	.test_cases = borrow_cases,
};

kunit_test_suite(borrow_suite);
