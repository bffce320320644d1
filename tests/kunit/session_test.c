// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions and key epochs: whose receiver index is whose, which session goes when a third
 * one comes, in which slot a key epoch stands, and which one seals.
 */

#include <linux/rtnetlink.h>

#include "plait_kunit.h"

static bool seals(const struct plait_dev *p, u32 session, u16 epoch)
{
	struct plait_epoch *e;
	bool is_it;

	rcu_read_lock();
	e = rcu_dereference(p->tx);
	is_it = e && e->session->number == session && e->id == epoch;
	rcu_read_unlock();
	return is_it;
}

static bool has(struct plait_dev *p, u32 session, u16 epoch)
{
	struct plait_epoch *e;

	rtnl_lock();
	e = plait_key_find(p, session, epoch);
	rtnl_unlock();
	return e;
}

static void activate(struct plait_dev *p, u32 session, u16 epoch)
{
	rtnl_lock();
	plait_key_activate(plait_key_find(p, session, epoch));
	rtnl_unlock();
}

static void remove(struct plait_dev *p, u32 session, u16 epoch)
{
	rtnl_lock();
	plait_key_remove(plait_key_find(p, session, epoch));
	rtnl_unlock();
}

static void receiver_index_leads_to_its_session(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct plait_dev *q = pk_device(test, 16, 64);

	pk_add_key(test, p, 1, 0, PLAIT_KEY_ACTIVE);
	pk_add_key(test, q, 2, 0, PLAIT_KEY_ACTIVE);
	KUNIT_ASSERT_NOT_NULL(test, pk_lookup(0x10000001));
	KUNIT_ASSERT_NOT_NULL(test, pk_lookup(0x10000002));
	KUNIT_EXPECT_PTR_EQ(test, pk_lookup(0x10000001)->p, p);
	KUNIT_EXPECT_PTR_EQ(test, pk_lookup(0x10000002)->p, q);
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000003));
	/* The peer's index leads nowhere. */
	KUNIT_EXPECT_NULL(test, pk_lookup(0x20000001));
	KUNIT_EXPECT_NULL(test, pk_lookup(0));
}

static void many_indices_are_told_apart(struct kunit *test)
{
	struct plait_dev *p[32];
	struct pk_key k;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = pk_device(test, 1, 64);
		pk_key(&k, 2 * i + 1, 0);
		/* Ones that differ by their highest or lowest bits. */
		k.c.local_index = i << 27;
		pk_must_install(test, p[i], &k);
		pk_key(&k, 2 * i + 2, 0);
		k.c.local_index = i << 27 | 1;
		pk_must_install(test, p[i], &k);
	}
	for (i = 0; i < 2 * ARRAY_SIZE(p); i++) {
		struct plait_session *s = pk_lookup(i / 2 << 27 | (i & 1));

		KUNIT_ASSERT_NOT_NULL(test, s);
		KUNIT_EXPECT_PTR_EQ(test, s->p, p[i / 2]);
		KUNIT_EXPECT_EQ(test, s->number, i + 1);
	}
}

static void index_in_use_is_refused(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct plait_dev *q = pk_device(test, 1, 64);
	struct plait_session *s;
	struct pk_key k;

	pk_add_key(test, p, 1, 0, PLAIT_KEY_ACTIVE);
	s = pk_lookup(0x10000001);

	pk_key(&k, 2, 0);
	k.c.local_index = 0x10000001;
	KUNIT_EXPECT_EQ(test, pk_install(q, &k), -EEXIST);
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, pk_lookup(0x10000001), s);
	KUNIT_EXPECT_TRUE(test, seals(p, 1, 0));
	KUNIT_EXPECT_FALSE(test, has(p, 2, 0));

	/* Free again with its session. */
	remove(p, 1, 0);
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000001));
	KUNIT_EXPECT_EQ(test, pk_install(q, &k), 0);
	KUNIT_ASSERT_NOT_NULL(test, pk_lookup(0x10000001));
	KUNIT_EXPECT_PTR_EQ(test, pk_lookup(0x10000001)->p, q);
}

