// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window against a model that remembers every counter, and in a device: what
 * was accepted is not accepted again, lane by lane and key epoch by key epoch.
 */

#include "plait_kunit.h"

/* Counters that the model remembers. */
#define COUNTERS 20000u

struct span {
	const char *name;
	u32 span;
	/* How far counters lie apart. */
	u32 reach;
};

static const struct span spans[] = {
	{ "64", 64, 100 },
	{ "128, far jumps", 128, 2000 },
	{ "1024", 1024, 1500 },
	{ "8192", 8192, 10000 },
};

KUNIT_ARRAY_PARAM_DESC(span, spans, name);

/* By its definition, docs/protocol.md section 8: whole blocks of 64. */
static enum plait_verdict model(const bool *seen, u64 top, u64 counter,
				u32 span)
{
	if (counter <= top && counter / 64 + span / 64 <= top / 64)
		return PLAIT_DROP_RX_OLD;
	return seen[counter] ? PLAIT_DROP_RX_DUPLICATE : PLAIT_OK;
}

static void window_is_its_definition(struct kunit *test)
{
	const struct span *s = test->param_value;
	bool *seen = kunit_kcalloc(test, COUNTERS, sizeof(bool), GFP_KERNEL);
	u64 *bits = kunit_kmalloc(test, plait_window_bytes(s->span),
				  GFP_KERNEL);
	u64 top = 0, counter, base = 0;
	u32 i, wrong = 0, count[3] = {};
	enum plait_verdict expected;
	struct plait_window w;
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	KUNIT_ASSERT_NOT_NULL(test, bits);
	prandom_seed_state(&rnd, s->span);
	plait_window_init(&w, bits, s->span);
	for (i = 0; i < 40000; i++) {
		/* Around a place that moves on, so that there is some of all. */
		if (base + s->reach < COUNTERS && !(i % 4))
			base++;
		counter = base + prandom_u32_state(&rnd) % s->reach;
		expected = model(seen, top, counter, s->span);
		wrong += plait_window_check(&w, counter) != expected;
		wrong += plait_window_accept(&w, counter) != expected;
		if (expected == PLAIT_OK) {
			seen[counter] = true;
			top = max(top, counter);
		}
		count[expected == PLAIT_OK ? 0 :
		      expected == PLAIT_DROP_RX_OLD ? 1 : 2]++;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	/* It was asked everything, and often. */
	KUNIT_EXPECT_GT(test, count[0], 200);
	KUNIT_EXPECT_GT(test, count[1], 200);
	KUNIT_EXPECT_GT(test, count[2], 200);
}

/**
 * struct end - a device, and what was sent to it
 * @p: the device
 * @ps: where it receives
 * @sink: what it handed up
 * @buf: datagrams, ROOM octets for each
 */
struct end {
	struct plait_dev *p;
	struct plait_socket *ps;
	struct pk_sink *sink;
	u8 *buf;
};

#define ROOM 256u
#define INNER 100u
#define DGRAM (INNER + PLAIT_SOURCE_OVERHEAD)
#define DGRAMS 300u

static struct end end(struct kunit *test, u32 lanes, u32 window)
{
	struct end x = {
		.p = pk_device(test, lanes, window),
		.ps = pk_socket(test),
	};

	x.sink = pk_sink(test, x.p);
	x.buf = kunit_kzalloc(test, DGRAMS * ROOM, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, x.buf);
	pk_up(test, x.p);
	return x;
}

static u8 *dgram(const struct end *x, u32 i)
{
	return x->buf + i * ROOM + PLAIT_LEAD;
}

static void deliver(struct kunit *test, const struct end *x, u32 i)
{
	pk_receive(x->ps, pk_outer(test, dgram(x, i), DGRAM, 0, PK_LINEAR, 0));
}

static void replayed_datagrams_are_dropped(struct kunit *test)
{
	struct end x = end(test, 1, 64);
	const struct pk_count dropped[] = {
		{ PLAIT_DROP_RX_DUPLICATE, 64 },
		{ PLAIT_DROP_RX_OLD, DGRAMS - 64 },
	};
	struct pk_peer *peer;
	struct pk_key k;
	u32 i;

	pk_key(&k, 1, 0);
	/* So that its last one, number 319, ends a block of 64. */
	k.c.tx_counter = 320 - DGRAMS;
	pk_must_install(test, x.p, &k);
	peer = pk_peer(test, x.p, &k);
	for (i = 0; i < DGRAMS; i++) {
		pk_seal(peer, 0, dgram(&x, i), INNER, i);
		deliver(test, &x, i);
	}
	pk_expect_seen(test, x.sink, DGRAMS);
	for (i = 0; i < DGRAMS; i++)
		deliver(test, &x, i);
	pk_settle(x.p);
	pk_expect_seen(test, x.sink, DGRAMS);
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));
	KUNIT_EXPECT_EQ(test, pk_events(x.p, PLAIT_EVENT_RX_DATAGRAMS), DGRAMS);
}

