// SPDX-License-Identifier: GPL-2.0
/* Generic netlink: the filter object, which is told everything again. */

#include <linux/rtnetlink.h>

#include "netlink.h"
#include "tell.h"

const struct nla_policy plait_filter_policy[PLAIT_A_FILTER_MAX + 1] = {
	[PLAIT_A_FILTER_UNSPEC] = { .type = NLA_REJECT },
};

static int fill_filter(struct sk_buff *skb, const struct plait_told_all *told)
{
	struct nlattr *nest = nla_nest_start(skb, PLAIT_A_FILTER);

	if (!nest ||
	    nla_put_u8(skb, PLAIT_A_FILTER_HEARD, told->heard) ||
	    nla_put_u32(skb, PLAIT_A_FILTER_SOCKETS, told->sockets) ||
	    nla_put_u32(skb, PLAIT_A_FILTER_LANES, told->lanes))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int plait_nl_filter_tell(struct sk_buff *skb, struct genl_info *info)
{
	struct plait_told_all told = {};
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	rtnl_lock();
	plait_tell_all(&told);
	rtnl_unlock();
	hdr = genlmsg_put_reply(msg, info, &plait_genl_family, 0,
				PLAIT_CMD_FILTER_TELL);
	err = hdr ? fill_filter(msg, &told) : -EMSGSIZE;
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}
