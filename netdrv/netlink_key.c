// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the key object. Key bytes come in and never go out. */

#include <crypto/algapi.h>
#include <linux/rtnetlink.h>

#include "netlink.h"

/* Past what a policy's own 16 signed bits can say. */
static PLAIT_COMPAT_RANGE epoch_range = { .max = U16_MAX };

const struct nla_policy plait_key_policy[PLAIT_A_KEY_MAX + 1] = {
	[PLAIT_A_KEY_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32,
						      &plait_ifindex_range),
	[PLAIT_A_KEY_SESSION] = NLA_POLICY_MIN(NLA_U32, 1),
	[PLAIT_A_KEY_EPOCH] = NLA_POLICY_FULL_RANGE(NLA_U32, &epoch_range),
	[PLAIT_A_KEY_CIPHER] = NLA_POLICY_MAX(NLA_U32, PLAIT_CIPHER_AES256GCM),
	[PLAIT_A_KEY_LOCAL_INDEX] = { .type = NLA_U32 },
	[PLAIT_A_KEY_REMOTE_INDEX] = { .type = NLA_U32 },
	[PLAIT_A_KEY_TX_KEY] = NLA_POLICY_EXACT_LEN(PLAIT_KEY_MATERIAL),
	[PLAIT_A_KEY_RX_KEY] = NLA_POLICY_EXACT_LEN(PLAIT_KEY_MATERIAL),
	[PLAIT_A_KEY_PEER_LANES] = NLA_POLICY_RANGE(NLA_U32, 1, 16),
	[PLAIT_A_KEY_TX_COUNTER] = { .type = NLA_U64 },
	[PLAIT_A_KEY_ACTIVE] = NLA_POLICY_MAX(NLA_U8, PLAIT_KEY_ON_RECEIPT),
	[PLAIT_A_KEY_SOFT_LIMIT] = { .type = NLA_U64 },
	[PLAIT_A_KEY_HARD_LIMIT] = { .type = NLA_U64 },
};

static const struct plait_nl_object key_object = {
	.policy = plait_key_policy,
	.attr = PLAIT_A_KEY,
	.max = PLAIT_A_KEY_MAX,
	.ifindex = PLAIT_A_KEY_IFINDEX,
};

/* Parse a key request and find its device; RTNL is held on success. */
static struct plait_dev *key_begin(struct genl_info *info, struct nlattr **tb)
{
	struct plait_dev *p = plait_nl_begin(info, &key_object, tb);
	int err;

	if (IS_ERR(p))
		return p;
	err = plait_nl_require(info, tb, PLAIT_A_KEY_SESSION,
			       "session is missing");
	if (!err)
		err = plait_nl_require(info, tb, PLAIT_A_KEY_EPOCH,
				       "epoch is missing");
	if (!err)
		return p;
	rtnl_unlock();
	return ERR_PTR(err);
}

static void wipe(const struct nlattr *attr)
{
	if (attr)
		memzero_explicit(nla_data(attr), nla_len(attr));
}

/*
 * The same for a key epoch that must be there; key octets that came along are
 * of no use.
 */
static struct plait_epoch *key_begin_existing(struct genl_info *info,
					      struct nlattr **tb)
{
	struct plait_dev *p = key_begin(info, tb);
	struct plait_epoch *e;

	if (IS_ERR(p))
		return ERR_CAST(p);
	wipe(tb[PLAIT_A_KEY_TX_KEY]);
	wipe(tb[PLAIT_A_KEY_RX_KEY]);
	e = plait_key_find(p, nla_get_u32(tb[PLAIT_A_KEY_SESSION]),
			   nla_get_u32(tb[PLAIT_A_KEY_EPOCH]));
	if (e)
		return e;
	rtnl_unlock();
	NL_SET_ERR_MSG(info->extack,
		       "the device has no such session and key epoch");
	return ERR_PTR(-ENOENT);
}

