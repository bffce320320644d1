// SPDX-License-Identifier: GPL-2.0
/*
 * The netdev: rtnl kind "plait", its set-up, start, stop and end. A device
 * lives in any namespace; its sockets stay where it was created.
 */

#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>

#include "plait.h"
#include "uapi/plait.h"

/* What the stack may hand us: super-packets that send_gso() takes apart. */
#define PLAIT_FEATURES                                                        \
	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA |  \
	 NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN | NETIF_F_GSO_UDP_L4)

/*
 * 44 datagrams of an Ethernet's MTU fit into one outer super-packet, so TCP
 * makes ones of 44. What GRO made larger before forwarding, the core segments.
 */
#define PLAIT_GSO_SEGS 44

/* An Ethernet under the strand; the MTU can be set to suit another. */
#define PLAIT_UNDERLAY_MTU 1500u

static int plait_open_dev(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < p->lane_count; i++) {
		struct plait_lane *lane = &p->lanes[i];

		napi_enable(&lane->tx.napi);
		napi_enable(&lane->rx.napi);
		spin_lock_bh(&lane->rx.queue.lock);
		lane->rx.up = true;
		spin_unlock_bh(&lane->rx.queue.lock);
	}
	return 0;
}

static void purge_tx(struct plait_lane *lane)
{
	spin_lock_bh(&lane->tx.lock);
	__skb_queue_purge(&lane->tx.queue);
	lane->tx.queued = 0;
	spin_unlock_bh(&lane->tx.lock);
}

static int plait_stop_dev(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < p->lane_count; i++) {
		struct plait_lane *lane = &p->lanes[i];

		spin_lock_bh(&lane->rx.queue.lock);
		lane->rx.up = false;
		spin_unlock_bh(&lane->rx.queue.lock);
		napi_disable(&lane->rx.napi);
		napi_disable(&lane->tx.napi);
		plait_rx_purge(lane);
		purge_tx(lane);
		plait_pages_release(&lane->tx.pages);
		plait_pages_release(&lane->rx.pages);
		plait_pages_release(&lane->rx.bounce);
	}
	return 0;
}

/**
 * plait_update_carrier - carrier follows what traffic needs
 * @p: the device
 *
 * A device has carrier when it has a strand and a key that seals. Must be
 * called with RTNL held.
 */
void plait_update_carrier(struct plait_dev *p)
{
	struct plait_session *s = rtnl_dereference(p->session);

	if (s && rcu_access_pointer(s->tx) &&
	    rcu_access_pointer(p->strands[0]))
		netif_carrier_on(p->dev);
	else
		netif_carrier_off(p->dev);
}

/**
 * plait_detach - give back all that belongs to the creation namespace
 * @p: the device
 *
 * Must be called with RTNL held.
 */
void plait_detach(struct plait_dev *p)
{
	unsigned int i;

	if (!p->pn)
		return;
	plait_session_remove(p);
	for (i = 0; i < PLAIT_STRANDS; i++)
		plait_strand_remove(p, i);
	list_del(&p->node);
	WRITE_ONCE(p->pn, NULL);
}

static void lane_init(struct plait_dev *p, unsigned int id)
{
	struct plait_lane *lane = &p->lanes[id];

	lane->p = p;
	lane->id = id;
	spin_lock_init(&lane->tx.lock);
	__skb_queue_head_init(&lane->tx.queue);
	skb_queue_head_init(&lane->rx.queue);
	__skb_queue_head_init(&lane->rx.pending);
	INIT_LIST_HEAD(&lane->rx.list);
	netif_napi_add(p->dev, &lane->rx.napi, plait_rx_poll);
	netif_napi_add_tx(p->dev, &lane->tx.napi, plait_tx_poll);
}

/* ndo_init: what plait_free() frees. */
static int plait_init(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	p->stats = alloc_percpu(struct plait_stats);
	if (!p->stats)
		return -ENOMEM;
	p->lanes = kvcalloc(p->lane_count, sizeof(*p->lanes),
			    GFP_KERNEL_ACCOUNT);
	if (!p->lanes) {
		free_percpu(p->stats);
		return -ENOMEM;
	}
	for (i = 0; i < p->lane_count; i++)
		lane_init(p, i);
	return 0;
}

static void plait_uninit(struct net_device *dev)
{
	plait_detach(netdev_priv(dev));
}

static void plait_free(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < p->lane_count; i++) {
		netif_napi_del(&p->lanes[i].rx.napi);
		netif_napi_del(&p->lanes[i].tx.napi);
		/* Generic XDP may have queued one behind the stop. */
		purge_tx(&p->lanes[i]);
	}
	kvfree(p->lanes);
	free_percpu(p->stats);
}

static const struct net_device_ops plait_netdev_ops = {
	.ndo_init = plait_init,
	.ndo_open = plait_open_dev,
	.ndo_stop = plait_stop_dev,
	.ndo_uninit = plait_uninit,
	.ndo_start_xmit = plait_xmit,
	.ndo_get_stats64 = plait_get_stats64,
};

