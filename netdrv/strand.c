// SPDX-License-Identifier: GPL-2.0
/*
 * Strands: the underlay paths of a device. Each has a remote end, a share in a
 * socket and a route cache; finished datagrams leave through it.
 */

#include <linux/rtnetlink.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "plait.h"

/* Seconds between two events of a strand that is being spoilt. */
#define SPOILT_TOLD_S 10

/* IP and UDP header in front of a strand's datagrams, in octets. */
static u32 underlay_headers(sa_family_t family)
{
	return sizeof(struct udphdr) + (family == AF_INET ?
					sizeof(struct iphdr) :
					sizeof(struct ipv6hdr));
}

/*
 * Route to the strand's remote end; the source address is filled in. One route
 * serves all datagrams of a strand whatever their DSCP, as the cache holds one.
 */
static struct dst_entry *route4(struct plait_strand *strand, __be32 *saddr)
{
	struct plait_socket *ps = strand->socket;
	struct flowi4 fl = {
		.saddr = ps->local.addr.v4.s_addr,
		.daddr = strand->remote.addr.v4.s_addr,
		.fl4_sport = ps->local.port,
		.fl4_dport = strand->remote.port,
		.flowi4_oif = ps->link,
		.flowi4_mark = strand->fwmark,
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt = dst_cache_get_ip4(&strand->dst, saddr);

	if (likely(rt))
		return &rt->dst;
	rt = ip_route_output_flow(ps->pn->net, &fl, ps->sk);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	dst_cache_set_ip4(&strand->dst, &rt->dst, fl.saddr);
	*saddr = fl.saddr;
	return &rt->dst;
}

static struct dst_entry *route6(struct plait_strand *strand,
				struct in6_addr *saddr)
{
	struct plait_socket *ps = strand->socket;
	struct flowi6 fl = {
		.saddr = ps->local.addr.v6,
		.daddr = strand->remote.addr.v6,
		.fl6_sport = ps->local.port,
		.fl6_dport = strand->remote.port,
		.flowi6_oif = ps->link,
		.flowi6_mark = strand->fwmark,
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst = dst_cache_get_ip6(&strand->dst, saddr);

	if (likely(dst))
		return dst;
	dst = plait_compat_route6(ps->pn->net, ps->sk, &fl);
	if (IS_ERR(dst))
		return dst;
	dst_cache_set_ip6(&strand->dst, dst, &fl.saddr);
	*saddr = fl.saddr;
	return dst;
}

/**
 * plait_strand_inner_mtu - the largest inner packet that the path takes
 * @strand: the strand, with a route found
 *
 * Where outer packets may be fragmented, an Ethernet is assumed, so that few
 * are.
 */
u32 plait_strand_inner_mtu(const struct plait_strand *strand)
{
	u32 headers = underlay_headers(strand->remote.family);
	u32 mtu = strand->fragment ? ETH_DATA_LEN : READ_ONCE(strand->path_mtu);

	return mtu - min(mtu, headers + PLAIT_OVERHEAD_MAX);
}

/* A route has another MTU than the one before: the device follows. */
static void learn_mtu(struct plait_dev *p, struct plait_strand *strand, u32 mtu)
{
	WRITE_ONCE(strand->path_mtu, mtu);
	WRITE_ONCE(p->path_mtu, strand->fragment ? PLAIT_MTU_MAX :
				plait_strand_inner_mtu(strand));
	plait_kick(p);
}

/* May this route be used for datagrams of @size octets? */
static enum plait_verdict judge_route(struct plait_dev *p,
				      struct plait_strand *strand,
				      struct dst_entry *dst, u32 size)
{
	u32 mtu;

