// SPDX-License-Identifier: GPL-2.0
/*
 * The source addresses that a device takes: its list, and the set that is made of it,
 * which must say at any time what the list says.
 */

#include <linux/rtnetlink.h>

#include "plait_kunit.h"

static struct plait_prefix v4(u32 addr, u8 len)
{
	struct plait_prefix x = { .version = 4, .len = len };

	plait_put_be32(x.addr, addr);
	return x;
}

static struct plait_prefix v6(u64 high, u64 low, u8 len)
{
	struct plait_prefix x = { .version = 6, .len = len };

	plait_put_be64(x.addr, high);
	plait_put_be64(x.addr + 8, low);
	return x;
}

/* May a packet with this source address come in? */
static bool takes(struct plait_dev *p, const struct plait_prefix *source)
{
	u8 pkt[PLAIT_IPV6_LEN] = {};
	bool yes;

	pkt[0] = source->version << 4;
	memcpy(pkt + (source->version == 4 ? 12 : 8), source->addr,
	       source->version == 4 ? 4 : 16);
	rcu_read_lock();
	yes = plait_prefix_set_has_source(&rcu_dereference(p->prefixes)->set,
					  pkt);
	rcu_read_unlock();
	return yes;
}

static bool takes_v4(struct plait_dev *p, u32 addr)
{
	struct plait_prefix x = v4(addr, 32);

	return takes(p, &x);
}

static int add(struct plait_dev *p, struct plait_prefix x)
{
	int err;

	rtnl_lock();
	err = plait_prefixes_add(p, &x, NULL);
	rtnl_unlock();
	return err;
}

static int del(struct plait_dev *p, struct plait_prefix x)
{
	int err;

	rtnl_lock();
	err = plait_prefixes_del(p, &x, NULL);
	rtnl_unlock();
	return err;
}

static int replace(struct plait_dev *p, const struct plait_prefix *list,
		   u32 count)
{
	int err;

	rtnl_lock();
	err = plait_prefixes_replace(p, list, count);
	rtnl_unlock();
	return err;
}

static u32 count(struct plait_dev *p)
{
	u32 n;

	rcu_read_lock();
	n = rcu_dereference(p->prefixes)->count;
	rcu_read_unlock();
	return n;
}

static void new_device_takes_every_address(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct plait_prefix x = v6(~0ULL, ~0ULL, 128);

	KUNIT_EXPECT_EQ(test, count(p), 2);
	KUNIT_EXPECT_TRUE(test, takes_v4(p, 0));
	KUNIT_EXPECT_TRUE(test, takes_v4(p, ~0U));
	KUNIT_EXPECT_TRUE(test, takes(p, &x));
}

static void added_and_deleted_prefixes_count_at_once(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct plait_prefix doc = v6(0x20010db800000000, 0, 32);
	struct plait_prefix host = v6(0x20010db800000000, 1, 128);

	KUNIT_ASSERT_EQ(test, replace(p, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, count(p), 0);
	KUNIT_EXPECT_FALSE(test, takes_v4(p, 0x0a070001));
	KUNIT_EXPECT_FALSE(test, takes(p, &host));

	KUNIT_EXPECT_EQ(test, add(p, v4(0x0a070000, 16)), 0);
	KUNIT_EXPECT_EQ(test, add(p, doc), 0);
	KUNIT_EXPECT_EQ(test, add(p, v4(0xc0000201, 32)), 0);
	KUNIT_EXPECT_TRUE(test, takes_v4(p, 0x0a070001));
	KUNIT_EXPECT_FALSE(test, takes_v4(p, 0x0a080001));
	KUNIT_EXPECT_TRUE(test, takes_v4(p, 0xc0000201));
	KUNIT_EXPECT_FALSE(test, takes_v4(p, 0xc0000202));
	KUNIT_EXPECT_TRUE(test, takes(p, &host));

	KUNIT_EXPECT_EQ(test, del(p, v4(0x0a070000, 16)), 0);
	KUNIT_EXPECT_FALSE(test, takes_v4(p, 0x0a070001));
	KUNIT_EXPECT_TRUE(test, takes_v4(p, 0xc0000201));
	KUNIT_EXPECT_TRUE(test, takes(p, &host));
	KUNIT_EXPECT_EQ(test, del(p, doc), 0);
	KUNIT_EXPECT_EQ(test, del(p, v4(0xc0000201, 32)), 0);
	KUNIT_EXPECT_EQ(test, count(p), 0);
	KUNIT_EXPECT_FALSE(test, takes_v4(p, 0xc0000201));
}

static void same_prefix_is_on_the_list_once(struct kunit *test)
{
	struct plait_prefix twice[] = {
		v4(0x0a000000, 8), v4(0x0a000000, 9), v4(0x0a000000, 8),
	};
	struct plait_dev *p = pk_device(test, 1, 64);

	KUNIT_ASSERT_EQ(test, replace(p, twice, ARRAY_SIZE(twice)), 0);
	KUNIT_EXPECT_EQ(test, count(p), 2);
	KUNIT_EXPECT_EQ(test, add(p, twice[1]), -EEXIST);
	KUNIT_EXPECT_EQ(test, del(p, v4(0x0a000000, 10)), -ENOENT);
	KUNIT_EXPECT_EQ(test, count(p), 2);
	/* The smaller one still stands for its part. */
	KUNIT_EXPECT_EQ(test, del(p, twice[0]), 0);
	KUNIT_EXPECT_TRUE(test, takes_v4(p, 0x0a7fffff));
	KUNIT_EXPECT_FALSE(test, takes_v4(p, 0x0a800000));
}

static void list_ends_at_1024(struct kunit *test)
{
	struct plait_prefix *list = kunit_kcalloc(test, PLAIT_PREFIXES_MAX,
						  sizeof(*list), GFP_KERNEL);
	struct plait_dev *p = pk_device(test, 1, 64);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, list);
	/* Every other address, from the last to the first. */
	for (i = 0; i < PLAIT_PREFIXES_MAX; i++)
		list[i] = v4(0x0a000000 + 2 * (PLAIT_PREFIXES_MAX - 1 - i), 32);
	KUNIT_ASSERT_EQ(test, replace(p, list, PLAIT_PREFIXES_MAX), 0);
	KUNIT_EXPECT_EQ(test, count(p), 1024);
	KUNIT_EXPECT_EQ(test, add(p, v4(0x0b000000, 32)), -ENOSPC);
	for (i = 0; i < 2 * PLAIT_PREFIXES_MAX; i++)
		if (takes_v4(p, 0x0a000000 + i) != !(i & 1))
			KUNIT_FAIL(test, "address %u", i);

	KUNIT_EXPECT_EQ(test, del(p, list[500]), 0);
	KUNIT_EXPECT_EQ(test, add(p, v4(0x0b000000, 32)), 0);
	KUNIT_EXPECT_EQ(test, count(p), 1024);
	KUNIT_EXPECT_TRUE(test, takes_v4(p, 0x0b000000));
	KUNIT_EXPECT_FALSE(test, takes_v4(p, plait_get_be32(list[500].addr)));
}