static const struct device_type plait_type = { .name = KBUILD_MODNAME };

bool plait_is_device(const struct net_device *dev)
{
	return dev->netdev_ops == &plait_netdev_ops;
}

void plait_setup(struct net_device *dev)
{
	dev->netdev_ops = &plait_netdev_ops;
	dev->ethtool_ops = &plait_ethtool_ops;
	SET_NETDEV_DEVTYPE(dev, &plait_type);
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->needed_headroom = LL_MAX_HEADER + sizeof(struct ipv6hdr) +
			       sizeof(struct udphdr) + PLAIT_HDR_LEN +
			       PLAIT_INNER_LEN;
	dev->needed_tailroom = PLAIT_AUTH_LEN + PLAIT_TRAIL;
	dev->features |= PLAIT_FEATURES;
	dev->hw_features |= PLAIT_FEATURES;
	plait_compat_lltx(dev);
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->mtu = PLAIT_UNDERLAY_MTU - sizeof(struct ipv6hdr) -
		   sizeof(struct udphdr) - PLAIT_OVERHEAD_MAX;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = PLAIT_MTU_MAX;
	netif_set_tso_max_segs(dev, PLAIT_GSO_SEGS);
	dev->needs_free_netdev = true;
	dev->priv_destructor = plait_free;
}

/**
 * plait_configure - make a device of a netdev and register it
 * @dev: from plait_setup()
 * @net: namespace that its sockets will live in
 * @lanes: how many lanes
 * @window: replay window
 * @extack: says what is wrong
 *
 * Must be called with RTNL held. Return: 0, or a negative errno with @dev to
 * be freed by the caller.
 */
int plait_configure(struct net_device *dev, struct net *net, u32 lanes,
		    u32 window, struct netlink_ext_ack *extack)
{
	struct plait_dev *p = netdev_priv(dev);
	int err;

	if (lanes < 1 || lanes > PLAIT_LANES) {
		NL_SET_ERR_MSG(extack, "lanes: this version has one");
		return -EINVAL;
	}
	if (!plait_window_span_valid(window)) {
		NL_SET_ERR_MSG(extack,
			       "window must be a power of two, 64 to 262144");
		return -EINVAL;
	}
	p->dev = dev;
	p->lane_count = lanes;
	p->window = window;
	netif_carrier_off(dev);
	err = register_netdevice(dev);
	if (err)
		return err;
	p->pn = plait_pernet(net);
	list_add_tail(&p->node, &p->pn->devices);
	return 0;
}

static const struct nla_policy plait_link_policy[IFLA_PLAIT_MAX + 1] = {
	[IFLA_PLAIT_LOCAL] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[IFLA_PLAIT_REMOTE] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[IFLA_PLAIT_PORT] = { .type = NLA_U16 },
	[IFLA_PLAIT_REMOTE_PORT] = { .type = NLA_U16 },
	[IFLA_PLAIT_LINK] = { .type = NLA_U32 },
	[IFLA_PLAIT_LANES] = { .type = NLA_U32 },
	[IFLA_PLAIT_WINDOW] = { .type = NLA_U32 },
};

/* The initial strand, where the attributes differ from @c as it is. */
static int parse_strand(struct nlattr *data[], struct plait_strand_config *c,
			struct netlink_ext_ack *extack)
{
	struct plait_strand_overlay o = {
		.local = data[IFLA_PLAIT_LOCAL],
		.remote = data[IFLA_PLAIT_REMOTE],
		.link = data[IFLA_PLAIT_LINK],
	};

	if (data[IFLA_PLAIT_PORT])
		o.port = nla_get_be16(data[IFLA_PLAIT_PORT]);
	if (data[IFLA_PLAIT_REMOTE_PORT])
		o.remote_port = nla_get_be16(data[IFLA_PLAIT_REMOTE_PORT]);
	return plait_nl_strand_overlay(c, &o, extack);
}

static bool wants_strand(struct nlattr *data[])
{
	return data && (data[IFLA_PLAIT_REMOTE] || data[IFLA_PLAIT_LOCAL] ||
			data[IFLA_PLAIT_PORT] || data[IFLA_PLAIT_REMOTE_PORT] ||
			data[IFLA_PLAIT_LINK]);
}

/* The MTU that the strand's family leaves on an Ethernet. */
static u32 default_mtu(sa_family_t family)
{
	u32 ip = family == AF_INET ? sizeof(struct iphdr) :
				     sizeof(struct ipv6hdr);

	return PLAIT_UNDERLAY_MTU - ip - sizeof(struct udphdr) -
	       PLAIT_OVERHEAD_MAX;
}

int plait_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
		  struct netlink_ext_ack *extack)
{
	struct net *net = rtnl_newlink_link_net(params);
	struct nlattr **data = params->data;
	struct plait_strand_config c = {};
	u32 lanes = 1, window = PLAIT_WINDOW_SPAN_DEFAULT;
	bool strand = wants_strand(data);
	int err;