static void twins_in_one_batch_are_told_apart(struct kunit *test)
{
	struct end x = end(test, 1, 64);
	const struct pk_count dropped[] = { { PLAIT_DROP_RX_DUPLICATE, 3 } };
	u8 *aggregate = kunit_kmalloc(test, 4 * DGRAM, GFP_KERNEL);
	struct pk_peer *peer;
	struct pk_key k;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, aggregate);
	pk_key(&k, 1, 0);
	pk_must_install(test, x.p, &k);
	peer = pk_peer(test, x.p, &k);
	pk_seal(peer, 0, dgram(&x, 0), INNER, 7);
	for (i = 0; i < 4; i++)
		memcpy(aggregate + i * DGRAM, dgram(&x, 0), DGRAM);
	/* All pass the check before the AEAD; the window has the last word. */
	pk_receive(x.ps, pk_outer(test, aggregate, 4 * DGRAM, DGRAM, PK_LINEAR,
				  0));
	pk_settle(x.p);
	pk_expect_seen(test, x.sink, 1);
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));
}

static void forged_datagram_moves_no_window(struct kunit *test)
{
	struct end x = end(test, 1, 64);
	const struct pk_count dropped[] = {
		{ PLAIT_DROP_RX_AUTH, 1 },
		{ PLAIT_DROP_RX_TAG, 1 },
	};
	struct pk_peer *peer;
	struct pk_key k;

	pk_key(&k, 1, 0);
	pk_must_install(test, x.p, &k);
	peer = pk_peer(test, x.p, &k);
	pk_seal(peer, 0, dgram(&x, 0), INNER, 0);
	peer->e->lanes[0].tx_counter = 1 << 20;
	pk_seal(peer, 0, dgram(&x, 1), INNER, 1);
	pk_seal(peer, 0, dgram(&x, 2), INNER, 2);
	/* One with a right header and a spoilt payload, one the other way round. */
	dgram(&x, 1)[PLAIT_HDR_LEN] ^= 0x10;
	dgram(&x, 2)[PLAIT_OFF_TAG] ^= 0x10;
	deliver(test, &x, 1);
	deliver(test, &x, 2);
	/* Far behind them, and still the first that is authentic. */
	deliver(test, &x, 0);
	/* The same, unspoilt, is no replay. */
	dgram(&x, 1)[PLAIT_HDR_LEN] ^= 0x10;
	deliver(test, &x, 1);
	pk_settle(x.p);
	pk_expect_seen(test, x.sink, 2);
	KUNIT_EXPECT_EQ(test, x.sink->mark[0], 0);
	KUNIT_EXPECT_EQ(test, x.sink->mark[1], 1);
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));
}

static void lanes_and_epochs_have_windows_of_their_own(struct kunit *test)
{
	struct end x = end(test, 4, 64);
	const struct pk_count dropped[] = { { PLAIT_DROP_RX_DUPLICATE, 8 } };
	struct pk_peer *peer;
	struct pk_key k;
	u32 i, lane;

	for (i = 0; i < 8; i += 4) {
		pk_key(&k, 1, i / 4);
		pk_must_install(test, x.p, &k);
		peer = pk_peer(test, x.p, &k);
		/* The same counter each time. */
		for (lane = 0; lane < 4; lane++)
			pk_seal(peer, lane, dgram(&x, i + lane), INNER, i);
	}
	for (i = 0; i < 8; i++)
		deliver(test, &x, i);
	pk_expect_seen(test, x.sink, 8);
	for (i = 0; i < 8; i++)
		deliver(test, &x, i);
	pk_settle(x.p);
	pk_expect_seen(test, x.sink, 8);
	pk_expect_drops(test, x.p, dropped, ARRAY_SIZE(dropped));
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(window_is_its_definition, span_gen_params),
	KUNIT_CASE(replayed_datagrams_are_dropped),
	KUNIT_CASE(twins_in_one_batch_are_told_apart),
	KUNIT_CASE(forged_datagram_moves_no_window),
	KUNIT_CASE(lanes_and_epochs_have_windows_of_their_own),
	{}
};

static struct kunit_suite window_suite = {
	.name = "plait_window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
