// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets: shared by those who ask for the same address, port and interface, by nobody
 * else, and closed with their last user.
 */

#include <linux/rtnetlink.h>
#include <net/udp_tunnel.h>

#include "plait_kunit.h"

#define LOOPBACK 1 /* its ifindex in each namespace */

static struct plait_endpoint any(u16 port)
{
	struct plait_endpoint x = { .family = AF_INET, .port = htons(port) };

	return x;
}

static struct plait_endpoint local(u16 port)
{
	struct plait_endpoint x = any(port);

	x.addr.v4.s_addr = htonl(INADDR_LOOPBACK);
	return x;
}

static struct plait_endpoint local6(u16 port)
{
	struct plait_endpoint x = { .family = AF_INET6, .port = htons(port) };

	x.addr.v6 = in6addr_loopback;
	return x;
}

static struct plait_socket *get(struct plait_endpoint at, int link)
{
	struct plait_socket *ps;

	rtnl_lock();
	ps = plait_socket_get(plait_pernet(&init_net), &at, link, NULL);
	rtnl_unlock();
	return ps;
}

static void put(struct plait_socket *ps)
{
	if (IS_ERR(ps))
		return;
	rtnl_lock();
	plait_socket_put(ps);
	rtnl_unlock();
}

/* Could anybody else have this port of the loopback address? */
static bool is_free(u16 port)
{
	struct udp_port_cfg cfg = {
		.family = AF_INET,
		.local_udp_port = htons(port),
	};
	struct socket *sock;

	cfg.local_ip.s_addr = htonl(INADDR_LOOPBACK);
	if (udp_sock_create(&init_net, &cfg, &sock))
		return false;
	plait_compat_tunnel_release(sock->sk);
	return true;
}

static unsigned int open_sockets(void)
{
	struct plait_socket *ps;
	unsigned int n = 0;

	rtnl_lock();
	list_for_each_entry(ps, &plait_pernet(&init_net)->sockets, node)
		n++;
	rtnl_unlock();
	return n;
}

static void same_place_is_shared(struct kunit *test)
{
	struct plait_socket *a = get(local(PK_PORT), 0);
	struct plait_socket *b = get(local(PK_PORT), 0);

	KUNIT_EXPECT_FALSE(test, IS_ERR(a));
	KUNIT_EXPECT_PTR_EQ(test, a, b);
	KUNIT_EXPECT_EQ(test, open_sockets(), 1);
	if (!IS_ERR(a))
		KUNIT_EXPECT_EQ(test, a->users, 2);
	put(a);
	put(b);
}

static void last_user_closes_it(struct kunit *test)
{
	struct plait_socket *ps[5];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ps); i++)
		ps[i] = get(local(PK_PORT), 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(ps[0]));
	for (i = 0; i < ARRAY_SIZE(ps); i++) {
		KUNIT_EXPECT_EQ(test, open_sockets(), 1);
		KUNIT_EXPECT_FALSE(test, is_free(PK_PORT));
		put(ps[i]);
	}
	KUNIT_EXPECT_EQ(test, open_sockets(), 0);
	KUNIT_EXPECT_TRUE(test, is_free(PK_PORT));
	/* And it can be opened once more. */
	ps[0] = get(local(PK_PORT), 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(ps[0]));
	put(ps[0]);
}

static void other_places_are_not_shared(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct plait_socket *ps[] = {
		get(local(PK_PORT), 0),
		get(local(PK_PORT + 1), 0),
		get(local6(PK_PORT), 0),
		get(any(PK_PORT + 2), LOOPBACK),
		get(any(PK_PORT + 2), p->dev->ifindex),
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(ps); i++) {
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(ps[i]), "%u: %pe", i, ps[i]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, ps[i], ps[j]);
	}
	KUNIT_EXPECT_EQ(test, open_sockets(), ARRAY_SIZE(ps));
	for (i = 0; i < ARRAY_SIZE(ps); i++)
		put(ps[i]);
	KUNIT_EXPECT_EQ(test, open_sockets(), 0);
}

static void what_cannot_be_had_is_refused(struct kunit *test)
{
	struct plait_endpoint elsewhere = any(PK_PORT);
	struct plait_socket *ps = get(any(PK_PORT), LOOPBACK);

	elsewhere.addr.v4.s_addr = htonl(0xc6336401);
	KUNIT_EXPECT_FALSE(test, IS_ERR(ps));
	/* A port that is taken on one interface is not free on all. */
	KUNIT_EXPECT_PTR_EQ(test, get(any(PK_PORT), 0), ERR_PTR(-EADDRINUSE));
	KUNIT_EXPECT_PTR_EQ(test, get(elsewhere, 0), ERR_PTR(-EADDRNOTAVAIL));
	KUNIT_EXPECT_EQ(test, open_sockets(), 1);
	put(ps);
}

static int strand(struct plait_dev *p, u16 port)
{
	struct plait_strand_config c = {
		.local = local(port),
		.remote = local(PK_PORT + 10),
	};
	int err;

	rtnl_lock();
	err = plait_strand_install(p, 0, &c, NULL);
	rtnl_unlock();
	return err;
}

static void strands_hold_their_socket(struct kunit *test)
{
	struct plait_dev *p = pk_device(test, 1, 64);
	struct plait_dev *q = pk_device(test, 1, 64);
	struct plait_socket *ps;

	KUNIT_ASSERT_EQ(test, strand(p, PK_PORT), 0);
	KUNIT_ASSERT_EQ(test, strand(q, PK_PORT), 0);
	KUNIT_EXPECT_EQ(test, open_sockets(), 1);
	/* One moves to another port, and back. */
	KUNIT_ASSERT_EQ(test, strand(p, PK_PORT + 1), 0);
	KUNIT_EXPECT_EQ(test, open_sockets(), 2);
	KUNIT_EXPECT_FALSE(test, is_free(PK_PORT + 1));
	KUNIT_ASSERT_EQ(test, strand(p, PK_PORT), 0);
	KUNIT_EXPECT_TRUE(test, is_free(PK_PORT + 1));
	KUNIT_EXPECT_EQ(test, open_sockets(), 1);
	/* Replaced by its like it is not closed in between. */
	ps = get(local(PK_PORT), 0);
	KUNIT_ASSERT_EQ(test, strand(p, PK_PORT), 0);
	KUNIT_EXPECT_EQ(test, ps->users, 3);
	put(ps);

	rtnl_lock();
	plait_strand_remove(p, 0);
	plait_strand_remove(q, 0);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, open_sockets(), 0);
	KUNIT_EXPECT_TRUE(test, is_free(PK_PORT));
}

static struct kunit_case socket_cases[] = {
	KUNIT_CASE(same_place_is_shared),
	KUNIT_CASE(last_user_closes_it),
	KUNIT_CASE(other_places_are_not_shared),
	KUNIT_CASE(what_cannot_be_had_is_refused),
	KUNIT_CASE(strands_hold_their_socket),
	{}
};

static struct kunit_suite socket_suite = {
	.name = "plait_sockets",
	.test_cases = socket_cases,
};

kunit_test_suite(socket_suite);
