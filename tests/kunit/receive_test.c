// SPDX-License-Identifier: GPL-2.0
/*
 * From a socket to the lanes: aggregates of several lanes' and devices' datagrams, in every
 * form, divided without a datagram lost or out of order, and what is nobody's. Everything is
 * counted exactly.
 */

#include <linux/rtnetlink.h>

#include "plait_kunit.h"

#define INNER 100u
#define DGRAM (INNER + PLAIT_SOURCE_OVERHEAD)

/* Datagrams of an aggregate, as the stack allows. */
#define AGGREGATE 64u

/**
 * struct hub - two devices that share a socket
 * @p: one with four lanes, and one with two lanes and another cipher
 * @ps: the socket
 * @peer: their peers
 * @sink: what they hand up
 * @buf: an aggregate
 * @owner: of each datagram: device in the upper, lane in the lower half octet
 * @count: datagrams in @buf
 */
struct hub {
	struct plait_dev *p[2];
	struct plait_socket *ps;
	struct pk_peer *peer[2];
	struct pk_sink *sink[2];
	u8 *buf;
	u8 owner[AGGREGATE];
	unsigned int count;
};

static struct hub *hub(struct kunit *test)
{
	struct hub *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	struct pk_key k;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, h);
	h->buf = kunit_kzalloc(test, PLAIT_LEAD + AGGREGATE * DGRAM +
			       PLAIT_TRAIL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h->buf);
	h->buf += PLAIT_LEAD;
	h->ps = pk_socket(test);
	for (i = 0; i < 2; i++) {
		h->p[i] = pk_device(test, i ? 2 : 4, 8192);
		h->sink[i] = pk_sink(test, h->p[i]);
		pk_up(test, h->p[i]);
		pk_key(&k, i + 1, 0);
		k.c.cipher = i ? PLAIT_CIPHER_AES256GCM :
				 PLAIT_CIPHER_CHACHA20POLY1305;
		pk_must_install(test, h->p[i], &k);
		h->peer[i] = pk_peer(test, h->p[i], &k);
	}
	return h;
}

/* Seal one more datagram into the aggregate; its mark is its place. */
static u8 *add(struct hub *h, unsigned int dev, unsigned int lane)
{
	u8 *at = h->buf + h->count * DGRAM;

	h->owner[h->count] = dev << 4 | lane;
	pk_seal(h->peer[dev], lane, at, INNER, h->count++);
	return at;
}

/* Runs of datagrams that a device's lanes get in one piece. */
static unsigned int runs(const struct hub *h, unsigned int dev)
{
	unsigned int i, n = 0;

	for (i = 0; i < h->count; i++)
		n += h->owner[i] >> 4 == dev &&
		     (!i || h->owner[i] != h->owner[i - 1]);
	return n;
}

