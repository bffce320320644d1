// SPDX-License-Identifier: GPL-2.0
/*
 * A lane's receive queue: bounded by what its buffers weigh, lane by lane, with every
 * datagram that it does not take counted; and what becomes of it when the device goes down.
 */

#include <linux/rtnetlink.h>

#include "plait_kunit.h"

#define INNER 100u
#define DGRAM (INNER + PLAIT_SOURCE_OVERHEAD)

/* Datagrams of each buffer: they are counted, and not buffers. */
#define PAIR 2u

/**
 * struct line - a device, one of whose lanes does not go on
 * @p: the device
 * @ps: where it receives
 * @peer: its peer
 * @sink: what it hands up
 * @buf: two datagrams
 * @mark: of the next datagram
 */
struct line {
	struct plait_dev *p;
	struct plait_socket *ps;
	struct pk_peer *peer;
	struct pk_sink *sink;
	u8 *buf;
	u32 mark;
};

static struct line line(struct kunit *test, u32 lanes)
{
	struct line x = {
		.p = pk_device(test, lanes, 8192),
		.ps = pk_socket(test),
	};
	struct pk_key k;

	x.sink = pk_sink(test, x.p);
	x.buf = kunit_kzalloc(test, PLAIT_LEAD + PAIR * DGRAM + PLAIT_TRAIL,
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, x.buf);
	x.buf += PLAIT_LEAD;
	pk_up(test, x.p);
	pk_key(&k, 1, 0);
	pk_must_install(test, x.p, &k);
	x.peer = pk_peer(test, x.p, &k);
	return x;
}

/* A pair for a lane, in a buffer of this weight. */
static void pair(struct kunit *test, struct line *x, unsigned int lane,
		 u32 truesize)
{
	struct sk_buff *skb;
	u32 i;

	for (i = 0; i < PAIR; i++)
		pk_seal(x->peer, lane, x->buf + i * DGRAM, INNER, x->mark++);
	skb = pk_outer(test, x->buf, PAIR * DGRAM, DGRAM, PK_LINEAR, 0);
	skb->truesize = truesize;
	pk_receive(x->ps, skb);
}

/* Let a lane's NAPI begin with what has been waiting. */
static void release(struct plait_lane *lane)
{
	napi_enable(&lane->rx.napi);
	local_bh_disable();
	napi_schedule(&lane->rx.napi);
	local_bh_enable();
}

static void full_queue_drops_what_comes_then(struct kunit *test)
{
	struct line x = line(test, 1);
	struct plait_lane *lane = &x.p->lanes[0];
	const u32 weight = 70000, room = PLAIT_QUEUE_BYTES / weight;
	const struct pk_count dropped[] = {
		{ PLAIT_DROP_RX_QUEUE, 10 * PAIR }
	};
	u32 i;

	napi_disable(&lane->rx.napi);
	for (i = 0; i < room + 10; i++)
		pair(test, &x, 0, weight);
	KUNIT_EXPECT_EQ(test, lane->rx.queued, room * weight);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&lane->rx.queue), room);
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));
	/* Something lighter still fits. */
	pair(test, &x, 0, PLAIT_QUEUE_BYTES - room * weight);
	KUNIT_EXPECT_EQ(test, lane->rx.queued, PLAIT_QUEUE_BYTES);
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));

	release(lane);
	pk_expect_seen(test, x.sink, PAIR * (room + 1));
	pk_settle(x.p);
	KUNIT_EXPECT_EQ(test, lane->rx.queued, 0);
	for (i = 0; i < PAIR * room; i++)
		KUNIT_EXPECT_EQ(test, x.sink->mark[i], i);
	KUNIT_EXPECT_EQ(test, x.sink->mark[i], PAIR * (room + 10));
	/* There is room again. */
	pair(test, &x, 0, weight);
	pk_settle(x.p);
	pk_expect_seen(test, x.sink, PAIR * (room + 2));
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));
}

static void one_lane_that_is_full_stops_no_other(struct kunit *test)
{
	struct line x = line(test, 4);
	struct plait_lane *lane = &x.p->lanes[2];
	const u32 weight = PLAIT_QUEUE_BYTES / 2;
	const struct pk_count dropped[] = {
		{ PLAIT_DROP_RX_QUEUE, 3 * PAIR }
	};
	u32 i;

	napi_disable(&lane->rx.napi);
	for (i = 0; i < 5; i++) {
		pair(test, &x, 2, weight);
		pair(test, &x, 1, 1000);
	}
	pk_expect_seen(test, x.sink, 5 * PAIR);
	for (i = 0; i < 5 * PAIR; i++)
		KUNIT_EXPECT_EQ(test, x.sink->lane[i], 1);
	KUNIT_EXPECT_EQ(test, x.p->lanes[1].rx.queued, 0);
	KUNIT_EXPECT_EQ(test, lane->rx.queued, PLAIT_QUEUE_BYTES);

	release(lane);
	pk_expect_seen(test, x.sink, 7 * PAIR);
	pk_settle(x.p);
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));
}

static void what_waits_is_given_back_when_the_device_goes_down(struct kunit *test)
{
	struct line x = line(test, 1);
	struct plait_lane *lane = &x.p->lanes[0];
	u32 i;

	/* More than a poll's budget, so that some are under way. */
	for (i = 0; i < 100; i++)
		pair(test, &x, 0, 1000);
	pk_settle(x.p);
	pk_expect_seen(test, x.sink, 100 * PAIR);

	napi_disable(&lane->rx.napi);
	for (i = 0; i < 100; i++)
		pair(test, &x, 0, 1000);
	/* Enabled, but not told of what waits, until it goes. */
	napi_enable(&lane->rx.napi);
	rtnl_lock();
	dev_close(x.p->dev);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, lane->rx.queued, 0);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&lane->rx.queue));
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&lane->rx.pending));
	KUNIT_EXPECT_NULL(test, lane->rx.skb);
	KUNIT_EXPECT_NULL(test, lane->rx.pages.cur);
	KUNIT_EXPECT_NULL(test, lane->rx.bounce.cur);

	/* Up again, it goes on. */
	pk_up(test, x.p);
	pair(test, &x, 0, 1000);
	pk_settle(x.p);
	pk_expect_drops(test, x.p, NULL, 0);
	KUNIT_EXPECT_EQ(test, x.sink->mark[x.sink->count - 1], 401);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(full_queue_drops_what_comes_then),
	KUNIT_CASE(one_lane_that_is_full_stops_no_other),
	KUNIT_CASE(what_waits_is_given_back_when_the_device_goes_down),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "plait_queue",
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
