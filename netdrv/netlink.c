// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "plait": its table, what all objects share, and
 * the device object. Every request runs under RTNL.
 */

#include <linux/rtnetlink.h>

#include "netlink.h"

PLAIT_COMPAT_RANGE plait_ifindex_range = { .min = 1, .max = S32_MAX };

static const struct nla_policy device_policy[PLAIT_A_DEVICE_MAX + 1] = {
	[PLAIT_A_DEVICE_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &plait_ifindex_range),
	[PLAIT_A_DEVICE_IFNAME] = { .type = NLA_NUL_STRING,
				    .len = IFNAMSIZ - 1 },
	[PLAIT_A_DEVICE_LANES] = { .type = NLA_U32 },
	[PLAIT_A_DEVICE_WINDOW] = { .type = NLA_U32 },
};

static const struct nla_policy plait_policy[PLAIT_A_MAX + 1] = {
	[PLAIT_A_DEVICE] = NLA_POLICY_NESTED(device_policy),
	[PLAIT_A_STRAND] = NLA_POLICY_NESTED(plait_strand_policy),
	[PLAIT_A_KEY] = NLA_POLICY_NESTED(plait_key_policy),
};

/**
 * plait_nl_address - read an address of 4 or 16 octets
 * @attr: binary attribute
 * @ep: address and family are filled in
 * @extack: says what is wrong
 */
int plait_nl_address(const struct nlattr *attr, struct plait_endpoint *ep,
		     struct netlink_ext_ack *extack)
{
	switch (nla_len(attr)) {
	case sizeof(struct in_addr):
		ep->family = AF_INET;
		break;
	case sizeof(struct in6_addr):
		ep->family = AF_INET6;
		break;
	default:
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "an address has 4 or 16 octets");
		return -EINVAL;
	}
	memset(&ep->addr, 0, sizeof(ep->addr));
	memcpy(&ep->addr, nla_data(attr), nla_len(attr));
	return 0;
}

/* Must be called with RTNL held. Return: the device, or an ERR_PTR. */
struct plait_dev *plait_nl_device(struct net *net, struct nlattr *ifindex,
				  struct nlattr *ifname,
				  struct netlink_ext_ack *extack)
{
	struct net_device *dev = NULL;

