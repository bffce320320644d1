// SPDX-License-Identifier: GPL-2.0
/* The walk over an skb's data: every octet, in order, whichever way they lie. */

#include "plait_kunit.h"

#define LEN 6000u

static const struct pk_shape shapes[] = {
	{ "linear", PK_LINEAR, 0 },
	{ "fragments of 1", PK_FRAGS, 1 },
	{ "fragments of 700", PK_FRAGS, 700 },
	{ "fragments of a page", PK_FRAGS, PAGE_SIZE },
	{ "nothing linear, fragments of 999", PK_PAGES, 999 },
	{ "list of 1", PK_LIST, 1 },
	{ "list of 100", PK_LIST, 100 },
	{ "list of 1472", PK_LIST, 1472 },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

/* Not more parts than a buffer takes, in lists than is of use. */
static u32 length_for(const struct pk_shape *s)
{
	if (s->form == PK_LINEAR)
		return LEN;
	return min_t(u32, LEN, (s->form == PK_LIST ? 100 : MAX_SKB_FRAGS) *
			       s->piece);
}

static u8 *noise(struct kunit *test, u32 len)
{
	u8 *data = kunit_kmalloc(test, len, GFP_KERNEL);
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, data);
	prandom_seed_state(&rnd, 815);
	prandom_bytes_state(&rnd, data, len);
	return data;
}

/* Copy, pass and look, in steps of any size, until the data end. */
static void walk(struct kunit *test, struct sk_buff *skb, const u8 *data,
		 u32 len, u64 seed)
{
	u8 *out = kunit_kmalloc(test, len, GFP_KERNEL);
	u32 at = 0, n, wrong = 0;
	struct plait_cursor c;
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, out);
	prandom_seed_state(&rnd, seed);
	plait_cursor_begin(&c, skb);
	while (at < len) {
		n = min(prandom_u32_state(&rnd) % 500, len - at);
		switch (prandom_u32_state(&rnd) % 3) {
		case 0:
			plait_cursor_copy(&c, out, n);
			wrong += memcmp(out, data + at, n) != 0;
			break;
		case 1:
			plait_cursor_pass(&c, n);
			break;
		default:
			plait_cursor_settle(&c);
			n = min(n, c.run);
			wrong += memcmp(c.at, data + at, n) != 0;
			wrong += c.at < c.start;
			plait_cursor_skip(&c, n);
		}
		at += n;
	}
	plait_cursor_settle(&c);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, c.run, 0);
	kunit_kfree(test, out);
}

static void every_octet_comes_in_order(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	u32 len = length_for(s), seed;
	u8 *data = noise(test, len);
	struct sk_buff *skb = pk_skb(test, data, len, s->form, s->piece);

	KUNIT_EXPECT_TRUE(test, plait_cursor_fits(skb));
	for (seed = 1; seed <= 50; seed++)
		walk(test, skb, data, len, seed);
	kfree_skb(skb);
}

static void runs_begin_where_their_parts_do(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	u32 len = length_for(s), at = 0, wrong = 0;
	u8 *data = noise(test, len);
	struct sk_buff *skb = pk_skb(test, data, len, s->form, s->piece);
	struct plait_cursor c;

	plait_cursor_begin(&c, skb);
	for (; c.run; plait_cursor_settle(&c)) {
		wrong += c.start != c.at;
		wrong += memcmp(c.at, data + at, c.run) != 0;
		at += c.run;
		plait_cursor_skip(&c, c.run);
	}
	KUNIT_EXPECT_EQ(test, at, len);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	kfree_skb(skb);
}

static void it_begins_behind_the_headers(struct kunit *test)
{
	u8 *data = noise(test, 3000);
	struct sk_buff *skb = pk_outer(test, data, 3000, 0, PK_FRAGS, 600);
	struct plait_cursor c;
	u8 first[4];

	__skb_pull(skb, 100);
	plait_cursor_begin(&c, skb);
	KUNIT_EXPECT_EQ(test, c.run, 500);
	plait_cursor_copy(&c, first, sizeof(first));
	KUNIT_EXPECT_MEMEQ(test, first, data + 100, sizeof(first));
	walk(test, skb, data + 100, 2900, 1);
	kfree_skb(skb);
}

static void parts_without_data_are_passed_over(struct kunit *test)
{
	u8 *data = noise(test, 900);
	struct sk_buff *skb = pk_skb(test, data, 900, PK_LIST, 300);
	struct sk_buff *empty = alloc_skb(0, GFP_KERNEL);
	u32 seed;

	KUNIT_ASSERT_NOT_NULL(test, empty);
	empty->next = skb_shinfo(skb)->frag_list->next;
	skb_shinfo(skb)->frag_list->next = empty;
	for (seed = 1; seed <= 20; seed++)
		walk(test, skb, data, 900, seed);
	kfree_skb(skb);
}

static void list_in_a_list_is_made_linear(struct kunit *test)
{
	u8 *data = noise(test, 3000);
	struct sk_buff *skb = pk_skb(test, data, 1000, PK_LINEAR, 0);
	struct sk_buff *member = pk_skb(test, data + 1000, 2000, PK_LIST, 500);
	u32 seed;

	skb_shinfo(skb)->frag_list = member;
	skb->len += member->len;
	skb->data_len += member->len;
	skb->truesize += member->truesize;
	KUNIT_EXPECT_TRUE(test, plait_cursor_fits(skb));
	KUNIT_EXPECT_FALSE(test, skb_is_nonlinear(skb));
	for (seed = 1; seed <= 20; seed++)
		walk(test, skb, data, 3000, seed);
	kfree_skb(skb);
}

static void memory_of_a_device_is_not_walked_over(struct kunit *test)
{
#ifdef PLAIT_HAVE_FRAGS_READABLE
	u8 *data = noise(test, 900);
	struct sk_buff *skb = pk_skb(test, data, 900, PK_FRAGS, 300);

	skb->unreadable = 1;
	KUNIT_EXPECT_FALSE(test, plait_cursor_fits(skb));
	skb->unreadable = 0;
	KUNIT_EXPECT_TRUE(test, plait_cursor_fits(skb));
	kfree_skb(skb);
#else
	kunit_skip(test, "this kernel knows no such memory");
#endif
}

static struct kunit_case cursor_cases[] = {
	KUNIT_CASE_PARAM(every_octet_comes_in_order, shape_gen_params),
	KUNIT_CASE_PARAM(runs_begin_where_their_parts_do, shape_gen_params),
	KUNIT_CASE(it_begins_behind_the_headers),
	KUNIT_CASE(parts_without_data_are_passed_over),
	KUNIT_CASE(list_in_a_list_is_made_linear),
	KUNIT_CASE(memory_of_a_device_is_not_walked_over),
	{}
};

static struct kunit_suite cursor_suite = {
	.name = "plait_cursor",
	.test_cases = cursor_cases,
};

kunit_test_suite(cursor_suite);
