// SPDX-License-Identifier: GPL-2.0
/*
 * Devices, sockets and keys for the suites, and their counters. They live in the first
 * network namespace, as the test cases' threads do.
 */

#include <linux/inetdevice.h>
#include <linux/rtnetlink.h>

#include "plait_kunit.h"

static void device_gone(void *data)
{
	struct plait_dev *p = data;

	rtnl_lock();
	unregister_netdevice(p->dev);
	rtnl_unlock();
}

/* A device that is down and has neither strand nor key. */
struct plait_dev *pk_device(struct kunit *test, u32 lanes, u32 window)
{
	struct plait_device_config config = {
		.lanes = lanes,
		.window = window,
	};
	struct net_device *dev;
	int err;

	dev = alloc_netdev_mqs(sizeof(struct plait_dev), "kunit%d",
			       NET_NAME_ENUM, plait_setup, PLAIT_LANES_MAX,
			       PLAIT_LANES_MAX);
	KUNIT_ASSERT_NOT_NULL(test, dev);
	/* No traffic of its own. */
	dev->priv_flags |= IFF_NO_ADDRCONF;
	rtnl_lock();
	err = plait_configure(dev, &init_net, &config);
	rtnl_unlock();
	if (err)
		free_netdev(dev);
	KUNIT_ASSERT_EQ(test, err, 0);
	err = kunit_add_action_or_reset(test, device_gone, netdev_priv(dev));
	KUNIT_ASSERT_EQ(test, err, 0);
	return netdev_priv(dev);
}

void pk_up(struct kunit *test, struct plait_dev *p)
{
	int err;

	rtnl_lock();
	err = dev_open(p->dev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
}

static void socket_gone(void *data)
{
	rtnl_lock();
	plait_socket_put(data);
	rtnl_unlock();
}

/* A socket of plait's on the loopback interface. */
struct plait_socket *pk_socket(struct kunit *test)
{
	struct plait_endpoint local = {
		.family = AF_INET,
		.port = htons(PK_PORT),
	};
	struct plait_socket *ps;

	local.addr.v4.s_addr = htonl(INADDR_LOOPBACK);
	rtnl_lock();
	ps = plait_socket_get(plait_pernet(&init_net), &local, 0, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_FALSE(test, IS_ERR(ps));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, socket_gone, ps),
			0);
	return ps;
}

/**
 * pk_key - describe a key epoch
 * @k: filled in
 * @session: number of the session, from which its receiver indices follow
 * @epoch: number of the key epoch
 *
 * Key material differs for each session and epoch.
 */
void pk_key(struct pk_key *k, u32 session, u16 epoch)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, (u64)session << 16 | epoch);
	prandom_bytes_state(&rnd, k->tx, sizeof(k->tx));
	prandom_bytes_state(&rnd, k->rx, sizeof(k->rx));
	k->c = (struct plait_key_config) {
		.session = session,
		.local_index = 0x10000000 + session,
		.remote_index = 0x20000000 + session,
		.peer_lanes = PLAIT_LANES_MAX,
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.active = PLAIT_KEY_ACTIVE,
		.tx = k->tx,
		.rx = k->rx,
		.epoch = epoch,
	};
}

int pk_install(struct plait_dev *p, const struct pk_key *k)
{
	int err;

	rtnl_lock();
	err = plait_key_install(p, &k->c, NULL);
	rtnl_unlock();
	return err;
}

void pk_must_install(struct kunit *test, struct plait_dev *p,
		     const struct pk_key *k)
{
	KUNIT_ASSERT_EQ(test, pk_install(p, k), 0);
}

/* A key epoch as pk_key() describes it. */
void pk_add_key(struct kunit *test, struct plait_dev *p, u32 session, u16 epoch,
		enum plait_key_active active)
{
	struct pk_key k;

	pk_key(&k, session, epoch);
	k.c.active = active;
	pk_must_install(test, p, &k);
}

/* The session with a receiver index, for its identity only. */
struct plait_session *pk_lookup(u32 index)
{
	struct plait_session *s;

	rcu_read_lock();
	s = plait_session_lookup(plait_pernet(&init_net), index);
	rcu_read_unlock();
	return s;
}

/* Wait until the device's work is done. */
void pk_work(struct plait_dev *p)
{
	flush_work(&p->work);
}

static u64 sum(const struct plait_stats __percpu *stats, size_t off)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += *(u64 *)((u8 *)per_cpu_ptr(stats, cpu) + off);
	return total;
}

u64 pk_drops(const struct plait_dev *p, enum plait_verdict why)
{
	return sum(p->stats, offsetof(struct plait_stats, drop[why]));
}

u64 pk_port_drops(const struct plait_socket *ps, enum plait_verdict why)
{
	return sum(ps->stats, offsetof(struct plait_stats, drop[why]));
}

u64 pk_events(const struct plait_dev *p, enum plait_event what)
{
	return sum(p->stats, offsetof(struct plait_stats, event[what]));
}

/* Has the device dropped this, and nothing else? */
void pk_expect_drops(struct kunit *test, const struct plait_dev *p,
		     const struct pk_count *expected, size_t count)
{
	enum plait_verdict why;
	size_t i;

	for (why = PLAIT_OK + 1; why < PLAIT_VERDICTS; why++) {
		u64 n = 0;

		for (i = 0; i < count; i++)
			if (expected[i].what == why)
				n = expected[i].n;
		KUNIT_EXPECT_EQ_MSG(test, pk_drops(p, why), n, "verdict %d",
				    why);
	}
}
