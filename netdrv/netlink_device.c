// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the device object. */

#include <linux/rtnetlink.h>

#include "netlink.h"

const struct nla_policy plait_device_policy[PLAIT_A_DEVICE_MAX + 1] = {
	[PLAIT_A_DEVICE_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &plait_ifindex_range),
	[PLAIT_A_DEVICE_IFNAME] = { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	[PLAIT_A_DEVICE_LANES] = { .type = NLA_U32 },
	[PLAIT_A_DEVICE_WINDOW] = { .type = NLA_U32 },
	[PLAIT_A_DEVICE_DSCP] = { .type = NLA_U8 },
	[PLAIT_A_DEVICE_MTU_FIXED] = NLA_POLICY_MAX(NLA_U8, 1),
};

static const struct plait_nl_object device_object = {
	.policy = plait_device_policy,
	.attr = PLAIT_A_DEVICE,
	.max = PLAIT_A_DEVICE_MAX,
	.ifindex = PLAIT_A_DEVICE_IFINDEX,
	.ifname = PLAIT_A_DEVICE_IFNAME,
};

static int fill_device(struct sk_buff *skb, struct plait_dev *p,
		       unsigned int i)
{
	struct plait_strand *strand = rtnl_dereference(p->strands[0]);
	struct nlattr *nest, *stats;

	if (i)
		return 1;
	nest = nla_nest_start(skb, PLAIT_A_DEVICE);
	if (!nest ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_IFINDEX, p->dev->ifindex) ||
	    nla_put_string(skb, PLAIT_A_DEVICE_IFNAME, p->dev->name) ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_LANES, p->lane_count) ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_WINDOW, p->window) ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_MTU, p->dev->mtu) ||
	    nla_put_u8(skb, PLAIT_A_DEVICE_CARRIER,
		       netif_carrier_ok(p->dev)) ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_STRANDS, strand ? 1 : 0) ||
	    nla_put_u8(skb, PLAIT_A_DEVICE_DSCP, p->dscp) ||
	    nla_put_u8(skb, PLAIT_A_DEVICE_MTU_FIXED, p->mtu_fixed) ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_PREFIXES,
			rtnl_dereference(p->prefixes)->count))
		return -EMSGSIZE;
	if (strand && nla_put_u16(skb, PLAIT_A_DEVICE_PORT,
				  ntohs(strand->socket->local.port)))
		return -EMSGSIZE;
	stats = nla_nest_start(skb, PLAIT_A_DEVICE_STATS);
	if (!stats || plait_stats_fill(skb, p))
		return -EMSGSIZE;
	nla_nest_end(skb, stats);
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * plait_nl_device_overlay - change a device's description as a request asks
 * @c: the description
 * @o: what the request says
 * @extack: says what is wrong, and with which attribute
 *
 * Return: 0 or -EINVAL.
 */
int plait_nl_device_overlay(struct plait_device_config *c,
			    const struct plait_device_overlay *o,
			    struct netlink_ext_ack *extack)
{
	if (o->lanes)
		c->lanes = nla_get_u32(o->lanes);
	if (c->lanes < 1 || c->lanes > PLAIT_LANES_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, o->lanes, "lanes must be 1 to 16");
		return -EINVAL;
	}
	if (o->window)
		c->window = nla_get_u32(o->window);
	if (!plait_window_span_valid(c->window)) {
		NL_SET_ERR_MSG_ATTR(extack, o->window,
				    "window must be a power of two, 64 to 262144");
		return -EINVAL;
	}
	if (o->dscp)
		c->dscp = nla_get_u8(o->dscp);
	if (c->dscp > 63 && c->dscp != PLAIT_DSCP_INHERIT) {
		NL_SET_ERR_MSG_ATTR(extack, o->dscp,
				    "dscp must be 0 to 63, or 255 to take over the inner packet's");
		return -EINVAL;
	}
	return 0;
}

static int parse(struct nlattr **tb, struct plait_device_config *c,
		 struct netlink_ext_ack *extack)
{
	const struct plait_device_overlay o = {
		.lanes = tb[PLAIT_A_DEVICE_LANES],
		.window = tb[PLAIT_A_DEVICE_WINDOW],
		.dscp = tb[PLAIT_A_DEVICE_DSCP],
	};

	return plait_nl_device_overlay(c, &o, extack);
}

int plait_nl_device_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	struct plait_device_config c = {
		.lanes = 1,
		.window = PLAIT_WINDOW_SPAN_DEFAULT,
	};
	struct net *net = genl_info_net(info);
	const char *name = "plait%d";
	struct net_device *dev;
	int err;

	err = plait_nl_nest(info, &device_object, tb);
	if (!err)
		err = parse(tb, &c, info->extack);
	if (err)
		return err;
	if (tb[PLAIT_A_DEVICE_IFNAME])
		name = nla_data(tb[PLAIT_A_DEVICE_IFNAME]);
	if (!dev_valid_name(name)) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_DEVICE_IFNAME],
				    "not a name for a network device");
		return -EINVAL;
	}

	dev = alloc_netdev_mqs(plait_link_ops.priv_size, name, NET_NAME_USER,
			       plait_setup, c.lanes, c.lanes);
	if (!dev)
		return -ENOMEM;
	dev_net_set(dev, net);
	dev->rtnl_link_ops = &plait_link_ops;
	rtnl_lock();
	err = plait_configure(dev, net, &c);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_DEVICE_IFNAME],
				    "a device of this name exists");
	if (err)
		free_netdev(dev);
	else
		plait_nl_reply(info, PLAIT_CMD_DEVICE_NEW, fill_device,
			       netdev_priv(dev), 0);
	rtnl_unlock();
	return err;
}

int plait_nl_device_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	struct plait_dev *p = plait_nl_begin(info, &device_object, tb);
	struct plait_device_config c;
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	c = (struct plait_device_config) {
		.lanes = p->lane_count,
		.window = p->window,
		.dscp = p->dscp,
	};
	err = parse(tb, &c, info->extack);
	if (!err && c.lanes != p->lane_count) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_DEVICE_LANES],
				    "lanes are fixed when the device is made");
		err = -EOPNOTSUPP;
	}
	if (!err && !tb[PLAIT_A_DEVICE_WINDOW] && !tb[PLAIT_A_DEVICE_DSCP] &&
	    !tb[PLAIT_A_DEVICE_MTU_FIXED] && !tb[PLAIT_A_DEVICE_LANES]) {
		NL_SET_ERR_MSG(info->extack,
			       "nothing to set: window, dscp or mtu-fixed");
		err = -EINVAL;
	}
	if (!err) {
		WRITE_ONCE(p->window, c.window);
		WRITE_ONCE(p->dscp, c.dscp);
		if (tb[PLAIT_A_DEVICE_MTU_FIXED])
			p->mtu_fixed = nla_get_u8(tb[PLAIT_A_DEVICE_MTU_FIXED]);
		plait_mtu_follow(p);
	}
	rtnl_unlock();
	return err;
}

int plait_nl_device_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	struct plait_dev *p = plait_nl_begin(info, &device_object, tb);

	if (IS_ERR(p))
		return PTR_ERR(p);
	unregister_netdevice(p->dev);
	rtnl_unlock();
	return 0;
}

int plait_nl_device_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	struct plait_dev *p = plait_nl_begin(info, &device_object, tb);
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	err = plait_nl_reply(info, PLAIT_CMD_DEVICE_GET, fill_device, p, 0);
	rtnl_unlock();
	return err;
}

int plait_nl_device_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return plait_nl_dump(skb, cb, PLAIT_CMD_DEVICE_GET, &device_object,
			     fill_device);
}

