// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the strand object. */

#include <linux/rtnetlink.h>

#include "netlink.h"
#include "tell.h"

const struct nla_policy plait_strand_policy[PLAIT_A_STRAND_MAX + 1] = {
	[PLAIT_A_STRAND_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32,
							 &plait_ifindex_range),
	[PLAIT_A_STRAND_ID] = NLA_POLICY_MAX(NLA_U32, 255),
	[PLAIT_A_STRAND_LOCAL] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[PLAIT_A_STRAND_REMOTE] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[PLAIT_A_STRAND_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[PLAIT_A_STRAND_REMOTE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[PLAIT_A_STRAND_LINK] = { .type = NLA_U32 },
	[PLAIT_A_STRAND_FWMARK] = { .type = NLA_U32 },
	[PLAIT_A_STRAND_FRAGMENT] = NLA_POLICY_MAX(NLA_U8, 1),
};

static const struct plait_nl_object strand_object = {
	.policy = plait_strand_policy,
	.attr = PLAIT_A_STRAND,
	.max = PLAIT_A_STRAND_MAX,
	.ifindex = PLAIT_A_STRAND_IFINDEX,
};

/*
 * Parse a strand request and find device and strand, the latter NULL if there
 * is none; RTNL is held on success.
 */
static struct plait_dev *strand_begin(struct genl_info *info,
				      struct nlattr **tb, u8 *id,
				      struct plait_strand **strand)
{
	struct plait_dev *p = plait_nl_begin(info, &strand_object, tb);

	if (IS_ERR(p))
		return p;
	*id = tb[PLAIT_A_STRAND_ID] ? nla_get_u32(tb[PLAIT_A_STRAND_ID]) : 0;
	if (*id < PLAIT_STRANDS) {
		*strand = rtnl_dereference(p->strands[*id]);
		return p;
	}
	rtnl_unlock();
	NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_STRAND_ID],
			    "this version has one strand, number 0");
	return ERR_PTR(-EINVAL);
}

/* The same for a strand that must be there. */
static struct plait_dev *strand_begin_existing(struct genl_info *info,
					       struct nlattr **tb, u8 *id,
					       struct plait_strand **strand)
{
	struct plait_dev *p = strand_begin(info, tb, id, strand);

	if (IS_ERR(p) || *strand)
		return p;
	rtnl_unlock();
	NL_SET_ERR_MSG(info->extack, "the device has no strand of this number");
	return ERR_PTR(-ENOENT);
}

/**
 * plait_nl_strand_overlay - change a strand's configuration as asked
 * @c: the configuration
 * @o: what is asked; what is absent stays
 * @extack: says what is wrong
 *
 * A remote of the other family takes the local address with it; the remote
 * port follows the local one until it is given.
 */
int plait_nl_strand_overlay(struct plait_strand_config *c,
			    const struct plait_strand_overlay *o,
			    struct netlink_ext_ack *extack)
{
	int err;

	if (o->remote) {
		err = plait_nl_address(o->remote, &c->remote, extack);
		if (err)
			return err;
		if (c->local.family != c->remote.family)
			memset(&c->local.addr, 0, sizeof(c->local.addr));
		c->local.family = c->remote.family;
	}
	if (o->local) {
		err = plait_nl_address(o->local, &c->local, extack);
		if (err)
			return err;
	}
	if (o->port)
		c->local.port = o->port;
	if (o->remote_port)
		c->remote.port = o->remote_port;
	if (!c->remote.port)
		c->remote.port = c->local.port;
	if (o->link)
		c->link = nla_get_u32(o->link);
	if (o->fwmark)
		c->fwmark = nla_get_u32(o->fwmark);
	if (o->fragment)
		c->fragment = nla_get_u8(o->fragment);
	return 0;
}

static int parse(struct genl_info *info, struct nlattr **tb,
		 struct plait_strand_config *c)
{
	struct plait_strand_overlay o = {
		.local = tb[PLAIT_A_STRAND_LOCAL],
		.remote = tb[PLAIT_A_STRAND_REMOTE],
		.link = tb[PLAIT_A_STRAND_LINK],
		.fwmark = tb[PLAIT_A_STRAND_FWMARK],
		.fragment = tb[PLAIT_A_STRAND_FRAGMENT],
	};

	if (tb[PLAIT_A_STRAND_PORT])
		o.port = htons(nla_get_u16(tb[PLAIT_A_STRAND_PORT]));
	if (tb[PLAIT_A_STRAND_REMOTE_PORT])
		o.remote_port =
			htons(nla_get_u16(tb[PLAIT_A_STRAND_REMOTE_PORT]));
	return plait_nl_strand_overlay(c, &o, info->extack);
}

int plait_nl_strand_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_STRAND_MAX + 1];
	struct plait_strand_config c = {};
	struct plait_strand *strand;
	struct plait_dev *p;
	int err;
	u8 id;

	p = strand_begin(info, tb, &id, &strand);
	if (IS_ERR(p))
		return PTR_ERR(p);
	err = plait_nl_require(info, tb, PLAIT_A_STRAND_REMOTE,
			       "remote is missing");
	if (!err)
		err = plait_nl_require(info, tb, PLAIT_A_STRAND_PORT,
				       "port is missing");
	if (!err && strand) {
		NL_SET_ERR_MSG(info->extack,
			       "the device has this strand: set it, or delete it first");
		err = -EEXIST;
	}
	if (!err)
		err = parse(info, tb, &c);
	if (!err)
		err = plait_strand_install(p, id, &c, info->extack);
	rtnl_unlock();
	return err;
}

