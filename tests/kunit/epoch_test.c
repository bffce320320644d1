// SPDX-License-Identifier: GPL-2.0
/*
 * How much a key epoch may seal: its lanes take shares of one hard limit, all at once if
 * need be, and never more than it; the soft limit is told once.
 */

#include <linux/kthread.h>
#include <linux/rtnetlink.h>

#include "plait_kunit.h"

/* A key epoch of a device with so many lanes. */
static struct plait_epoch *epoch_of(struct kunit *test, u32 lanes,
				    enum plait_cipher cipher, u64 counter,
				    u64 soft, u64 hard)
{
	struct plait_dev *p = pk_device(test, lanes, 64);
	struct plait_epoch *e;
	struct pk_key k;

	pk_key(&k, 1, 0);
	k.c.cipher = cipher;
	k.c.tx_counter = counter;
	k.c.soft = soft;
	k.c.hard = hard;
	pk_must_install(test, p, &k);
	rtnl_lock();
	e = plait_key_find(p, 1, 0);
	rtnl_unlock();
	KUNIT_ASSERT_NOT_NULL(test, e);
	return e;
}

/* As batch.c does before it seals. Return: whether it may. */
static bool seal(struct plait_epoch *e, unsigned int lane, unsigned int count)
{
	struct plait_epoch_lane *el = &e->lanes[lane];

	if (el->tx_counter + count > el->tx_end &&
	    !plait_epoch_lease(e, el, count))
		return false;
	el->tx_counter += count;
	return true;
}

static int limits(struct plait_epoch *e, u64 soft, u64 hard)
{
	int err;

	rtnl_lock();
	err = plait_epoch_set_limits(e, soft, hard, NULL);
	rtnl_unlock();
	return err;
}

static void one_lane_seals_up_to_the_hard_limit(struct kunit *test)
{
	struct plait_epoch *e = epoch_of(test, 1, PLAIT_CIPHER_AES256GCM, 7, 0,
					 1000);
	unsigned int i;

	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_TRUE(test, seal(e, 0, 1));
	KUNIT_EXPECT_FALSE(test, test_bit(PLAIT_EPOCH_SPENT, &e->flags));
	KUNIT_EXPECT_FALSE(test, seal(e, 0, 1));
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_SPENT, &e->flags));
	KUNIT_EXPECT_EQ(test, plait_epoch_sealed(e), 1000);
	KUNIT_EXPECT_EQ(test, e->lanes[0].tx_counter, 1007);
	pk_work(e->session->p);
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_TOLD_SPENT, &e->flags));
}

static void batch_does_not_reach_over_the_hard_limit(struct kunit *test)
{
	struct plait_epoch *e = epoch_of(test, 1, PLAIT_CIPHER_AES256GCM, 0, 0,
					 100);

	KUNIT_EXPECT_TRUE(test, seal(e, 0, 64));
	KUNIT_EXPECT_FALSE(test, seal(e, 0, 37));
	/* What is left is not lost to smaller ones. */
	KUNIT_EXPECT_TRUE(test, seal(e, 0, 36));
	KUNIT_EXPECT_FALSE(test, seal(e, 0, 1));
	KUNIT_EXPECT_EQ(test, plait_epoch_sealed(e), 100);
}

static void lanes_share_the_hard_limit(struct kunit *test)
{
	struct plait_epoch *e = epoch_of(test, 4, PLAIT_CIPHER_AES256GCM, 0, 0,
					 1 << 20);
	unsigned int lane, idle = 0;

	/* By turns, as batches of different sizes. */
	for (lane = 0; idle < 4; lane = (lane + 1) % 4)
		idle = seal(e, lane, 1 + 13 * lane) ? 0 : idle + 1;
	KUNIT_EXPECT_EQ(test, atomic64_read(&e->leased), 1 << 20);
	KUNIT_EXPECT_LE(test, plait_epoch_sealed(e), 1 << 20);
	/* Less than a batch stays behind on each lane. */
	KUNIT_EXPECT_GT(test, plait_epoch_sealed(e), (1 << 20) - 4 * 64);
}

static void soft_limit_is_told_once(struct kunit *test)
{
	struct plait_epoch *e = epoch_of(test, 2, PLAIT_CIPHER_AES256GCM, 0, 50,
					 100);
	unsigned int i;

	for (i = 0; i < 49; i++)
		KUNIT_ASSERT_TRUE(test, seal(e, i & 1, 1));
	KUNIT_EXPECT_FALSE(test, test_bit(PLAIT_EPOCH_NEAR, &e->flags));
	KUNIT_EXPECT_TRUE(test, seal(e, 0, 1));
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_NEAR, &e->flags));
	pk_work(e->session->p);
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_TOLD_NEAR, &e->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(PLAIT_EPOCH_SPENT, &e->flags));

	/* New limits: told again when these are reached. */
	KUNIT_EXPECT_EQ(test, limits(e, 80, 90), 0);
	KUNIT_EXPECT_FALSE(test, test_bit(PLAIT_EPOCH_TOLD_NEAR, &e->flags));
	for (i = 50; i < 79; i++)
		KUNIT_ASSERT_TRUE(test, seal(e, i & 1, 1));
	KUNIT_EXPECT_FALSE(test, test_bit(PLAIT_EPOCH_NEAR, &e->flags));
	while (seal(e, 0, 1))
		i++;
	KUNIT_EXPECT_EQ(test, i, 90);
	pk_work(e->session->p);
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_TOLD_NEAR, &e->flags));
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_TOLD_SPENT, &e->flags));
}

