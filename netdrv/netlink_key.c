// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the key object. Key bytes come in and never go out. */

#include <linux/rtnetlink.h>

#include "netlink.h"

/* Past what a policy's own 16 signed bits can say. */
static PLAIT_COMPAT_RANGE epoch_range = { .max = U16_MAX };

const struct nla_policy plait_key_policy[PLAIT_A_KEY_MAX + 1] = {
	[PLAIT_A_KEY_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32,
						      &plait_ifindex_range),
	[PLAIT_A_KEY_SESSION] = NLA_POLICY_MIN(NLA_U32, 1),
	[PLAIT_A_KEY_EPOCH] = NLA_POLICY_FULL_RANGE(NLA_U32, &epoch_range),
	[PLAIT_A_KEY_CIPHER] = { .type = NLA_U32 },
	[PLAIT_A_KEY_LOCAL_INDEX] = { .type = NLA_U32 },
	[PLAIT_A_KEY_REMOTE_INDEX] = { .type = NLA_U32 },
	[PLAIT_A_KEY_TX_KEY] = NLA_POLICY_EXACT_LEN(PLAIT_KEY_MATERIAL),
	[PLAIT_A_KEY_RX_KEY] = NLA_POLICY_EXACT_LEN(PLAIT_KEY_MATERIAL),
	[PLAIT_A_KEY_PEER_LANES] = NLA_POLICY_RANGE(NLA_U32, 1, 16),
	[PLAIT_A_KEY_TX_COUNTER] = { .type = NLA_U64 },
	[PLAIT_A_KEY_ACTIVE] = NLA_POLICY_MAX(NLA_U8, 1),
};

/* Parse a key request and find its device; RTNL is held on success. */
static struct plait_dev *key_begin(struct genl_info *info, struct nlattr **tb)
{
	struct plait_dev *p;
	int err;

	err = plait_nl_nest(info, PLAIT_A_KEY, PLAIT_A_KEY_MAX,
			    plait_key_policy, tb);
	if (!err)
		err = plait_nl_require(info, tb, PLAIT_A_KEY_SESSION,
				       "session is missing");
	if (!err)
		err = plait_nl_require(info, tb, PLAIT_A_KEY_EPOCH,
				       "epoch is missing");
	if (err)
		return ERR_PTR(err);
	rtnl_lock();
	p = plait_nl_device(genl_info_net(info), tb[PLAIT_A_KEY_IFINDEX], NULL,
			    info->extack);
	if (IS_ERR(p))
		rtnl_unlock();
	return p;
}

static int parse(struct genl_info *info, struct nlattr **tb,
		 struct plait_key_config *c)
{
	static const struct {
		int attr;
		const char *message;
	} required[] = {
		{ PLAIT_A_KEY_LOCAL_INDEX, "local receiver index is missing" },
		{ PLAIT_A_KEY_REMOTE_INDEX, "remote receiver index is missing" },
		{ PLAIT_A_KEY_TX_KEY, "key to seal with (tx) is missing" },
		{ PLAIT_A_KEY_RX_KEY, "key to open with (rx) is missing" },
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(required); i++) {
		err = plait_nl_require(info, tb, required[i].attr,
				       required[i].message);
		if (err)
			return err;
	}
	if (tb[PLAIT_A_KEY_CIPHER] &&
	    nla_get_u32(tb[PLAIT_A_KEY_CIPHER]) !=
	    PLAIT_CIPHER_CHACHA20POLY1305) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_KEY_CIPHER],
				    "cipher: this version has ChaCha20-Poly1305, 1");
		return -EOPNOTSUPP;
	}
	*c = (struct plait_key_config) {
		.session = nla_get_u32(tb[PLAIT_A_KEY_SESSION]),
		.epoch = nla_get_u32(tb[PLAIT_A_KEY_EPOCH]),
		.local_index = nla_get_u32(tb[PLAIT_A_KEY_LOCAL_INDEX]),
		.remote_index = nla_get_u32(tb[PLAIT_A_KEY_REMOTE_INDEX]),
		.peer_lanes = tb[PLAIT_A_KEY_PEER_LANES] ?
			      nla_get_u32(tb[PLAIT_A_KEY_PEER_LANES]) : 1,
		.tx_counter = tb[PLAIT_A_KEY_TX_COUNTER] ?
			      nla_get_u64(tb[PLAIT_A_KEY_TX_COUNTER]) : 0,
		.tx = nla_data(tb[PLAIT_A_KEY_TX_KEY]),
		.rx = nla_data(tb[PLAIT_A_KEY_RX_KEY]),
		.active = !tb[PLAIT_A_KEY_ACTIVE] ||
			  nla_get_u8(tb[PLAIT_A_KEY_ACTIVE]),
	};
	if (c->tx_counter > PLAIT_COUNTER_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_KEY_TX_COUNTER],
				    "counter must be below 2^56 - 1");
		return -EINVAL;
	}
	if (!memcmp(c->tx, c->rx, PLAIT_AEAD_KEY_LEN)) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_KEY_RX_KEY],
				    "the two directions need keys of their own: one key would use each nonce twice");
		return -EINVAL;
	}
	return 0;
}

