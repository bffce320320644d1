// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets of a namespace, one for each address, port and interface that
 * strands ask for. Datagrams and aggregates reach us whole through the socket
 * queue, emptied at once (docs/adr/0003-how-aggregates-arrive.md).
 */

#include <net/sock.h>
#include <net/udp.h>

#include "plait.h"
#include "tell.h"

/* The socket queue is emptied as it is filled: room for bursts from N CPUs. */
#define SOCKET_RCVBUF (8 << 20)

/* Called in softirq once a datagram or aggregate was queued. */
static void plait_data_ready(struct sock *sk)
{
	struct plait_socket *ps;
	struct sk_buff *skb;
	int off, err;

	rcu_read_lock();
	ps = rcu_dereference_sk_user_data(sk);
	if (!ps)
		goto out;
	spin_lock(&ps->lock);
	for (;;) {
		off = 0;
		skb = __skb_recv_udp(sk, MSG_DONTWAIT, &off, &err);
		if (!skb)
			break;
		/* The socket kept notes of its own in here. */
		skb->dev = NULL;
		plait_receive(ps, skb);
		if (skb_queue_empty_lockless(&sk->sk_receive_queue) &&
		    skb_queue_empty_lockless(&udp_sk(sk)->reader_queue))
			break;
	}
	spin_unlock(&ps->lock);
out:
	rcu_read_unlock();
}

static bool same_local(const struct plait_socket *ps,
		       const struct plait_endpoint *local, int link)
{
	return ps->local.family == local->family &&
	       ps->local.port == local->port && ps->link == link &&
	       !memcmp(&ps->local.addr, &local->addr, sizeof(local->addr));
}

static int socket_open(struct plait_socket *ps, struct netlink_ext_ack *extack)
{
	struct udp_port_cfg cfg = {
		.family = ps->local.family,
		.local_udp_port = ps->local.port,
		.bind_ifindex = ps->link,
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = true,
	};
	struct sock *sk;
	int err;

	if (ps->local.family == AF_INET)
		cfg.local_ip = ps->local.addr.v4;
	else
		cfg.local_ip6 = ps->local.addr.v6;
	err = udp_sock_create(ps->pn->net, &cfg, &ps->sock);
	if (err) {
		if (err == -EADDRINUSE)
			NL_SET_ERR_MSG(extack,
				       "UDP port is in use by another socket");
		else if (err == -EADDRNOTAVAIL)
			NL_SET_ERR_MSG(extack,
				       "local address is not on this host");
		else
			NL_SET_ERR_MSG(extack, "cannot open the UDP socket");
		return err;
	}

	sk = ps->sock->sk;
	ps->sk = sk;
	sk->sk_allocation = GFP_ATOMIC;
	WRITE_ONCE(sk->sk_rcvbuf, SOCKET_RCVBUF);
#ifdef CONFIG_NET_RX_BUSY_POLL
	WRITE_ONCE(sk->sk_ll_usec, 0);
#endif
	udp_allow_gso(sk);
	udp_set_bit(GRO_ENABLED, sk);
	udp_tunnel_encap_enable(sk);

	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_sk_user_data(sk, ps);
	WRITE_ONCE(sk->sk_data_ready, plait_data_ready);
	write_unlock_bh(&sk->sk_callback_lock);
	return 0;
}

/**
 * plait_socket_get - find or open a socket
 * @pn: namespace
 * @local: address (zero: any) and port
 * @link: ifindex to bind to, or 0
 * @extack: says what is wrong
 *
 * Must be called with RTNL held. Return: a socket to be given back with
 * plait_socket_put(), or an ERR_PTR: -EADDRINUSE, -EADDRNOTAVAIL, -ENOMEM …
 */
struct plait_socket *plait_socket_get(struct plait_net *pn,
				      const struct plait_endpoint *local,
				      int link,
				      struct netlink_ext_ack *extack)
{
	struct plait_socket *ps;
	int err;

	ASSERT_RTNL();
	list_for_each_entry(ps, &pn->sockets, node) {
		if (same_local(ps, local, link)) {
			ps->users++;
			return ps;
		}
	}

	ps = kzalloc(sizeof(*ps), GFP_KERNEL_ACCOUNT);
	if (!ps)
		return ERR_PTR(-ENOMEM);
	ps->stats = alloc_percpu_gfp(struct plait_stats, GFP_KERNEL_ACCOUNT);
	if (!ps->stats) {
		err = -ENOMEM;
		goto err_free;
	}
	ps->pn = pn;
	ps->local = *local;
	ps->link = link;
	ps->users = 1;
	spin_lock_init(&ps->lock);
	err = socket_open(ps, extack);
	if (err)
		goto err_stats;
	list_add_tail(&ps->node, &pn->sockets);
	plait_tell_socket(ps, true);
	return ps;

err_stats:
	free_percpu(ps->stats);
err_free:
	kfree(ps);
	return ERR_PTR(err);
}

/**
 * plait_socket_mark - what a socket's user sends carries a mark
 * @ps: the socket
 * @mark: the mark
 *
 * What the path's ICMP says of its MTU is looked up by the socket's mark. Users
 * that share a socket should have one: else they learn of the unmarked route
 * alone. Must be called with RTNL held.
 */
void plait_socket_mark(struct plait_socket *ps, u32 mark)
{
	ASSERT_RTNL();
	if (ps->users > 1 && ps->sk->sk_mark != mark)
		mark = 0;
	WRITE_ONCE(ps->sk->sk_mark, mark);
}

static void socket_free(struct rcu_head *rcu)
{
	struct plait_socket *ps = container_of(rcu, struct plait_socket, rcu);

	free_percpu(ps->stats);
	kfree(ps);
}

/* Must be called with RTNL held, when no strand leads to @ps any more. */
void plait_socket_put(struct plait_socket *ps)
{
	ASSERT_RTNL();
	if (--ps->users)
		return;
	list_del(&ps->node);
	plait_tell_socket(ps, false);
	/* Waits for a grace period first, so for senders that found the sock. */
	plait_compat_tunnel_release(ps->sk);
	call_rcu(&ps->rcu, socket_free);
}