static void limits_keep_to_the_cipher(struct kunit *test)
{
	struct plait_limits gcm = plait_limits_aes256gcm();
	struct plait_epoch *e = epoch_of(test, 1, PLAIT_CIPHER_AES256GCM, 0, 0,
					 0);

	KUNIT_EXPECT_EQ(test, e->soft, gcm.soft);
	KUNIT_EXPECT_EQ(test, e->hard, gcm.hard);
	KUNIT_EXPECT_EQ(test, e->open_failures_max, gcm.open_failures);
	KUNIT_EXPECT_EQ(test, limits(e, 0, gcm.hard + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, limits(e, gcm.hard + 1, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, limits(e, 11, 10), -EINVAL);
	KUNIT_EXPECT_EQ(test, e->hard, gcm.hard);
	/* A hard limit below the cipher's soft one draws that down. */
	KUNIT_EXPECT_EQ(test, limits(e, 0, 10), 0);
	KUNIT_EXPECT_EQ(test, e->soft, 10);
}

static void last_packet_number_is_the_end(struct kunit *test)
{
	struct plait_epoch *e = epoch_of(test, 2, PLAIT_CIPHER_CHACHA20POLY1305,
					 PLAIT_COUNTER_MAX - 9, 0, 0);

	KUNIT_EXPECT_TRUE(test, seal(e, 1, 9));
	KUNIT_EXPECT_FALSE(test, seal(e, 1, 2));
	KUNIT_EXPECT_TRUE(test, seal(e, 1, 1));
	KUNIT_EXPECT_EQ(test, e->lanes[1].tx_counter, PLAIT_COUNTER_MAX + 1);
	KUNIT_EXPECT_FALSE(test, seal(e, 1, 1));
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_SPENT, &e->flags));
	/* Another lane counts for itself. */
	KUNIT_EXPECT_TRUE(test, seal(e, 0, 1));
}

/**
 * struct racer - a thread that seals on a lane until it may not
 * @e: the key epoch
 * @lane: the lane
 * @sealed: how many it has sealed
 * @start: begins all of them
 * @done: completed when it may not seal even one
 */
struct racer {
	struct plait_epoch *e;
	unsigned int lane;
	u64 sealed;
	struct completion *start;
	struct completion done;
};

static int race(void *data)
{
	struct racer *r = data;
	unsigned int count = 1 + r->lane % 3;

	wait_for_completion(r->start);
	while (seal(r->e, r->lane, count)) {
		r->sealed += count;
		if (r->sealed % 1024 < count)
			cond_resched();
	}
	while (seal(r->e, r->lane, 1))
		r->sealed++;
	/* Not a step more in this module, which may go. */
	kthread_complete_and_exit(&r->done, 0);
}

static void racing_lanes_never_pass_the_hard_limit(struct kunit *test)
{
	/* Shares of 58, which eight lanes fight over. */
	const u64 hard = 60000;
	struct plait_epoch *e = epoch_of(test, 8, PLAIT_CIPHER_AES256GCM, 0,
					 hard / 2, hard);
	struct racer *r = kunit_kcalloc(test, 8, sizeof(*r), GFP_KERNEL);
	DECLARE_COMPLETION_ONSTACK(start);
	struct task_struct *task;
	u64 sealed = 0;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, r);
	for (i = 0; i < 8; i++) {
		r[i].e = e;
		r[i].lane = i;
		r[i].start = &start;
		init_completion(&r[i].done);
		task = kthread_run(race, &r[i], "plait-race-%u", i);
		if (IS_ERR(task)) {
			KUNIT_FAIL(test, "no thread: %pe", task);
			complete(&r[i].done);
		}
	}
	complete_all(&start);
	for (i = 0; i < 8; i++) {
		wait_for_completion(&r[i].done);
		sealed += r[i].sealed;
		KUNIT_EXPECT_EQ(test, r[i].sealed, e->lanes[i].tx_counter);
	}
	/* Whatever was leased could be sealed, down to the last one. */
	KUNIT_EXPECT_EQ(test, sealed, hard);
	KUNIT_EXPECT_EQ(test, plait_epoch_sealed(e), hard);
	KUNIT_EXPECT_EQ(test, atomic64_read(&e->leased), hard);
	pk_work(e->session->p);
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_TOLD_NEAR, &e->flags));
	KUNIT_EXPECT_TRUE(test, test_bit(PLAIT_EPOCH_TOLD_SPENT, &e->flags));
}

static struct kunit_case epoch_cases[] = {
	KUNIT_CASE(one_lane_seals_up_to_the_hard_limit),
	KUNIT_CASE(batch_does_not_reach_over_the_hard_limit),
	KUNIT_CASE(lanes_share_the_hard_limit),
	KUNIT_CASE(soft_limit_is_told_once),
	KUNIT_CASE(limits_keep_to_the_cipher),
	KUNIT_CASE(last_packet_number_is_the_end),
	KUNIT_CASE(racing_lanes_never_pass_the_hard_limit),
	{}
};

static struct kunit_suite epoch_suite = {
	.name = "plait_epochs",
	.test_cases = epoch_cases,
};

kunit_test_suite(epoch_suite);