int plait_nl_strand_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_STRAND_MAX + 1];
	struct plait_strand_config c;
	struct plait_strand *strand;
	struct plait_dev *p;
	int err;
	u8 id;

	p = strand_begin_existing(info, tb, &id, &strand);
	if (IS_ERR(p))
		return PTR_ERR(p);
	plait_strand_describe(strand, &c);
	err = parse(info, tb, &c);
	if (!err)
		err = plait_strand_install(p, id, &c, info->extack);
	rtnl_unlock();
	return err;
}

int plait_nl_strand_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_STRAND_MAX + 1];
	struct plait_strand *strand;
	struct plait_dev *p;
	int err;
	u8 id;

	p = strand_begin_existing(info, tb, &id, &strand);
	if (IS_ERR(p))
		return PTR_ERR(p);
	err = plait_strand_permitted(p, info->extack);
	if (!err)
		plait_strand_remove(p, id);
	rtnl_unlock();
	return err;
}

static void sum_stats(const struct plait_strand *strand,
		      struct plait_strand_stats *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct plait_strand_stats *s =
			per_cpu_ptr(strand->stats, cpu);

		sum->tx_datagrams += READ_ONCE(s->tx_datagrams);
		sum->tx_bytes += READ_ONCE(s->tx_bytes);
		sum->rx_datagrams += READ_ONCE(s->rx_datagrams);
		sum->rx_bytes += READ_ONCE(s->rx_bytes);
		sum->rx_copies += READ_ONCE(s->rx_copies);
		sum->rx_failures += READ_ONCE(s->rx_failures);
	}
}

int plait_nl_put_strand(struct sk_buff *skb, const struct plait_dev *p,
			const struct plait_strand *strand)
{
	int len = strand->remote.family == AF_INET ? 4 : 16;
	struct plait_strand_stats s;
	struct nlattr *nest;

	sum_stats(strand, &s);
	nest = nla_nest_start(skb, PLAIT_A_STRAND);
	if (!nest ||
	    nla_put_u32(skb, PLAIT_A_STRAND_IFINDEX, p->dev->ifindex) ||
	    nla_put_u32(skb, PLAIT_A_STRAND_ID, strand->id) ||
	    nla_put(skb, PLAIT_A_STRAND_LOCAL, len,
		    &strand->socket->local.addr) ||
	    nla_put(skb, PLAIT_A_STRAND_REMOTE, len, &strand->remote.addr) ||
	    nla_put_u16(skb, PLAIT_A_STRAND_PORT,
			ntohs(strand->socket->local.port)) ||
	    nla_put_u16(skb, PLAIT_A_STRAND_REMOTE_PORT,
			ntohs(strand->remote.port)) ||
	    nla_put_u32(skb, PLAIT_A_STRAND_LINK, strand->socket->link) ||
	    nla_put_u32(skb, PLAIT_A_STRAND_FWMARK, strand->fwmark) ||
	    nla_put_u8(skb, PLAIT_A_STRAND_FRAGMENT, strand->fragment) ||
	    nla_put_u32(skb, PLAIT_A_STRAND_PATH_MTU,
			READ_ONCE(strand->path_mtu)) ||
	    nla_put_u64_64bit(skb, PLAIT_A_STRAND_TX_DATAGRAMS, s.tx_datagrams,
			      PLAIT_A_STRAND_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_STRAND_TX_BYTES, s.tx_bytes,
			      PLAIT_A_STRAND_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_STRAND_RX_DATAGRAMS, s.rx_datagrams,
			      PLAIT_A_STRAND_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_STRAND_RX_BYTES, s.rx_bytes,
			      PLAIT_A_STRAND_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_STRAND_RX_COPIES, s.rx_copies,
			      PLAIT_A_STRAND_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_STRAND_RX_FAILURES, s.rx_failures,
			      PLAIT_A_STRAND_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* plait_fill_fn */
static int fill_strand(struct sk_buff *skb, struct plait_dev *p, unsigned int i)
{
	struct plait_strand *strand = i < PLAIT_STRANDS ?
		rtnl_dereference(p->strands[i]) : NULL;

	if (strand)
		plait_tell_counts(p);

	return strand ? plait_nl_put_strand(skb, p, strand) : 1;
}

int plait_nl_strand_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_STRAND_MAX + 1];
	struct plait_strand *strand;
	struct plait_dev *p;
	int err;
	u8 id;

	p = strand_begin_existing(info, tb, &id, &strand);
	if (IS_ERR(p))
		return PTR_ERR(p);
	err = plait_nl_reply(info, PLAIT_CMD_STRAND_GET, fill_strand, p, id);
	rtnl_unlock();
	return err;
}

int plait_nl_strand_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return plait_nl_dump(skb, cb, PLAIT_CMD_STRAND_GET, &strand_object,
			     fill_strand);
}
