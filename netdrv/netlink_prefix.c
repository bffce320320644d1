// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the prefix object, source addresses that a device takes. */

#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "netlink.h"

static const struct nla_policy range_policy[PLAIT_A_RANGE_MAX + 1] = {
	[PLAIT_A_RANGE_ADDRESS] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[PLAIT_A_RANGE_LENGTH] = NLA_POLICY_MAX(NLA_U32, 128),
};

const struct nla_policy plait_prefix_policy[PLAIT_A_PREFIX_MAX + 1] = {
	[PLAIT_A_PREFIX_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &plait_ifindex_range),
	[PLAIT_A_PREFIX_ENTRY] = NLA_POLICY_NESTED(range_policy),
};

static const struct plait_nl_object prefix_object = {
	.policy = plait_prefix_policy,
	.attr = PLAIT_A_PREFIX,
	.max = PLAIT_A_PREFIX_MAX,
	.ifindex = PLAIT_A_PREFIX_IFINDEX,
};

static int parse_entry(const struct nlattr *entry, struct plait_prefix *prefix,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[PLAIT_A_RANGE_MAX + 1];
	struct plait_endpoint ep;
	int err;

	err = nla_parse_nested(tb, PLAIT_A_RANGE_MAX, entry, range_policy,
			       extack);
	if (err)
		return err;
	if (!tb[PLAIT_A_RANGE_ADDRESS] || !tb[PLAIT_A_RANGE_LENGTH]) {
		NL_SET_ERR_MSG_ATTR(extack, entry,
				    "a prefix needs address and length");
		return -EINVAL;
	}
	err = plait_nl_address(tb[PLAIT_A_RANGE_ADDRESS], &ep, extack);
	if (err)
		return err;
	*prefix = (struct plait_prefix) {
		.version = ep.family == AF_INET ? 4 : 6,
		.len = nla_get_u32(tb[PLAIT_A_RANGE_LENGTH]),
	};
	memcpy(prefix->addr, &ep.addr, nla_len(tb[PLAIT_A_RANGE_ADDRESS]));
	if (plait_prefix_valid(prefix))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, entry,
			    "length is beyond the address, or bits behind it are set");
	return -EINVAL;
}

/* A request about one prefix; RTNL is held on success. */
static struct plait_dev *prefix_begin(struct genl_info *info,
				      struct plait_prefix *prefix)
{
	struct nlattr *tb[PLAIT_A_PREFIX_MAX + 1];
	struct plait_dev *p = plait_nl_begin(info, &prefix_object, tb);
	int err;

	if (IS_ERR(p))
		return p;
	err = plait_nl_require(info, tb, PLAIT_A_PREFIX_ENTRY,
			       "prefix is missing");
	if (!err)
		err = parse_entry(tb[PLAIT_A_PREFIX_ENTRY], prefix,
				  info->extack);
	if (!err)
		return p;
	rtnl_unlock();
	return ERR_PTR(err);
}

int plait_nl_prefix_new(struct sk_buff *skb, struct genl_info *info)
{
	struct plait_prefix prefix;
	struct plait_dev *p = prefix_begin(info, &prefix);
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	err = plait_prefixes_add(p, &prefix, info->extack);
	rtnl_unlock();
	return err;
}

int plait_nl_prefix_del(struct sk_buff *skb, struct genl_info *info)
{
	struct plait_prefix prefix;
	struct plait_dev *p = prefix_begin(info, &prefix);
	int err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	err = plait_prefixes_del(p, &prefix, info->extack);
	rtnl_unlock();
	return err;
}

/* All entries of a request; @list has room for PLAIT_PREFIXES_MAX. */
static int parse_list(struct genl_info *info, struct plait_prefix *list)
{
	struct nlattr *entry;
	int err, left, n = 0;

	nla_for_each_nested(entry, info->attrs[PLAIT_A_PREFIX], left) {
		if (nla_type(entry) != PLAIT_A_PREFIX_ENTRY)
			continue;
		if (n == PLAIT_PREFIXES_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, entry,
					    "more than 1024 prefixes");
			return -E2BIG;
		}
		err = parse_entry(entry, &list[n], info->extack);
		if (err)
			return err;
		n++;
	}
	return n;
}

/* The whole list at once, so that no packet meets half of it. */
int plait_nl_prefix_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_PREFIX_MAX + 1];
	struct plait_prefix *list;
	struct plait_dev *p;
	int err;

	list = kvcalloc(PLAIT_PREFIXES_MAX, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	p = plait_nl_begin(info, &prefix_object, tb);
	err = PTR_ERR_OR_ZERO(p);
	if (!err) {
		err = parse_list(info, list);
		if (err >= 0)
			err = plait_prefixes_replace(p, list, err);
		rtnl_unlock();
	}
	kvfree(list);
	return err;
}

/* plait_fill_fn */
static int fill_prefix(struct sk_buff *skb, struct plait_dev *p, unsigned int i)
{
	const struct plait_prefixes *x = rtnl_dereference(p->prefixes);
	const struct plait_prefix *prefix = &x->list[i];
	struct nlattr *nest, *entry;

	if (i >= x->count)
		return 1;
	nest = nla_nest_start(skb, PLAIT_A_PREFIX);
	if (!nest ||
	    nla_put_u32(skb, PLAIT_A_PREFIX_IFINDEX, p->dev->ifindex))
		return -EMSGSIZE;
	entry = nla_nest_start(skb, PLAIT_A_PREFIX_ENTRY);
	if (!entry ||
	    nla_put(skb, PLAIT_A_RANGE_ADDRESS, prefix->version == 4 ? 4 : 16,
		    prefix->addr) ||
	    nla_put_u32(skb, PLAIT_A_RANGE_LENGTH, prefix->len))
		return -EMSGSIZE;
	nla_nest_end(skb, entry);
	nla_nest_end(skb, nest);
	return 0;
}

int plait_nl_prefix_get(struct sk_buff *skb, struct genl_info *info)
{
	struct plait_prefix prefix;
	struct plait_dev *p = prefix_begin(info, &prefix);
	int at, err;

	if (IS_ERR(p))
		return PTR_ERR(p);
	at = plait_prefixes_find(p, &prefix);
	if (at < 0) {
		NL_SET_ERR_MSG(info->extack, "the device has no such prefix");
		err = -ENOENT;
	} else {
		err = plait_nl_reply(info, PLAIT_CMD_PREFIX_GET, fill_prefix, p,
				     at);
	}
	rtnl_unlock();
	return err;
}

int plait_nl_prefix_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return plait_nl_dump(skb, cb, PLAIT_CMD_PREFIX_GET, &prefix_object,
			     fill_prefix);
}