	if (IS_ERR(dst))
		return PLAIT_DROP_TX_NOROUTE;
	if (dst->dev == p->dev)
		return PLAIT_DROP_TX_LOOP;
	mtu = dst_mtu(dst);
	if (unlikely(mtu != READ_ONCE(strand->path_mtu)))
		learn_mtu(p, strand, mtu);
	if (!strand->fragment &&
	    size + underlay_headers(strand->remote.family) > mtu)
		return PLAIT_DROP_TX_TOO_BIG;
	return PLAIT_OK;
}

/* Look a route up before there is anything to send, for its MTU. */
static void probe_route(struct plait_dev *p, struct plait_strand *strand)
{
	struct in6_addr saddr6;
	struct dst_entry *dst;
	__be32 saddr4;

	local_bh_disable();
	if (strand->remote.family == AF_INET)
		dst = route4(strand, &saddr4);
	else
		dst = route6(strand, &saddr6);
	judge_route(p, strand, dst, 0);
	if (!IS_ERR(dst))
		dst_release(dst);
	local_bh_enable();
}

/**
 * plait_strand_send - send datagrams
 * @p: the device
 * @strand: the strand
 * @skb: one datagram, or several with their GSO fields set; consumed
 * @datagrams: how many
 * @packets: how many packets they hold
 * @size: length of the longest
 * @dsfield: DS field of the outer header, ECN included
 *
 * Context: RCU read side, BHs off. Return: false if they were dropped, which
 * has been counted.
 */
bool plait_strand_send(struct plait_dev *p, struct plait_strand *strand,
		       struct sk_buff *skb, unsigned int datagrams,
		       unsigned int packets, u32 size, u8 dsfield)
{
	struct plait_socket *ps = strand->socket;
	struct in6_addr saddr6;
	enum plait_verdict why;
	struct dst_entry *dst;
	__be32 saddr4;

	if (strand->remote.family == AF_INET)
		dst = route4(strand, &saddr4);
	else
		dst = route6(strand, &saddr6);
	why = judge_route(p, strand, dst, size);
	if (unlikely(why != PLAIT_OK)) {
		if (!IS_ERR(dst))
			dst_release(dst);
		plait_drop(p, skb, why, packets);
		return false;
	}

	this_cpu_add(strand->stats->tx_datagrams, datagrams);
	this_cpu_add(strand->stats->tx_bytes, skb->len);
	/* We count for ourselves, so the tunnel code has no device to count. */
	skb->dev = NULL;
	skb->mark = strand->fwmark;
	skb->ignore_df = strand->fragment;
	skb->protocol = strand->remote.family == AF_INET ?
			htons(ETH_P_IP) : htons(ETH_P_IPV6);
	if (strand->remote.family == AF_INET)
		plait_compat_udp4_xmit(dst, ps->sk, skb, saddr4,
				       strand->remote.addr.v4.s_addr, dsfield,
				       strand->fragment ? 0 : htons(IP_DF),
				       ps->local.port, strand->remote.port);
	else
		plait_compat_udp6_xmit(dst, ps->sk, skb, &saddr6,
				       &strand->remote.addr.v6, dsfield,
				       ps->local.port, strand->remote.port);
	return true;
}

static int check_config(const struct plait_strand_config *c,
			struct netlink_ext_ack *extack)
{
	if (c->local.family != c->remote.family) {
		NL_SET_ERR_MSG(extack,
			       "local and remote address are of two families");
		return -EINVAL;
	}
	if (!c->local.port || !c->remote.port) {
		NL_SET_ERR_MSG(extack, "UDP port must be 1 to 65535");
		return -EINVAL;
	}
	if (c->remote.family == AF_INET ?
	    ipv4_is_zeronet(c->remote.addr.v4.s_addr) ||
	    ipv4_is_multicast(c->remote.addr.v4.s_addr) ||
	    ipv4_is_lbcast(c->remote.addr.v4.s_addr) :
	    ipv6_addr_any(&c->remote.addr.v6) ||
	    ipv6_addr_is_multicast(&c->remote.addr.v6)) {
		NL_SET_ERR_MSG(extack, "remote must be a unicast address");
		return -EINVAL;
	}
	if (c->remote.family == AF_INET6 &&
	    (ipv6_addr_v4mapped(&c->remote.addr.v6) ||
	     ipv6_addr_v4mapped(&c->local.addr.v6))) {
		NL_SET_ERR_MSG(extack,
			       "an IPv4 address in IPv6 form: give it as IPv4");
		return -EINVAL;
	}
	if (c->remote.family == AF_INET6 && !c->link &&
	    ipv6_addr_type(&c->remote.addr.v6) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG(extack,
			       "a link-local remote needs the underlay's interface");
		return -EINVAL;
	}
	return 0;
}

/**
 * plait_strand_permitted - may the caller change what is sent and where?
 * @p: the device
 * @extack: says what is wrong
 *
 * Sockets stay in the namespace where the device was created, so whoever has
 * the device in another one needs CAP_NET_ADMIN in the first too. Return: 0 or
 * -EPERM.
 */
int plait_strand_permitted(struct plait_dev *p, struct netlink_ext_ack *extack)
{
	if (!p->pn || rtnl_dev_link_net_capable(p->dev, p->pn->net))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "CAP_NET_ADMIN is needed where the device was created");
	return -EPERM;
}

static void strand_free(struct rcu_head *rcu)
{
	struct plait_strand *strand = container_of(rcu, struct plait_strand,
						   rcu);

	dst_cache_destroy(&strand->dst);
	free_percpu(strand->stats);
	kfree(strand);
}

/* Take back a strand that was published; senders may still be using it. */
static void retire(struct plait_strand *strand)
{
	plait_socket_put(strand->socket);
	call_rcu(&strand->rcu, strand_free);
}

/* A strand's successor goes on counting. */
static void inherit(struct plait_strand *strand, const struct plait_strand *old)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memcpy(per_cpu_ptr(strand->stats, cpu),
		       per_cpu_ptr(old->stats, cpu), sizeof(*strand->stats));
}

/*
 * Does a strand's own socket, which nobody else uses, hold the port that its
 * successor is to have on another address or interface?
 */
static bool stands_in_the_way(const struct plait_socket *ps,
			      const struct plait_endpoint *local)
{
	return ps->users == 1 && ps->local.family == local->family &&
	       ps->local.port == local->port;
}