static void two_sessions_live_side_by_side(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);

	pk_add_key(test, p, 1, 0, PLAIT_KEY_ACTIVE);
	pk_add_key(test, p, 2, 0, PLAIT_KEY_INACTIVE);
	KUNIT_EXPECT_TRUE(test, seals(p, 1, 0));
	KUNIT_EXPECT_NOT_NULL(test, pk_lookup(0x10000001));
	KUNIT_EXPECT_NOT_NULL(test, pk_lookup(0x10000002));

	activate(p, 2, 0);
	KUNIT_EXPECT_TRUE(test, seals(p, 2, 0));
	KUNIT_EXPECT_NOT_NULL(test, pk_lookup(0x10000001));
	KUNIT_EXPECT_NOT_NULL(test, pk_lookup(0x10000002));
}

static void third_session_takes_the_place_of_the_one_that_does_not_seal(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);

	pk_add_key(test, p, 1, 0, PLAIT_KEY_ACTIVE);
	pk_add_key(test, p, 2, 0, PLAIT_KEY_INACTIVE);

	/* The older one seals, so the newer one goes. */
	pk_add_key(test, p, 3, 0, PLAIT_KEY_ACTIVE);
	KUNIT_EXPECT_TRUE(test, has(p, 1, 0));
	KUNIT_EXPECT_FALSE(test, has(p, 2, 0));
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000002));
	KUNIT_EXPECT_TRUE(test, seals(p, 3, 0));

	/* The newer one seals, so the older one goes. */
	pk_add_key(test, p, 4, 0, PLAIT_KEY_ACTIVE);
	KUNIT_EXPECT_FALSE(test, has(p, 1, 0));
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000001));
	KUNIT_EXPECT_TRUE(test, has(p, 3, 0));
	KUNIT_EXPECT_TRUE(test, seals(p, 4, 0));
}

static void of_two_that_do_not_seal_the_older_goes(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	u32 i;

	for (i = 1; i <= 5; i++) {
		pk_add_key(test, p, i, 0, PLAIT_KEY_INACTIVE);
		KUNIT_EXPECT_TRUE(test, has(p, i, 0));
		KUNIT_EXPECT_EQ(test, has(p, i - 1, 0), i > 1);
		KUNIT_EXPECT_NULL(test, pk_lookup(0x10000000 + i - 2));
	}
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(p->dev));
}

static void refused_session_leaves_the_others_alone(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct pk_key k, again;

	pk_add_key(test, p, 1, 0, PLAIT_KEY_ACTIVE);
	pk_key(&k, 2, 0);
	pk_must_install(test, p, &k);

	/* The same key material under another name. */
	pk_key(&again, 3, 0);
	again.c.tx = k.tx;
	KUNIT_EXPECT_EQ(test, pk_install(p, &again), -EEXIST);
	again.c.tx = again.tx;
	again.c.rx = k.rx;
	KUNIT_EXPECT_EQ(test, pk_install(p, &again), -EEXIST);
	/* Limits that cannot be. */
	again.c.rx = again.rx;
	again.c.soft = 11;
	again.c.hard = 10;
	KUNIT_EXPECT_EQ(test, pk_install(p, &again), -EINVAL);
	KUNIT_EXPECT_TRUE(test, has(p, 1, 0));
	KUNIT_EXPECT_TRUE(test, seals(p, 2, 0));
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000003));
}

static void epochs_take_turns_in_two_slots(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	u16 epoch;

	for (epoch = 0; epoch < 6; epoch++) {
		pk_add_key(test, p, 1, epoch, PLAIT_KEY_ACTIVE);
		KUNIT_EXPECT_TRUE(test, seals(p, 1, epoch));
		KUNIT_EXPECT_EQ(test, has(p, 1, epoch - 1), epoch > 0);
		KUNIT_EXPECT_FALSE(test, has(p, 1, epoch - 2));
	}
	/* The number wraps from 65535 to 0, which are of different slots. */
	pk_add_key(test, p, 2, 65535, PLAIT_KEY_ACTIVE);
	pk_add_key(test, p, 2, 0, PLAIT_KEY_ACTIVE);
	KUNIT_EXPECT_TRUE(test, has(p, 2, 65535));
	KUNIT_EXPECT_TRUE(test, seals(p, 2, 0));
}