static int key_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_KEY_MAX + 1];
	struct plait_key_config c;
	struct plait_dev *p;
	int err;

	p = key_begin(info, tb);
	if (IS_ERR(p))
		return PTR_ERR(p);
	err = parse(info, tb, &c);
	if (!err)
		err = plait_key_install(p, &c, info->extack);
	rtnl_unlock();
	return err;
}

/* Key bytes stay nowhere but in the epoch: the message is wiped. */
int plait_nl_key_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *nest = info->attrs[PLAIT_A_KEY];
	int err = key_new(skb, info);

	if (nest)
		memzero_explicit(nla_data(nest), nla_len(nest));
	return err;
}

static int missing(struct genl_info *info)
{
	NL_SET_ERR_MSG(info->extack,
		       "the device has no such session and key epoch");
	return -ENOENT;
}

/* The epoch that a request names, or NULL. */
static struct plait_epoch *named(struct plait_dev *p, struct nlattr **tb)
{
	return plait_key_find(p, nla_get_u32(tb[PLAIT_A_KEY_SESSION]),
			      nla_get_u32(tb[PLAIT_A_KEY_EPOCH]));
}

int plait_nl_key_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_KEY_MAX + 1];
	struct plait_epoch *e;
	struct plait_dev *p;
	int err = 0;

	p = key_begin(info, tb);
	if (IS_ERR(p))
		return PTR_ERR(p);
	e = named(p, tb);
	if (!e) {
		err = missing(info);
	} else if (!tb[PLAIT_A_KEY_ACTIVE] ||
		   !nla_get_u8(tb[PLAIT_A_KEY_ACTIVE])) {
		NL_SET_ERR_MSG(info->extack,
			       "an epoch can be made active; it is left by making another one active");
		err = -EINVAL;
	} else {
		plait_key_activate(e);
	}
	rtnl_unlock();
	return err;
}

int plait_nl_key_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_KEY_MAX + 1];
	struct plait_epoch *e;
	struct plait_dev *p;
	int err = 0;

	p = key_begin(info, tb);
	if (IS_ERR(p))
		return PTR_ERR(p);
	e = named(p, tb);
	if (e)
		plait_key_remove(e);
	else
		err = missing(info);
	rtnl_unlock();
	return err;
}

/* plait_fill_fn: the @i-th epoch of the live session */
static int fill_key(struct sk_buff *skb, struct plait_dev *p, unsigned int i)
{
	struct plait_session *s = rtnl_dereference(p->session);
	struct plait_epoch *e = NULL;
	struct nlattr *nest;
	unsigned int slot;

	for (slot = 0; s && slot < ARRAY_SIZE(s->epochs) && !e; slot++) {
		e = rtnl_dereference(s->epochs[slot]);
		if (e && i--)
			e = NULL;
	}
	if (!e)
		return 1;
	nest = nla_nest_start(skb, PLAIT_A_KEY);
	if (!nest ||
	    nla_put_u32(skb, PLAIT_A_KEY_IFINDEX, p->dev->ifindex) ||
	    nla_put_u32(skb, PLAIT_A_KEY_SESSION, s->number) ||
	    nla_put_u32(skb, PLAIT_A_KEY_EPOCH, e->id) ||
	    nla_put_u32(skb, PLAIT_A_KEY_CIPHER,
			PLAIT_CIPHER_CHACHA20POLY1305) ||
	    nla_put_u32(skb, PLAIT_A_KEY_LOCAL_INDEX, s->local_index) ||
	    nla_put_u32(skb, PLAIT_A_KEY_REMOTE_INDEX, s->remote_index) ||
	    nla_put_u32(skb, PLAIT_A_KEY_PEER_LANES, s->peer_lanes) ||
	    nla_put_u64_64bit(skb, PLAIT_A_KEY_TX_COUNTER,
			      READ_ONCE(e->tx_counter[0]), PLAIT_A_KEY_PAD) ||
	    nla_put_u8(skb, PLAIT_A_KEY_ACTIVE,
		       rtnl_dereference(s->tx) == e) ||
	    nla_put_u64_64bit(skb, PLAIT_A_KEY_OPEN_FAILURES,
			      atomic64_read(&e->open_failures),
			      PLAIT_A_KEY_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int plait_nl_key_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_KEY_MAX + 1];
	struct plait_session *s;
	struct plait_epoch *e;
	struct plait_dev *p;
	unsigned int i = 0;
	int err;

	p = key_begin(info, tb);
	if (IS_ERR(p))
		return PTR_ERR(p);
	e = named(p, tb);
	if (e) {
		s = e->session;
		/* In the odd slot, behind the even one's if that is filled. */
		if (e->id & 1 && rcu_access_pointer(s->epochs[0]))
			i = 1;
		err = plait_nl_reply(info, PLAIT_CMD_KEY_GET, fill_key, p, i);
	} else {
		err = missing(info);
	}
	rtnl_unlock();
	return err;
}

int plait_nl_key_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	int ifindex = plait_nl_dump_ifindex(cb, PLAIT_A_KEY, PLAIT_A_KEY_MAX,
					    plait_key_policy,
					    PLAIT_A_KEY_IFINDEX);

	if (ifindex < 0)
		return ifindex;
	return plait_nl_dump(skb, cb, PLAIT_CMD_KEY_GET, ifindex, fill_key);
}