	if (ifindex)
		dev = __dev_get_by_index(net, nla_get_u32(ifindex));
	else if (ifname)
		dev = __dev_get_by_name(net, nla_data(ifname));
	else
		NL_SET_ERR_MSG(extack, "device: ifindex or name is missing");
	if (!dev) {
		if (ifindex || ifname)
			NL_SET_ERR_MSG_ATTR(extack, ifindex ?: ifname,
					    "no such network device here");
		return ERR_PTR(ifindex || ifname ? -ENODEV : -EINVAL);
	}
	if (!plait_is_device(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, ifindex ?: ifname,
				    "not a device of kind plait");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return netdev_priv(dev);
}

/* Parse the object's nest of a request, checked by policy already. */
int plait_nl_nest(struct genl_info *info, int attr, int max,
		  const struct nla_policy *policy, struct nlattr **tb)
{
	if (!info->attrs[attr]) {
		NL_SET_ERR_MSG(info->extack,
			       "the request holds no object of its kind");
		return -EINVAL;
	}
	return nla_parse_nested(tb, max, info->attrs[attr], policy,
				info->extack);
}

/* Is a required attribute there? @message says what is missing. */
int plait_nl_require(struct genl_info *info, struct nlattr **tb, int attr,
		     const char *message)
{
	if (tb[attr])
		return 0;
	/* Constant text only: the macro keeps it in the module's image. */
	if (info->extack)
		info->extack->_msg = message;
	return -EINVAL;
}

/* Reply with one object. */
int plait_nl_reply(struct genl_info *info, u8 cmd, plait_fill_fn *fill,
		   struct plait_dev *p, unsigned int i)
{
	struct sk_buff *msg = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *hdr;
	int err;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &plait_genl_family, 0, cmd);
	err = hdr ? fill(msg, p, i) : -EMSGSIZE;
	if (err) {
		nlmsg_free(msg);
		return err > 0 ? -ENOENT : err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * plait_nl_dump - dump objects of one device or all
 * @skb: message under construction
 * @cb: args[0] is the device's place, args[1] the object's in the device
 * @cmd: of the messages
 * @ifindex: of the only device, or 0
 * @fill: fills object i of a device in
 */
int plait_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		  int ifindex, plait_fill_fn *fill)
{
	struct net *net = sock_net(skb->sk);
	struct net_device *dev;
	long at = 0;
	int err;

	rtnl_lock();
	for_each_netdev(net, dev) {
		if (at++ < cb->args[0])
			continue;
		while (plait_is_device(dev) &&
		       (!ifindex || dev->ifindex == ifindex)) {
			void *hdr = genlmsg_put(skb,
						NETLINK_CB(cb->skb).portid,
						cb->nlh->nlmsg_seq,
						&plait_genl_family,
						NLM_F_MULTI, cmd);

			err = hdr ? fill(skb, netdev_priv(dev), cb->args[1]) :
				    -EMSGSIZE;
			if (hdr && err)
				genlmsg_cancel(skb, hdr);
			if (err < 0)
				goto out;
			if (err)
				break;
			genlmsg_end(skb, hdr);
			cb->args[1]++;
		}
		cb->args[0] = at;
		cb->args[1] = 0;
	}
out:
	rtnl_unlock();
	return skb->len;
}

/* Of the objects whose dumps may name a device. */
#define DUMP_ATTRS_MAX 20
static_assert(DUMP_ATTRS_MAX >= PLAIT_A_STRAND_MAX);
static_assert(DUMP_ATTRS_MAX >= PLAIT_A_KEY_MAX);

/* The device that a dump is limited to, or 0; a negative errno. */
int plait_nl_dump_ifindex(struct netlink_callback *cb, int attr, int max,
			  const struct nla_policy *policy, int ifindex_attr)
{
	struct nlattr **attrs = plait_compat_dump_attrs(cb);
	struct nlattr *tb[DUMP_ATTRS_MAX + 1];
	int err;

	if (!attrs || !attrs[attr])
		return 0;
	err = nla_parse_nested(tb, max, attrs[attr], policy, cb->extack);
	if (err)
		return err;
	return tb[ifindex_attr] ? nla_get_u32(tb[ifindex_attr]) : 0;
}

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
	    nla_put_u32(skb, PLAIT_A_DEVICE_STRANDS, strand ? 1 : 0))
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

static int dev_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	u32 lanes = 1, window = PLAIT_WINDOW_SPAN_DEFAULT;
	struct net *net = genl_info_net(info);
	const char *name = "plait%d";
	struct net_device *dev;
	int err;

	err = plait_nl_nest(info, PLAIT_A_DEVICE, PLAIT_A_DEVICE_MAX,
			    device_policy, tb);
	if (err)
		return err;
	if (tb[PLAIT_A_DEVICE_IFNAME])
		name = nla_data(tb[PLAIT_A_DEVICE_IFNAME]);
	if (tb[PLAIT_A_DEVICE_LANES])
		lanes = nla_get_u32(tb[PLAIT_A_DEVICE_LANES]);
	if (tb[PLAIT_A_DEVICE_WINDOW])
		window = nla_get_u32(tb[PLAIT_A_DEVICE_WINDOW]);

	dev = alloc_netdev(plait_link_ops.priv_size, name, NET_NAME_USER,
			   plait_setup);
	if (!dev)
		return -ENOMEM;
	dev_net_set(dev, net);
	dev->rtnl_link_ops = &plait_link_ops;
	rtnl_lock();
	err = plait_configure(dev, net, lanes, window, info->extack);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_DEVICE_IFNAME],
				    "a device of this name exists");
	if (err)
		free_netdev(dev);
	else
		plait_nl_reply(info, PLAIT_CMD_DEVICE_GET, fill_device,
			       netdev_priv(dev), 0);
	rtnl_unlock();
	return err;
}

/* Parse a device request and find the device; RTNL is held on success. */
static struct plait_dev *dev_begin(struct genl_info *info, struct nlattr **tb)
{
	struct plait_dev *p;
	int err;