static void epoch_must_fit_its_session(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct pk_key k;

	pk_key(&k, 1, 0);
	pk_must_install(test, p, &k);
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EEXIST);
	pk_key(&k, 1, 1);
	k.c.local_index++;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EINVAL);
	pk_key(&k, 1, 1);
	k.c.remote_index++;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EINVAL);
	pk_key(&k, 1, 1);
	k.c.peer_lanes--;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EINVAL);
	/* Its slot is that of the epoch which seals. */
	pk_key(&k, 1, 2);
	k.c.active = PLAIT_KEY_INACTIVE;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EBUSY);
	KUNIT_EXPECT_TRUE(test, seals(p, 1, 0));
	KUNIT_EXPECT_FALSE(test, has(p, 1, 1));
	KUNIT_EXPECT_FALSE(test, has(p, 1, 2));
}

static void last_epoch_takes_its_session_along(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);

	pk_add_key(test, p, 1, 0, PLAIT_KEY_ACTIVE);
	pk_add_key(test, p, 1, 1, PLAIT_KEY_ACTIVE);

	remove(p, 1, 1);
	KUNIT_EXPECT_FALSE(test, has(p, 1, 1));
	KUNIT_EXPECT_TRUE(test, has(p, 1, 0));
	KUNIT_EXPECT_NOT_NULL(test, pk_lookup(0x10000001));
	/* What sealed is gone; the other does not step in by itself. */
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(p->tx));
	remove(p, 1, 0);
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000001));
}

static void as_many_lanes_send_as_both_ends_have(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 4, 64);
	struct pk_key k;

	pk_key(&k, 1, 0);
	k.c.peer_lanes = 2;
	pk_must_install(test, p, &k);
	KUNIT_EXPECT_EQ(test, p->tx_lanes, 2);
	pk_add_key(test, p, 2, 0, PLAIT_KEY_ACTIVE);
	KUNIT_EXPECT_EQ(test, p->tx_lanes, 4);
}

/**
 * struct listener - a device with one lane that hears from its peers
 * @p: the device
 * @ps: its socket
 * @sink: what it hands up
 * @at: room for a datagram
 */
struct listener {
	struct plait_dev *p;
	struct plait_socket *ps;
	struct pk_sink *sink;
	u8 *at;
};