	if (data && data[IFLA_PLAIT_LANES])
		lanes = nla_get_u32(data[IFLA_PLAIT_LANES]);
	if (data && data[IFLA_PLAIT_WINDOW])
		window = nla_get_u32(data[IFLA_PLAIT_WINDOW]);
	if (strand) {
		if (!data[IFLA_PLAIT_REMOTE]) {
			NL_SET_ERR_MSG(extack, "remote is missing");
			return -EINVAL;
		}
		if (!data[IFLA_PLAIT_PORT]) {
			NL_SET_ERR_MSG(extack, "port is missing");
			return -EINVAL;
		}
		err = parse_strand(data, &c, extack);
		if (err)
			return err;
		if (!params->tb[IFLA_MTU])
			dev->mtu = default_mtu(c.remote.family);
	}
	err = plait_configure(dev, net, lanes, window, extack);
	if (err || !strand)
		return err;
	err = plait_strand_install(netdev_priv(dev), 0, &c, extack);
	if (err)
		unregister_netdevice(dev);
	return err;
}

static int plait_changelink(struct net_device *dev, struct nlattr *tb[],
			    struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	struct plait_dev *p = netdev_priv(dev);
	struct plait_strand *strand = rtnl_dereference(p->strands[0]);
	struct plait_strand_config c = {};
	int err;

	if (!data)
		return 0;
	if (data[IFLA_PLAIT_LANES] &&
	    nla_get_u32(data[IFLA_PLAIT_LANES]) != p->lane_count) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_PLAIT_LANES],
				    "lanes are fixed when the device is made");
		return -EOPNOTSUPP;
	}
	if (data[IFLA_PLAIT_WINDOW] &&
	    !plait_window_span_valid(nla_get_u32(data[IFLA_PLAIT_WINDOW]))) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_PLAIT_WINDOW],
				    "window must be a power of two, 64 to 262144");
		return -EINVAL;
	}
	if (wants_strand(data)) {
		if (strand) {
			c.local = strand->socket->local;
			c.remote = strand->remote;
			c.link = strand->socket->link;
		} else if (!data[IFLA_PLAIT_REMOTE] || !data[IFLA_PLAIT_PORT]) {
			NL_SET_ERR_MSG(extack,
				       "the device has no strand: remote and port are needed");
			return -EINVAL;
		}
		err = parse_strand(data, &c, extack);
		if (!err)
			err = plait_strand_install(p, 0, &c, extack);
		if (err)
			return err;
	}
	if (data[IFLA_PLAIT_WINDOW])
		p->window = nla_get_u32(data[IFLA_PLAIT_WINDOW]);
	return 0;
}

static size_t plait_get_size(const struct net_device *dev)
{
	return 2 * nla_total_size(sizeof(struct in6_addr)) +
	       2 * nla_total_size(sizeof(__be16)) +
	       3 * nla_total_size(sizeof(u32));
}

static int plait_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct plait_dev *p = netdev_priv(dev);
	struct plait_strand *strand = rtnl_dereference(p->strands[0]);
	int len;

	if (nla_put_u32(skb, IFLA_PLAIT_LANES, p->lane_count) ||
	    nla_put_u32(skb, IFLA_PLAIT_WINDOW, p->window))
		return -EMSGSIZE;
	if (!strand)
		return 0;
	len = strand->remote.family == AF_INET ? 4 : 16;
	if (nla_put(skb, IFLA_PLAIT_LOCAL, len, &strand->socket->local.addr) ||
	    nla_put(skb, IFLA_PLAIT_REMOTE, len, &strand->remote.addr) ||
	    nla_put_be16(skb, IFLA_PLAIT_PORT, strand->socket->local.port) ||
	    nla_put_be16(skb, IFLA_PLAIT_REMOTE_PORT, strand->remote.port) ||
	    nla_put_u32(skb, IFLA_PLAIT_LINK, strand->socket->link))
		return -EMSGSIZE;
	return 0;
}

static size_t plait_get_xstats_size(const struct net_device *dev)
{
	return nla_total_size(0) +
	       (PLAIT_VERDICTS + PLAIT_EVENT_COUNT) * nla_total_size_64bit(8);
}

static int plait_fill_xstats(struct sk_buff *skb, const struct net_device *dev)
{
	struct nlattr *nest = nla_nest_start(skb, IFLA_INFO_XSTATS);

	if (!nest || plait_stats_fill(skb, netdev_priv(dev)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static struct net *plait_get_link_net(const struct net_device *dev)
{
	const struct plait_dev *p = netdev_priv(dev);

	return p->pn ? p->pn->net : dev_net(dev);
}

struct rtnl_link_ops plait_link_ops __read_mostly = {
	.kind = KBUILD_MODNAME,
	.priv_size = sizeof(struct plait_dev),
	.setup = plait_setup,
	.maxtype = IFLA_PLAIT_MAX,
	.policy = plait_link_policy,
	.newlink = plait_compat_newlink,
	.changelink = plait_changelink,
	.get_size = plait_get_size,
	.fill_info = plait_fill_info,
	.get_xstats_size = plait_get_xstats_size,
	.fill_xstats = plait_fill_xstats,
	.get_link_net = plait_get_link_net,
};