	err = plait_nl_nest(info, PLAIT_A_DEVICE, PLAIT_A_DEVICE_MAX,
			    device_policy, tb);
	if (err)
		return ERR_PTR(err);
	rtnl_lock();
	p = plait_nl_device(genl_info_net(info), tb[PLAIT_A_DEVICE_IFINDEX],
			    tb[PLAIT_A_DEVICE_IFNAME], info->extack);
	if (IS_ERR(p))
		rtnl_unlock();
	return p;
}

static int dev_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	struct plait_dev *p = dev_begin(info, tb);
	u32 window;
	int err = -EINVAL;

	if (IS_ERR(p))
		return PTR_ERR(p);
	window = tb[PLAIT_A_DEVICE_WINDOW] ?
		 nla_get_u32(tb[PLAIT_A_DEVICE_WINDOW]) : 0;
	if (tb[PLAIT_A_DEVICE_LANES]) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_DEVICE_LANES],
				    "lanes are fixed when the device is made");
	} else if (!tb[PLAIT_A_DEVICE_WINDOW]) {
		NL_SET_ERR_MSG(info->extack, "nothing to set: window");
	} else if (!plait_window_span_valid(window)) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_DEVICE_WINDOW],
				    "window must be a power of two, 64 to 262144");
	} else {
		p->window = window;
		err = 0;
	}
	rtnl_unlock();
	return err;
}

static int dev_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	struct plait_dev *p = dev_begin(info, tb);

	if (IS_ERR(p))
		return PTR_ERR(p);
	unregister_netdevice(p->dev);
	rtnl_unlock();
	return 0;
}

static int dev_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_DEVICE_MAX + 1];
	struct plait_dev *p = dev_begin(info, tb);
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	err = plait_nl_reply(info, PLAIT_CMD_DEVICE_GET, fill_device, p, 0);
	rtnl_unlock();
	return err;
}

static int dev_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return plait_nl_dump(skb, cb, PLAIT_CMD_DEVICE_GET, 0, fill_device);
}

/* CAP_NET_ADMIN in the namespace's user namespace for all but looking. */
#define CHANGE(command, handler) \
	{ .cmd = (command), .flags = GENL_UNS_ADMIN_PERM, .doit = (handler) }

static const struct genl_ops plait_ops[] = {
	CHANGE(PLAIT_CMD_DEVICE_NEW, dev_new),
	CHANGE(PLAIT_CMD_DEVICE_SET, dev_set),
	CHANGE(PLAIT_CMD_DEVICE_DEL, dev_del),
	{
		.cmd = PLAIT_CMD_DEVICE_GET,
		.doit = dev_get,
		.dumpit = dev_dump,
	},
	CHANGE(PLAIT_CMD_STRAND_NEW, plait_nl_strand_new),
	CHANGE(PLAIT_CMD_STRAND_SET, plait_nl_strand_set),
	CHANGE(PLAIT_CMD_STRAND_DEL, plait_nl_strand_del),
	{
		.cmd = PLAIT_CMD_STRAND_GET,
		.doit = plait_nl_strand_get,
		.dumpit = plait_nl_strand_dump,
	},
	CHANGE(PLAIT_CMD_KEY_NEW, plait_nl_key_new),
	CHANGE(PLAIT_CMD_KEY_SET, plait_nl_key_set),
	CHANGE(PLAIT_CMD_KEY_DEL, plait_nl_key_del),
	{
		.cmd = PLAIT_CMD_KEY_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.doit = plait_nl_key_get,
		.dumpit = plait_nl_key_dump,
	},
};

struct genl_family plait_genl_family __ro_after_init = {
	.name = PLAIT_FAMILY_NAME,
	.version = PLAIT_FAMILY_VERSION,
	.maxattr = PLAIT_A_MAX,
	.policy = plait_policy,
	.netnsok = true,
	.module = THIS_MODULE,
	.ops = plait_ops,
	.n_ops = ARRAY_SIZE(plait_ops),
};

int __init plait_genl_init(void)
{
	return genl_register_family(&plait_genl_family);
}

void plait_genl_exit(void)
{
	genl_unregister_family(&plait_genl_family);
}