/**
 * plait_strand_install - make a strand, or replace one
 * @p: the device
 * @id: the strand's number
 * @config: what it is made of
 * @extack: says what is wrong
 *
 * Must be called with RTNL held. Return: 0, or a negative errno with the old
 * strand, if any, still in its place, unless its socket had to make way.
 */
int plait_strand_install(struct plait_dev *p, u8 id,
			 const struct plait_strand_config *config,
			 struct netlink_ext_ack *extack)
{
	struct plait_strand *strand, *old;
	int err;

	ASSERT_RTNL();
	err = check_config(config, extack);
	if (err)
		return err;
	err = plait_strand_permitted(p, extack);
	if (err)
		return err;
	if (!p->pn) {
		NL_SET_ERR_MSG(extack,
			       "the device's first namespace is gone: nothing to send on");
		return -ENODEV;
	}

	strand = kzalloc(sizeof(*strand), GFP_KERNEL_ACCOUNT);
	if (!strand)
		return -ENOMEM;
	strand->id = id;
	strand->second = jiffies;
	strand->remote = config->remote;
	strand->fwmark = config->fwmark;
	strand->fragment = config->fragment;
	strand->stats = alloc_percpu_gfp(struct plait_strand_stats,
					 GFP_KERNEL_ACCOUNT);
	if (!strand->stats) {
		err = -ENOMEM;
		goto err_free;
	}
	err = dst_cache_init(&strand->dst, GFP_KERNEL_ACCOUNT);
	if (err)
		goto err_stats;
	old = rtnl_dereference(p->strands[id]);
	strand->socket = plait_socket_get(p->pn, &config->local, config->link,
					  extack);
	if (strand->socket == ERR_PTR(-EADDRINUSE) && old &&
	    stands_in_the_way(old->socket, &config->local)) {
		inherit(strand, old);
		plait_strand_remove(p, id);
		old = NULL;
		strand->socket = plait_socket_get(p->pn, &config->local,
						  config->link, extack);
	}
	if (IS_ERR(strand->socket)) {
		err = PTR_ERR(strand->socket);
		goto err_dst;
	}

	if (old)
		inherit(strand, old);
	rcu_assign_pointer(p->strands[id], strand);
	if (old)
		retire(old);
	plait_socket_mark(strand->socket, strand->fwmark);
	/* Nothing is known of the new path yet. */
	WRITE_ONCE(p->path_mtu, PLAIT_MTU_MAX);
	probe_route(p, strand);
	plait_mtu_follow(p);
	plait_update_carrier(p);
	plait_notify(p, PLAIT_EVENT_KIND_STRAND_CHANGED, strand, NULL);
	return 0;

err_dst:
	dst_cache_destroy(&strand->dst);
err_stats:
	free_percpu(strand->stats);
err_free:
	kfree(strand);
	return err;
}

/* Must be called with RTNL held. */
void plait_strand_remove(struct plait_dev *p, u8 id)
{
	struct plait_strand *strand = rtnl_dereference(p->strands[id]);

	if (!strand)
		return;
	RCU_INIT_POINTER(p->strands[id], NULL);
	WRITE_ONCE(p->path_mtu, PLAIT_MTU_MAX);
	plait_update_carrier(p);
	plait_notify(p, PLAIT_EVENT_KIND_STRAND_REMOVED, strand, NULL);
	retire(strand);
}

/**
 * plait_strand_failed - a datagram with a right header tag failed to open
 * @p: the device
 * @strand: the strand that it names
 *
 * Context: a receive NAPI.
 */
void plait_strand_failed(struct plait_dev *p, struct plait_strand *strand)
{
	this_cpu_inc(strand->stats->rx_failures);
	if (time_after(jiffies, READ_ONCE(strand->second) + HZ)) {
		WRITE_ONCE(strand->second, jiffies);
		atomic_set(&strand->spoilt, 0);
	}
	if (atomic_inc_return(&strand->spoilt) == PLAIT_SPOILT_RATE)
		plait_kick(p);
}

/* Tell of strands that are being spoilt, not too often. RTNL is held. */
void plait_strand_work(struct plait_dev *p)
{
	struct plait_strand *strand;
	unsigned int i;

	for (i = 0; i < PLAIT_STRANDS; i++) {
		strand = rtnl_dereference(p->strands[i]);
		if (!strand || atomic_read(&strand->spoilt) < PLAIT_SPOILT_RATE ||
		    time_after(jiffies, READ_ONCE(strand->second) + 2 * HZ))
			continue;
		if (strand->told &&
		    time_before(jiffies, strand->told + SPOILT_TOLD_S * HZ))
			continue;
		strand->told = jiffies ?: 1;
		plait_notify(p, PLAIT_EVENT_KIND_STRAND_SPOILT, strand, NULL);
	}
}

/* What a strand is made of, as plait_strand_install() takes it. */
void plait_strand_describe(const struct plait_strand *strand,
			   struct plait_strand_config *config)
{
	*config = (struct plait_strand_config) {
		.local = strand->socket->local,
		.remote = strand->remote,
		.link = strand->socket->link,
		.fwmark = strand->fwmark,
		.fragment = strand->fragment,
	};
}