static struct listener *listener(struct kunit *test)
{
	struct listener *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	u8 *buf = kunit_kzalloc(test, 512, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	l->at = buf + PLAIT_LEAD;
	l->p = pk_device(test, 1, 64);
	l->ps = pk_socket(test);
	l->sink = pk_sink(test, l->p);
	pk_up(test, l->p);
	return l;
}

/* Install an epoch that waits for its first datagram. Return: who may send it. */
static struct pk_peer *add_waiting(struct kunit *test, struct listener *l,
				   u32 session, u16 epoch)
{
	struct pk_key k;

	pk_key(&k, session, epoch);
	k.c.active = PLAIT_KEY_ON_RECEIPT;
	pk_must_install(test, l->p, &k);
	return pk_peer(test, l->p, &k);
}

/* A datagram arrives, @seen it is that is handed up; what follows is done. */
static void hear(struct kunit *test, struct listener *l, struct pk_peer *from,
		 unsigned int seen, bool spoilt)
{
	u32 len = pk_seal(from, 0, l->at, 100, seen);

	l->at[len - 1] ^= spoilt;
	pk_receive(l->ps, pk_outer(test, l->at, len, 0, PK_LINEAR, 0));
	if (!spoilt)
		pk_expect_seen(test, l->sink, seen);
	pk_settle(l->p);
	pk_work(l->p);
}

static void first_datagram_activates_an_epoch_that_waits_for_it(struct kunit *test)
{
	struct listener *l = listener(test);
	struct pk_peer *peer;

	pk_add_key(test, l->p, 1, 0, PLAIT_KEY_ACTIVE);
	peer = add_waiting(test, l, 2, 7);
	KUNIT_EXPECT_TRUE(test, seals(l->p, 1, 0));

	/* One that the AEAD refuses is none. */
	hear(test, l, peer, 1, true);
	KUNIT_EXPECT_EQ(test, pk_drops(l->p, PLAIT_DROP_RX_AUTH), 1);
	KUNIT_EXPECT_TRUE(test, seals(l->p, 1, 0));

	hear(test, l, peer, 1, false);
	KUNIT_EXPECT_TRUE(test, seals(l->p, 2, 7));

	/* What came earlier does not count once more. */
	activate(l->p, 1, 0);
	hear(test, l, peer, 2, false);
	KUNIT_EXPECT_TRUE(test, seals(l->p, 1, 0));
}

static void what_was_overtaken_waits_no_more(struct kunit *test)
{
	struct listener *l = listener(test);
	struct pk_peer *late = add_waiting(test, l, 1, 5);

	pk_add_key(test, l->p, 1, 6, PLAIT_KEY_ACTIVE);
	hear(test, l, late, 1, false);
	KUNIT_EXPECT_TRUE(test, seals(l->p, 1, 6));

	/* An epoch that is still to come waits on. */
	late = add_waiting(test, l, 1, 7);
	activate(l->p, 1, 6);
	/* A session overtakes all epochs of the one before. */
	pk_add_key(test, l->p, 2, 0, PLAIT_KEY_ACTIVE);
	hear(test, l, late, 2, false);
	KUNIT_EXPECT_TRUE(test, seals(l->p, 2, 0));
}

static void key_serves_one_direction_of_one_epoch(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct pk_key first, k;

	pk_key(&first, 1, 0);
	pk_must_install(test, p, &first);
	pk_key(&k, 1, 1);
	k.c.tx = first.tx;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EEXIST);
	k.c.tx = first.rx;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EEXIST);
	pk_key(&k, 2, 0);
	k.c.rx = first.rx;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EEXIST);
	k.c.rx = first.tx;
	KUNIT_EXPECT_EQ(test, pk_install(p, &k), -EEXIST);
	KUNIT_EXPECT_FALSE(test, has(p, 2, 0));
}

static void sessions_go_with_their_device(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 2, 64);

	pk_add_key(test, p, 1, 0, PLAIT_KEY_ACTIVE);
	pk_add_key(test, p, 2, 0, PLAIT_KEY_ACTIVE);
	rtnl_lock();
	plait_session_remove_all(p);
	rtnl_unlock();
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000001));
	KUNIT_EXPECT_NULL(test, pk_lookup(0x10000002));
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(p->tx));
}

static struct kunit_case session_cases[] = {
	KUNIT_CASE(receiver_index_leads_to_its_session),
	KUNIT_CASE(many_indices_are_told_apart),
	KUNIT_CASE(index_in_use_is_refused),
	KUNIT_CASE(two_sessions_live_side_by_side),
	KUNIT_CASE(third_session_takes_the_place_of_the_one_that_does_not_seal),
	KUNIT_CASE(of_two_that_do_not_seal_the_older_goes),
	KUNIT_CASE(refused_session_leaves_the_others_alone),
	KUNIT_CASE(epochs_take_turns_in_two_slots),
	KUNIT_CASE(epoch_must_fit_its_session),
	KUNIT_CASE(last_epoch_takes_its_session_along),
	KUNIT_CASE(as_many_lanes_send_as_both_ends_have),
	KUNIT_CASE(first_datagram_activates_an_epoch_that_waits_for_it),
	KUNIT_CASE(what_was_overtaken_waits_no_more),
	KUNIT_CASE(key_serves_one_direction_of_one_epoch),
	KUNIT_CASE(sessions_go_with_their_device),
	{}
};

static struct kunit_suite session_suite = {
	.name = "plait_sessions",
	.test_cases = session_cases,
};

kunit_test_suite(session_suite);
