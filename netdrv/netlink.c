// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family "plait": its table and what all objects share.
 * Every request runs under RTNL.
 */

#include <linux/rtnetlink.h>

#include "netlink.h"

PLAIT_COMPAT_RANGE plait_ifindex_range = { .min = 1, .max = S32_MAX };

static const struct nla_policy plait_policy[PLAIT_A_MAX + 1] = {
	[PLAIT_A_DEVICE] = NLA_POLICY_NESTED(plait_device_policy),
	[PLAIT_A_STRAND] = NLA_POLICY_NESTED(plait_strand_policy),
	[PLAIT_A_KEY] = NLA_POLICY_NESTED(plait_key_policy),
	[PLAIT_A_PREFIX] = NLA_POLICY_NESTED(plait_prefix_policy),
	[PLAIT_A_FILTER] = NLA_POLICY_NESTED(plait_filter_policy),
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
static struct plait_dev *find_device(struct net *net, struct nlattr *ifindex,
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
int plait_nl_nest(struct genl_info *info, const struct plait_nl_object *o,
		  struct nlattr **tb)
{
	if (!info->attrs[o->attr]) {
		NL_SET_ERR_MSG(info->extack,
			       "the request holds no object of its kind");
		return -EINVAL;
	}
	return nla_parse_nested(tb, o->max, info->attrs[o->attr], o->policy,
				info->extack);
}

/**
 * plait_nl_begin - parse a request and find its device
 * @info: the request
 * @o: the object that it is about
 * @tb: filled in
 *
 * Return: the device, with RTNL held; an ERR_PTR without it.
 */
struct plait_dev *plait_nl_begin(struct genl_info *info,
				 const struct plait_nl_object *o,
				 struct nlattr **tb)
{
	struct plait_dev *p;
	int err;

	err = plait_nl_nest(info, o, tb);
	if (err)
		return ERR_PTR(err);
	rtnl_lock();
	p = find_device(genl_info_net(info), tb[o->ifindex],
			o->ifname ? tb[o->ifname] : NULL, info->extack);
	if (IS_ERR(p))
		rtnl_unlock();
	return p;
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

/* The most attributes that an object has. */
#define ATTRS_MAX 20
static_assert(ATTRS_MAX >= PLAIT_A_STRAND_MAX);
static_assert(ATTRS_MAX >= PLAIT_A_KEY_MAX);

/*
 * Counts what has changed in devices, so that a dump in several messages knows
 * whether it is of one piece. RTNL.
 */
static unsigned int changes;

/* Must be called with RTNL held, after strands, keys or prefixes changed. */
void plait_nl_changed(void)
{
	changes++;
}

/* The device that a dump is limited to, or 0; a negative errno. */
static int dump_ifindex(struct netlink_callback *cb,
			const struct plait_nl_object *o)
{
	struct nlattr **attrs = plait_compat_dump_attrs(cb);
	struct nlattr *tb[ATTRS_MAX + 1];
	int err;

	if (!attrs || !attrs[o->attr])
		return 0;
	err = nla_parse_nested(tb, o->max, attrs[o->attr], o->policy,
			       cb->extack);
	if (err)
		return err;
	return tb[o->ifindex] ? nla_get_u32(tb[o->ifindex]) : 0;
}

/**
 * plait_nl_dump - dump objects of one device or all
 * @skb: message under construction
 * @cb: args[0] is the device's place, args[1] the object's in the device
 * @cmd: of the messages
 * @o: the kind of object
 * @fill: fills object i of a device in
 *
 * What changes between two messages is told to user space, NLM_F_DUMP_INTR,
 * which asks again.
 */
int plait_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		  const struct plait_nl_object *o, plait_fill_fn *fill)
{
	struct net *net = sock_net(skb->sk);
	int ifindex = dump_ifindex(cb, o);
	struct net_device *dev;
	long at = 0;
	int err;

	if (ifindex < 0)
		return ifindex;
	rtnl_lock();
	cb->seq = READ_ONCE(net->dev_base_seq) + changes ?: 1;
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

			if (hdr)
				genl_dump_check_consistent(cb, hdr);
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

enum { EVENTS };

/* What is told carries receiver indices, as key get does: not for everybody. */
static const struct genl_multicast_group mcgrps[] = {
	[EVENTS] = {
		.name = PLAIT_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

static int fill_event(struct sk_buff *skb, const struct plait_dev *p,
		      enum plait_event_kind kind,
		      const struct plait_strand *strand,
		      const struct plait_epoch *epoch)
{
	struct nlattr *nest;

	if (nla_put_u32(skb, PLAIT_A_EVENT_KIND, kind))
		return -EMSGSIZE;
	nest = nla_nest_start(skb, PLAIT_A_DEVICE);
	if (!nest ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_IFINDEX, p->dev->ifindex) ||
	    nla_put_string(skb, PLAIT_A_DEVICE_IFNAME, p->dev->name) ||
	    nla_put_u32(skb, PLAIT_A_DEVICE_MTU, p->dev->mtu) ||
	    nla_put_u8(skb, PLAIT_A_DEVICE_CARRIER, netif_carrier_ok(p->dev)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	if (strand && plait_nl_put_strand(skb, p, strand))
		return -EMSGSIZE;
	return epoch ? plait_nl_put_key(skb, epoch) : 0;
}

/**
 * plait_notify - tell the events group
 * @p: the device
 * @kind: what has happened
 * @strand: to which strand, or NULL
 * @epoch: to which key epoch, or NULL
 *
 * Must be called with RTNL held. What cannot be told for want of memory shows
 * up at the listeners as an overrun.
 */
void plait_notify(struct plait_dev *p, enum plait_event_kind kind,
		  const struct plait_strand *strand,
		  const struct plait_epoch *epoch)
{
	struct net *net = dev_net(p->dev);
	struct sk_buff *msg;
	void *hdr;

	plait_nl_changed();
	if (!genl_has_listeners(&plait_genl_family, net, EVENTS))
		return;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		goto err_set;
	hdr = genlmsg_put(msg, 0, 0, &plait_genl_family, 0, PLAIT_CMD_EVENT);
	if (!hdr || fill_event(msg, p, kind, strand, epoch)) {
		nlmsg_free(msg);
		goto err_set;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&plait_genl_family, net, msg, 0, EVENTS,
				GFP_KERNEL);
	return;

err_set:
	genl_set_err(&plait_genl_family, net, 0, EVENTS, -ENOBUFS);
}

/* CAP_NET_ADMIN in the namespace's user namespace for all but looking. */
#define CHANGE(command, handler) \
	{ .cmd = (command), .flags = GENL_UNS_ADMIN_PERM, .doit = (handler) }

static const struct genl_ops plait_ops[] = {
	CHANGE(PLAIT_CMD_DEVICE_NEW, plait_nl_device_new),
	CHANGE(PLAIT_CMD_DEVICE_SET, plait_nl_device_set),
	CHANGE(PLAIT_CMD_DEVICE_DEL, plait_nl_device_del),
	{
		.cmd = PLAIT_CMD_DEVICE_GET,
		.doit = plait_nl_device_get,
		.dumpit = plait_nl_device_dump,
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
	CHANGE(PLAIT_CMD_PREFIX_NEW, plait_nl_prefix_new),
	CHANGE(PLAIT_CMD_PREFIX_SET, plait_nl_prefix_set),
	CHANGE(PLAIT_CMD_PREFIX_DEL, plait_nl_prefix_del),
	{
		.cmd = PLAIT_CMD_PREFIX_GET,
		.doit = plait_nl_prefix_get,
		.dumpit = plait_nl_prefix_dump,
	},
	/* A filter is the host's: it hears of all namespaces. */
	{
		.cmd = PLAIT_CMD_FILTER_TELL,
		.flags = GENL_ADMIN_PERM,
		.doit = plait_nl_filter_tell,
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
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
};

int __init plait_genl_init(void)
{
	return genl_register_family(&plait_genl_family);
}

void plait_genl_exit(void)
{
	genl_unregister_family(&plait_genl_family);
}