static u64 get_u64(const struct nlattr *attr, u64 otherwise)
{
	return attr ? nla_get_u64(attr) : otherwise;
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
	*c = (struct plait_key_config) {
		.session = nla_get_u32(tb[PLAIT_A_KEY_SESSION]),
		.epoch = nla_get_u32(tb[PLAIT_A_KEY_EPOCH]),
		.local_index = nla_get_u32(tb[PLAIT_A_KEY_LOCAL_INDEX]),
		.remote_index = nla_get_u32(tb[PLAIT_A_KEY_REMOTE_INDEX]),
		.peer_lanes = tb[PLAIT_A_KEY_PEER_LANES] ?
			      nla_get_u32(tb[PLAIT_A_KEY_PEER_LANES]) : 1,
		.cipher = tb[PLAIT_A_KEY_CIPHER] ?
			  nla_get_u32(tb[PLAIT_A_KEY_CIPHER]) : 0,
		.active = tb[PLAIT_A_KEY_ACTIVE] ?
			  nla_get_u8(tb[PLAIT_A_KEY_ACTIVE]) : PLAIT_KEY_ACTIVE,
		.tx_counter = get_u64(tb[PLAIT_A_KEY_TX_COUNTER], 0),
		.soft = get_u64(tb[PLAIT_A_KEY_SOFT_LIMIT], 0),
		.hard = get_u64(tb[PLAIT_A_KEY_HARD_LIMIT], 0),
		.tx = nla_data(tb[PLAIT_A_KEY_TX_KEY]),
		.rx = nla_data(tb[PLAIT_A_KEY_RX_KEY]),
	};
	if (c->cipher == PLAIT_CIPHER_ANY)
		c->cipher = PLAIT_CIPHER_CHACHA20POLY1305;
	if (c->tx_counter > PLAIT_COUNTER_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[PLAIT_A_KEY_TX_COUNTER],
				    "counter must be below 2^56 - 1");
		return -EINVAL;
	}
	if (!crypto_memneq(c->tx, c->rx, PLAIT_AEAD_KEY_LEN)) {
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

/* Key bytes stay nowhere but in the epoch: the whole message is wiped. */
int plait_nl_key_new(struct sk_buff *skb, struct genl_info *info)
{
	int err = key_new(skb, info);

	memzero_explicit(nlmsg_attrdata(info->nlhdr, GENL_HDRLEN),
			 nlmsg_attrlen(info->nlhdr, GENL_HDRLEN));
	return err;
}

/* Limits that the request does not name stay, if they can. */
static int set_limits(struct genl_info *info, struct nlattr **tb,
		      struct plait_epoch *e)
{
	u64 hard = get_u64(tb[PLAIT_A_KEY_HARD_LIMIT], e->hard);
	u64 soft = get_u64(tb[PLAIT_A_KEY_SOFT_LIMIT],
			   min_not_zero(e->soft, hard));

	return plait_epoch_set_limits(e, soft, hard, info->extack);
}

int plait_nl_key_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_KEY_MAX + 1];
	struct plait_epoch *e;
	bool limits;
	int err = 0;

	e = key_begin_existing(info, tb);
	if (IS_ERR(e))
		return PTR_ERR(e);
	limits = tb[PLAIT_A_KEY_SOFT_LIMIT] || tb[PLAIT_A_KEY_HARD_LIMIT];
	if (tb[PLAIT_A_KEY_ACTIVE] ?
	    nla_get_u8(tb[PLAIT_A_KEY_ACTIVE]) != PLAIT_KEY_ACTIVE : !limits) {
		NL_SET_ERR_MSG(info->extack,
			       "an epoch can be made active, or given limits; it is left by making another one active");
		err = -EINVAL;
	}
	if (!err && limits)
		err = set_limits(info, tb, e);
	if (!err && tb[PLAIT_A_KEY_ACTIVE])
		plait_key_activate(e);
	rtnl_unlock();
	return err;
}

int plait_nl_key_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_KEY_MAX + 1];
	struct plait_epoch *e = key_begin_existing(info, tb);

	if (IS_ERR(e))
		return PTR_ERR(e);
	plait_key_remove(e);
	rtnl_unlock();
	return 0;
}

