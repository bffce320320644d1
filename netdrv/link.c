// SPDX-License-Identifier: GPL-2.0
/*
 * rtnl kind "plait": what `ip link add`, `set` and `show` say of a device and
 * its initial strand.
 */

#include <linux/rtnetlink.h>
#include <net/rtnetlink.h>

#include "plait.h"

static const struct nla_policy plait_link_policy[IFLA_PLAIT_MAX + 1] = {
	[IFLA_PLAIT_LOCAL] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[IFLA_PLAIT_REMOTE] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[IFLA_PLAIT_PORT] = { .type = NLA_U16 },
	[IFLA_PLAIT_REMOTE_PORT] = { .type = NLA_U16 },
	[IFLA_PLAIT_LINK] = { .type = NLA_U32 },
	[IFLA_PLAIT_LANES] = { .type = NLA_U32 },
	[IFLA_PLAIT_WINDOW] = { .type = NLA_U32 },
	[IFLA_PLAIT_FWMARK] = { .type = NLA_U32 },
	[IFLA_PLAIT_DSCP] = { .type = NLA_U8 },
	[IFLA_PLAIT_FRAGMENT] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* The initial strand, where the attributes differ from @c as it is. */
static int parse_strand(struct nlattr *data[], struct plait_strand_config *c,
			struct netlink_ext_ack *extack)
{
	struct plait_strand_overlay o = {
		.local = data[IFLA_PLAIT_LOCAL],
		.remote = data[IFLA_PLAIT_REMOTE],
		.link = data[IFLA_PLAIT_LINK],
		.fwmark = data[IFLA_PLAIT_FWMARK],
		.fragment = data[IFLA_PLAIT_FRAGMENT],
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
			data[IFLA_PLAIT_LINK] || data[IFLA_PLAIT_FWMARK] ||
			data[IFLA_PLAIT_FRAGMENT]);
}

/* Where the attributes differ from @c as it is. */
static int parse_device(struct nlattr *data[], struct plait_device_config *c,
			struct netlink_ext_ack *extack)
{
	struct plait_device_overlay o = {};

	if (data) {
		o.lanes = data[IFLA_PLAIT_LANES];
		o.window = data[IFLA_PLAIT_WINDOW];
		o.dscp = data[IFLA_PLAIT_DSCP];
	}
	return plait_nl_device_overlay(c, &o, extack);
}

int plait_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
		  struct netlink_ext_ack *extack)
{
	struct net *net = rtnl_newlink_link_net(params);
	struct nlattr **data = params->data;
	struct plait_device_config device = {
		.lanes = 1,
		.window = PLAIT_WINDOW_SPAN_DEFAULT,
	};
	struct plait_dev *p = netdev_priv(dev);
	struct plait_strand_config c = {};
	bool strand = wants_strand(data);
	int err;

	err = parse_device(data, &device, extack);
	if (err)
		return err;
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
	}
	p->mtu_fixed = params->tb[IFLA_MTU];
	err = plait_configure(dev, net, &device);
	if (err || !strand)
		return err;
	err = plait_strand_install(p, 0, &c, extack);
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
	struct plait_device_config device = {
		.lanes = p->lane_count,
		.window = p->window,
		.dscp = p->dscp,
	};
	struct plait_strand_config c = {};
	int err;

	err = parse_device(data, &device, extack);
	if (err || !data)
		return err;
	if (device.lanes != p->lane_count) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_PLAIT_LANES],
				    "lanes are fixed when the device is made");
		return -EOPNOTSUPP;
	}
	if (wants_strand(data)) {
		if (strand) {
			plait_strand_describe(strand, &c);
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
	WRITE_ONCE(p->window, device.window);
	WRITE_ONCE(p->dscp, device.dscp);
	return 0;
}

static size_t plait_get_size(const struct net_device *dev)
{
	return 2 * nla_total_size(sizeof(struct in6_addr)) +
	       2 * nla_total_size(sizeof(__be16)) +
	       4 * nla_total_size(sizeof(u32)) +
	       2 * nla_total_size(sizeof(u8));
}

static int plait_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct plait_dev *p = netdev_priv(dev);
	struct plait_strand *strand = rtnl_dereference(p->strands[0]);
	int len;

	if (nla_put_u32(skb, IFLA_PLAIT_LANES, p->lane_count) ||
	    nla_put_u32(skb, IFLA_PLAIT_WINDOW, p->window) ||
	    nla_put_u8(skb, IFLA_PLAIT_DSCP, p->dscp))
		return -EMSGSIZE;
	if (!strand)
		return 0;
	len = strand->remote.family == AF_INET ? 4 : 16;
	if (nla_put(skb, IFLA_PLAIT_LOCAL, len, &strand->socket->local.addr) ||
	    nla_put(skb, IFLA_PLAIT_REMOTE, len, &strand->remote.addr) ||
	    nla_put_be16(skb, IFLA_PLAIT_PORT, strand->socket->local.port) ||
	    nla_put_be16(skb, IFLA_PLAIT_REMOTE_PORT, strand->remote.port) ||
	    nla_put_u32(skb, IFLA_PLAIT_LINK, strand->socket->link) ||
	    nla_put_u32(skb, IFLA_PLAIT_FWMARK, strand->fwmark) ||
	    nla_put_u8(skb, IFLA_PLAIT_FRAGMENT, strand->fragment))
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

/* Room for as many lanes as a device may have. */
static unsigned int plait_queues_max(void)
{
	return PLAIT_LANES_MAX;
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
	.get_num_tx_queues = plait_queues_max,
	.get_num_rx_queues = plait_queues_max,
};
