/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers that the objects of the generic netlink family share. */
#ifndef PLAIT_NETLINK_H
#define PLAIT_NETLINK_H

#include <net/genetlink.h>
#include <net/netlink.h>

#include "plait.h"
#include "uapi/plait.h"

extern struct genl_family plait_genl_family;
extern PLAIT_COMPAT_RANGE plait_ifindex_range;

/**
 * typedef plait_fill_fn - fill one object's attributes into a message
 * @skb: the message
 * @p: the device
 * @i: which of its objects, from 0
 *
 * Called with RTNL held. Return: 0, 1 if there is no such object any more (the
 * dump goes on with the next device), or -EMSGSIZE.
 */
typedef int plait_fill_fn(struct sk_buff *skb, struct plait_dev *p,
			  unsigned int i);

/* Helpers of every object. */
/**
 * struct plait_nl_object - how an object stands in a request
 * @policy: of its attributes
 * @attr: its nest at top level
 * @max: highest of its attributes
 * @ifindex: the one that names the device by number
 * @ifname: the one that names it by name, or 0
 */
struct plait_nl_object {
	const struct nla_policy *policy;
	u16 attr;
	u16 max;
	u16 ifindex;
	u16 ifname;
};

int plait_nl_nest(struct genl_info *info, const struct plait_nl_object *o,
		  struct nlattr **tb);
struct plait_dev *plait_nl_begin(struct genl_info *info,
				 const struct plait_nl_object *o,
				 struct nlattr **tb);
int plait_nl_require(struct genl_info *info, struct nlattr **tb, int attr,
		     const char *message);
int plait_nl_reply(struct genl_info *info, u8 cmd, plait_fill_fn *fill,
		   struct plait_dev *p, unsigned int i);
int plait_nl_dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		  const struct plait_nl_object *o, plait_fill_fn *fill);

/* Device. */
extern const struct nla_policy plait_device_policy[PLAIT_A_DEVICE_MAX + 1];
int plait_nl_device_new(struct sk_buff *skb, struct genl_info *info);
int plait_nl_device_set(struct sk_buff *skb, struct genl_info *info);
int plait_nl_device_del(struct sk_buff *skb, struct genl_info *info);
int plait_nl_device_get(struct sk_buff *skb, struct genl_info *info);
int plait_nl_device_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* Strand. */
extern const struct nla_policy plait_strand_policy[PLAIT_A_STRAND_MAX + 1];
int plait_nl_strand_new(struct sk_buff *skb, struct genl_info *info);
int plait_nl_strand_set(struct sk_buff *skb, struct genl_info *info);
int plait_nl_strand_del(struct sk_buff *skb, struct genl_info *info);
int plait_nl_strand_get(struct sk_buff *skb, struct genl_info *info);
int plait_nl_strand_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* Key. */
extern const struct nla_policy plait_key_policy[PLAIT_A_KEY_MAX + 1];
int plait_nl_key_new(struct sk_buff *skb, struct genl_info *info);
int plait_nl_key_set(struct sk_buff *skb, struct genl_info *info);
int plait_nl_key_del(struct sk_buff *skb, struct genl_info *info);
int plait_nl_key_get(struct sk_buff *skb, struct genl_info *info);
int plait_nl_key_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* Prefix. */
extern const struct nla_policy plait_prefix_policy[PLAIT_A_PREFIX_MAX + 1];
int plait_nl_prefix_new(struct sk_buff *skb, struct genl_info *info);
int plait_nl_prefix_set(struct sk_buff *skb, struct genl_info *info);
int plait_nl_prefix_del(struct sk_buff *skb, struct genl_info *info);
int plait_nl_prefix_get(struct sk_buff *skb, struct genl_info *info);
int plait_nl_prefix_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* Filter. */
extern const struct nla_policy plait_filter_policy[PLAIT_A_FILTER_MAX + 1];
int plait_nl_filter_tell(struct sk_buff *skb, struct genl_info *info);

/* Objects in messages of other kinds: events. */
int plait_nl_put_strand(struct sk_buff *skb, const struct plait_dev *p,
			const struct plait_strand *strand);
int plait_nl_put_key(struct sk_buff *skb, const struct plait_epoch *e);

#endif /* PLAIT_NETLINK_H */