/* Each lane must have got its datagrams, all of them in their order. */
static void expect_order(struct kunit *test, const struct hub *h,
			 unsigned int dev)
{
	const struct pk_sink *sink = h->sink[dev];
	unsigned int i, lane, seen, wrong = 0, total = 0;

	for (lane = 0; lane < h->p[dev]->lane_count; lane++) {
		for (i = 0, seen = 0; i < h->count; i++) {
			if (h->owner[i] != (dev << 4 | lane))
				continue;
			while (seen < sink->count && sink->lane[seen] != lane)
				seen++;
			wrong += seen == sink->count || sink->mark[seen] != i;
			seen++;
			total++;
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, sink->count, total);
	KUNIT_EXPECT_EQ(test, pk_events(h->p[dev], PLAIT_EVENT_RX_DATAGRAMS),
			total);
}

static const struct pk_shape shapes[] = {
	{ "linear", PK_LINEAR, 0 },
	{ "a fragment for each", PK_FRAGS, DGRAM },
	{ "fragments that datagrams reach across", PK_PAGES, 1000 },
	{ "a list of single ones", PK_LIST, DGRAM },
	{ "a list that datagrams reach across", PK_LIST, DGRAM + DGRAM / 2 },
	{ "a list in parts smaller than a header", PK_LIST, 20 },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

/* Datagrams of an aggregate of this shape. */
static unsigned int fits(const struct pk_shape *s)
{
	if (s->form != PK_FRAGS && s->form != PK_PAGES)
		return AGGREGATE;
	return min(AGGREGATE, MAX_SKB_FRAGS * s->piece / DGRAM);
}

static void arrive(struct kunit *test, struct hub *h, const struct pk_shape *s)
{
	pk_receive(h->ps, pk_outer(test, h->buf, h->count * DGRAM, DGRAM,
				   s->form, s->piece));
}

static void expect_all(struct kunit *test, const struct hub *h)
{
	unsigned int dev;

	for (dev = 0; dev < 2; dev++) {
		pk_settle(h->p[dev]);
		expect_order(test, h, dev);
		KUNIT_EXPECT_EQ(test, h->sink[dev]->spoilt, 0);
		KUNIT_EXPECT_EQ(test, runs(h, dev),
				pk_events(h->p[dev],
					  PLAIT_EVENT_RX_AGGREGATES));
		pk_expect_drops(test, h->p[dev], NULL, 0);
	}
}

static void aggregate_of_one_lane_stays_whole(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	struct hub *h = hub(test);

	while (h->count < fits(s))
		add(h, 0, 2);
	arrive(test, h, s);
	expect_all(test, h);
	KUNIT_EXPECT_EQ(test, runs(h, 0), 1);
}

static void lanes_and_devices_are_told_apart(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	struct hub *h = hub(test);
	unsigned int dev = 0, lane = 0;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, s->piece + s->form);
	while (h->count < fits(s)) {
		/* In runs, as flows are. */
		if (prandom_u32_state(&rnd) % 3) {
			dev = prandom_u32_state(&rnd) % 2;
			lane = prandom_u32_state(&rnd) % (dev ? 2 : 4);
		}
		add(h, dev, lane);
	}
	arrive(test, h, s);
	expect_all(test, h);
}

static void what_is_nobodys_goes_alone(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	struct hub *h = hub(test);
	unsigned int dev, lost = 0;
	const struct pk_count dropped[2][2] = {
		{ { PLAIT_DROP_RX_EPOCH, 1 }, { PLAIT_DROP_RX_LANE, 1 } },
		{ { PLAIT_DROP_RX_LANE, 1 }, { PLAIT_DROP_RX_TAG, 1 } },
	};
	u8 *at;

	/* A good one of each device, then a bad one, and so on. */
	while (h->count < 16) {
		add(h, 0, h->count % 4);
		add(h, 1, h->count & 1);
		at = add(h, h->count / 3 % 2, 0);
		h->owner[h->count - 1] = 0xff;
		switch (lost++) {
		case 0: /* a receiver index that nobody has */
			plait_put_be32(at + PLAIT_OFF_INDEX, 0x30000000);
			break;
		case 1:
			at[PLAIT_OFF_VERSION]++;
			break;
		case 2: /* a key epoch that the session does not have */
			at[PLAIT_OFF_EPOCH + 1] = 9;
			break;
		case 3: /* a lane that no device has */
			at[PLAIT_OFF_PN] = 200;
			break;
		case 4: /* a lane that this device does not have */
			at[PLAIT_OFF_PN] = 4;
			break;
		default:
			at[PLAIT_OFF_TAG] ^= 1;
		}
	}
	arrive(test, h, s);
	for (dev = 0; dev < 2; dev++) {
		pk_settle(h->p[dev]);
		expect_order(test, h, dev);
		pk_expect_drops(test, h->p[dev], dropped[dev],
				ARRAY_SIZE(dropped[dev]));
	}
	KUNIT_EXPECT_EQ(test, pk_port_drops(h->ps, PLAIT_DROP_PORT_INDEX), 1);
	KUNIT_EXPECT_EQ(test, pk_port_drops(h->ps, PLAIT_DROP_PORT_VERSION), 1);
}

static void single_datagrams_come_in_any_form(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	/* Small parts, for datagrams in pieces. */
	u32 piece = s->form == PK_LINEAR ? 0 : max(s->piece % DGRAM, 20U);
	struct hub *h = hub(test);
	u8 *at;

	while (h->count < 20) {
		at = add(h, h->count % 2, 1);
		pk_receive(h->ps, pk_outer(test, at, DGRAM, 0, s->form, piece));
	}
	pk_settle(h->p[0]);
	pk_settle(h->p[1]);
	expect_order(test, h, 0);
	expect_order(test, h, 1);
	KUNIT_EXPECT_EQ(test, h->sink[0]->spoilt, 0);
	KUNIT_EXPECT_EQ(test, h->sink[1]->spoilt, 0);
	KUNIT_EXPECT_EQ(test, pk_events(h->p[0], PLAIT_EVENT_RX_AGGREGATES), 0);
	KUNIT_EXPECT_EQ(test, pk_events(h->p[0], PLAIT_EVENT_RX_BOUNCED),
			s->form == PK_LINEAR ? 0 : 10);
	pk_expect_drops(test, h->p[0], NULL, 0);
	pk_expect_drops(test, h->p[1], NULL, 0);
}

/* Whoever spliced them may write to them while they are opened, but not to the head. */
static void pages_that_are_shared_are_copied(struct kunit *test)
{
	struct hub *h = hub(test);
	struct sk_buff *skb;

	while (h->count < 10)
		add(h, 0, 1);
	skb = pk_outer(test, h->buf, h->count * DGRAM, DGRAM, PK_FRAGS, DGRAM);
	skb_shinfo(skb)->flags |= SKBFL_SHARED_FRAG;
	pk_receive(h->ps, skb);
	pk_settle(h->p[0]);
	expect_order(test, h, 0);
	KUNIT_EXPECT_EQ(test, pk_events(h->p[0], PLAIT_EVENT_RX_BOUNCED), 9);
	pk_expect_drops(test, h->p[0], NULL, 0);
}

static void last_datagram_may_be_shorter(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	struct hub *h = hub(test);
	u8 *at;
	u32 len;

	while (h->count < 10)
		add(h, 0, 0);
	/* The last one is another lane's, so it is looked at by itself. */
	at = h->buf + h->count * DGRAM;
	h->owner[h->count] = 1;
	len = pk_seal(h->peer[0], 1, at, INNER - 40, h->count);
	pk_receive(h->ps, pk_outer(test, h->buf, h->count * DGRAM + len, DGRAM,
				   s->form, s->piece));
	h->count++;
	expect_all(test, h);
}

static void stub_at_the_end_is_dropped_alone(struct kunit *test)
{
	const struct pk_shape *s = test->param_value;
	struct hub *h = hub(test);
	unsigned int len;

	while (h->count < 10)
		add(h, 0, 3);
	/* Too short for a header: no octet behind it may be read. */
	for (len = 1; len < PLAIT_PROTECTED_MIN; len += 23)
		pk_receive(h->ps, pk_outer(test, h->buf, h->count * DGRAM + len,
					   DGRAM, s->form, s->piece));
	pk_settle(h->p[0]);
	/* The first time they are accepted, the other two times known. */
	KUNIT_EXPECT_EQ(test, h->sink[0]->count, 10);
	KUNIT_EXPECT_EQ(test, pk_drops(h->p[0], PLAIT_DROP_RX_DUPLICATE), 20);
	KUNIT_EXPECT_EQ(test, pk_port_drops(h->ps, PLAIT_DROP_PORT_SHORT), 3);
}

static void crowd_of_tiny_ones_is_not_looked_at(struct kunit *test)
{
	struct hub *h = hub(test);

	add(h, 0, 0);
	pk_receive(h->ps, pk_outer(test, h->buf, DGRAM, 10, PK_LINEAR, 0));
	KUNIT_EXPECT_EQ(test, pk_port_drops(h->ps, PLAIT_DROP_PORT_SHORT),
			DIV_ROUND_UP(DGRAM, 10));
	/* Nor is a datagram without any octet. */
	pk_receive(h->ps, pk_outer(test, h->buf, 0, 0, PK_LINEAR, 0));
	KUNIT_EXPECT_EQ(test, pk_port_drops(h->ps, PLAIT_DROP_PORT_SHORT),
			DIV_ROUND_UP(DGRAM, 10) + 1);
	pk_settle(h->p[0]);
	pk_expect_drops(test, h->p[0], NULL, 0);
}

static void device_that_is_down_drops_all(struct kunit *test)
{
	const struct pk_count dropped[] = { { PLAIT_DROP_RX_DOWN, 20 } };
	struct hub *h = hub(test);

	while (h->count < 40)
		add(h, h->count % 2, 0);
	rtnl_lock();
	dev_close(h->p[0]->dev);
	rtnl_unlock();
	pk_receive(h->ps, pk_outer(test, h->buf, h->count * DGRAM, DGRAM,
				   PK_LINEAR, 0));
	pk_settle(h->p[1]);
	KUNIT_EXPECT_EQ(test, h->sink[1]->count, 20);
	KUNIT_EXPECT_EQ(test, h->sink[0]->count, 0);
	pk_expect_drops(test, h->p[0], dropped, ARRAY_SIZE(dropped));
	pk_expect_drops(test, h->p[1], NULL, 0);
}

static struct kunit_case receive_cases[] = {
	KUNIT_CASE_PARAM(aggregate_of_one_lane_stays_whole, shape_gen_params),
	KUNIT_CASE_PARAM(lanes_and_devices_are_told_apart, shape_gen_params),
	KUNIT_CASE_PARAM(what_is_nobodys_goes_alone, shape_gen_params),
	KUNIT_CASE_PARAM(single_datagrams_come_in_any_form, shape_gen_params),
	KUNIT_CASE(pages_that_are_shared_are_copied),
	KUNIT_CASE_PARAM(last_datagram_may_be_shorter, shape_gen_params),
	KUNIT_CASE_PARAM(stub_at_the_end_is_dropped_alone, shape_gen_params),
	KUNIT_CASE(crowd_of_tiny_ones_is_not_looked_at),
	KUNIT_CASE(device_that_is_down_drops_all),
	{}
};

static struct kunit_suite receive_suite = {
	.name = "plait_receive",
	.test_cases = receive_cases,
};

kunit_test_suite(receive_suite);