/* A counter that no lane has used: lanes are at work, so it may be behind by now. */
static u64 next_counter(const struct plait_epoch *e)
{
	u64 next = 0;
	unsigned int i;

	for (i = 0; i < e->lane_count; i++)
		next = max(next, READ_ONCE(e->lanes[i].tx_counter));
	return next;
}

/* What user space must know to follow an epoch with the next one. */
int plait_nl_put_key(struct sk_buff *skb, const struct plait_epoch *e)
{
	const struct plait_session *s = e->session;
	struct nlattr *nest = nla_nest_start(skb, PLAIT_A_KEY);
	u8 active = PLAIT_KEY_INACTIVE;

	if (rtnl_dereference(s->p->tx) == e)
		active = PLAIT_KEY_ACTIVE;
	else if (test_bit(PLAIT_EPOCH_ON_RECEIPT, &e->flags))
		active = PLAIT_KEY_ON_RECEIPT;
	if (!nest ||
	    nla_put_u32(skb, PLAIT_A_KEY_IFINDEX, s->p->dev->ifindex) ||
	    nla_put_u32(skb, PLAIT_A_KEY_SESSION, s->number) ||
	    nla_put_u32(skb, PLAIT_A_KEY_EPOCH, e->id) ||
	    nla_put_u32(skb, PLAIT_A_KEY_CIPHER, e->tx.cipher) ||
	    nla_put_u32(skb, PLAIT_A_KEY_LOCAL_INDEX, s->local_index) ||
	    nla_put_u32(skb, PLAIT_A_KEY_REMOTE_INDEX, s->remote_index) ||
	    nla_put_u32(skb, PLAIT_A_KEY_PEER_LANES, s->peer_lanes) ||
	    nla_put_u64_64bit(skb, PLAIT_A_KEY_TX_COUNTER,
			      next_counter(e), PLAIT_A_KEY_PAD) ||
	    nla_put_u8(skb, PLAIT_A_KEY_ACTIVE, active) ||
	    nla_put_u64_64bit(skb, PLAIT_A_KEY_OPEN_FAILURES,
			      atomic64_read(&e->open_failures),
			      PLAIT_A_KEY_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_KEY_SOFT_LIMIT, e->soft,
			      PLAIT_A_KEY_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_KEY_HARD_LIMIT, e->hard,
			      PLAIT_A_KEY_PAD) ||
	    nla_put_u64_64bit(skb, PLAIT_A_KEY_SEALED, plait_epoch_sealed(e),
			      PLAIT_A_KEY_PAD) ||
	    nla_put_string(skb, PLAIT_A_KEY_DRIVER,
			   plait_aead_driver(&e->tx)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* plait_fill_fn: epochs by session and slot, those that are there */
static int fill_key(struct sk_buff *skb, struct plait_dev *p, unsigned int i)
{
	unsigned int at;

	for (at = 0; at < PLAIT_EPOCHS; at++) {
		const struct plait_epoch *e = plait_key_at(p, at);

		if (e && !i--)
			return plait_nl_put_key(skb, e);
	}
	return 1;
}

/* Which of fill_key()'s it is. */
static unsigned int place_of(const struct plait_epoch *e)
{
	const struct plait_dev *p = e->session->p;
	unsigned int at, i = 0;

	for (at = 0; at < PLAIT_EPOCHS; at++) {
		const struct plait_epoch *o = plait_key_at(p, at);

		if (o == e)
			break;
		i += !!o;
	}
	return i;
}

int plait_nl_key_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[PLAIT_A_KEY_MAX + 1];
	struct plait_epoch *e = key_begin_existing(info, tb);
	int err;

	if (IS_ERR(e))
		return PTR_ERR(e);
	err = plait_nl_reply(info, PLAIT_CMD_KEY_GET, fill_key, e->session->p,
			     place_of(e));
	rtnl_unlock();
	return err;
}

int plait_nl_key_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return plait_nl_dump(skb, cb, PLAIT_CMD_KEY_GET, &key_object, fill_key);
}