/* The list by itself, address by address. */
static bool on_list(const bool *there, u32 addr)
{
	u32 len;

	for (len = 0; len <= 8; len++)
		if (there[(1 << len) + (addr >> (8 - len))])
			return true;
	return false;
}

static void set_says_what_the_list_says(struct kunit *test)
{
	bool *there = kunit_kcalloc(test, 512, sizeof(bool), GFP_KERNEL);
	struct plait_dev *p = pk_device(test, 1, 64);
	struct rnd_state rnd;
	u32 i, addr, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, there);
	prandom_seed_state(&rnd, 4711);
	KUNIT_ASSERT_EQ(test, replace(p, NULL, 0), 0);
	for (i = 0; i < 300; i++) {
		u32 len = prandom_u32_state(&rnd) % 9;
		u32 bits = prandom_u32_state(&rnd) % (1 << len);
		bool *slot = &there[(1 << len) + bits];
		struct plait_prefix x = v4(0x0a000000 | bits << (8 - len),
					   24 + len);

		/* Rather long ones, or they would cover all. */
		if (len < 3 && prandom_u32_state(&rnd) % 16)
			continue;
		wrong += (*slot ? del(p, x) : add(p, x)) != 0;
		*slot = !*slot;
		for (addr = 0; addr < 256; addr++)
			wrong += takes_v4(p, 0x0a000000 | addr) !=
				 on_list(there, addr);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_FALSE(test, takes_v4(p, 0x0a000100));
}

static void packets_from_elsewhere_are_dropped(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct plait_socket *ps = pk_socket(test);
	u8 *buf = kunit_kzalloc(test, 512, GFP_KERNEL), *at = buf + PLAIT_LEAD;
	struct pk_sink *sink = pk_sink(test, p);
	struct pk_peer *peer;
	struct pk_key k;
	u32 len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	pk_up(test, p);
	pk_key(&k, 1, 0);
	pk_must_install(test, p, &k);
	peer = pk_peer(test, p, &k);

	/* pk_inner() sends from 192.0.2.1. */
	KUNIT_ASSERT_EQ(test, replace(p, NULL, 0), 0);
	KUNIT_ASSERT_EQ(test, add(p, v4(0xc0000202, 31)), 0);
	len = pk_seal(peer, 0, at, 100, 1);
	pk_receive(ps, pk_outer(test, at, len, 0, PK_LINEAR, 0));
	pk_settle(p);
	KUNIT_EXPECT_EQ(test, pk_drops(p, PLAIT_DROP_RX_SOURCE), 1);

	KUNIT_ASSERT_EQ(test, add(p, v4(0xc0000200, 31)), 0);
	len = pk_seal(peer, 0, at, 100, 2);
	pk_receive(ps, pk_outer(test, at, len, 0, PK_LINEAR, 0));
	pk_expect_seen(test, sink, 1);
	pk_settle(p);
	KUNIT_EXPECT_EQ(test, pk_drops(p, PLAIT_DROP_RX_SOURCE), 1);
}

static struct kunit_case prefix_cases[] = {
	KUNIT_CASE(new_device_takes_every_address),
	KUNIT_CASE(added_and_deleted_prefixes_count_at_once),
	KUNIT_CASE(same_prefix_is_on_the_list_once),
	KUNIT_CASE(list_ends_at_1024),
	KUNIT_CASE(set_says_what_the_list_says),
	KUNIT_CASE(packets_from_elsewhere_are_dropped),
	{}
};

static struct kunit_suite prefix_suite = {
	.name = "plait_prefixes",
	.test_cases = prefix_cases,
};

kunit_test_suite(prefix_suite);
