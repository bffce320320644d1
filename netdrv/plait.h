/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device and what a namespace has of plait. A device has lanes (lane.h),
 * sessions with key epochs (session.h) and strands (strand.h). Every published
 * pointer is RCU; every change happens under RTNL.
 */
#ifndef PLAIT_H
#define PLAIT_H

#include <linux/if_link.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "core/prefix.h"
#include "lane.h"
#include "session.h"
#include "strand.h"

/* Sessions that live side by side: the one that seals, and its forerunner. */
#define PLAIT_SESSIONS 2

/* Key epochs of a device: two a session. */
#define PLAIT_EPOCHS (2 * PLAIT_SESSIONS)

/**
 * struct plait_stats - what one CPU has counted
 * @drop: by enum plait_verdict
 * @event: by enum plait_event
 */
struct plait_stats {
	u64 drop[PLAIT_VERDICTS];
	u64 event[PLAIT_EVENT_COUNT];
};

/**
 * struct plait_net - a network namespace in which devices were created
 * @sessions: live sessions by receiver index; written under RTNL
 * @sockets: of struct plait_socket; RTNL
 * @devices: of struct plait_dev; RTNL
 * @net: the namespace
 */
struct plait_net {
	struct rhashtable sessions;
	struct list_head sockets;
	struct list_head devices;
	struct net *net;
};

extern unsigned int plait_net_id;
extern struct workqueue_struct *plait_wq;

static inline struct plait_net *plait_pernet(struct net *net)
{
	return net_generic(net, plait_net_id);
}

/**
 * struct plait_prefixes - source addresses that a device takes from its peer
 * @set: what packets are looked up in
 * @rcu: for freeing
 * @count: how many prefixes
 * @list: the prefixes as they were given; the set's ranges stand behind them
 */
struct plait_prefixes {
	struct plait_prefix_set set;
	struct rcu_head rcu;
	u32 count;
	struct plait_prefix list[];
};

/**
 * struct plait_dev - a device: netdev_priv() of kind "plait"
 * @dev: the netdev
 * @pn: namespace it was created in, where its sockets are; NULL once that is
 *	gone. RTNL
 * @node: in plait_net.devices; RTNL
 * @tx: the key epoch that seals, or NULL
 * @sessions: live sessions
 * @strands: by id
 * @prefixes: source addresses that it takes
 * @lanes: the lanes
 * @stats: per CPU
 * @work: does under RTNL what the data path has noticed
 * @lane_count: how many lanes
 * @tx_lanes: how many of them send: the peer may have fewer
 * @path_mtu: inner MTU of the strand's path, as far as known
 * @window: replay window of key epochs to come
 * @newest: which of @sessions came last; RTNL
 * @dscp: outer DSCP, or PLAIT_DSCP_INHERIT
 * @mtu_fixed: the MTU was given, and does not follow the path
 */
struct plait_dev {
	struct net_device *dev;
	struct plait_net *pn;
	struct list_head node;
	struct plait_epoch __rcu *tx;
	struct plait_session __rcu *sessions[PLAIT_SESSIONS];
	struct plait_strand __rcu *strands[PLAIT_STRANDS];
	struct plait_prefixes __rcu *prefixes;
	struct plait_lane *lanes;
	struct plait_stats __percpu *stats;
	struct work_struct work;
	u32 lane_count;
	u32 tx_lanes;
	u32 path_mtu;
	u32 window;
	u8 newest;
	u8 dscp;
	bool mtu_fixed;
};

/* device.c: the netdev. */
bool plait_is_device(const struct net_device *dev);
void plait_setup(struct net_device *dev);

/**
 * struct plait_device_config - what a device is made of
 * @lanes: how many lanes
 * @window: replay window
 * @dscp: outer DSCP, or PLAIT_DSCP_INHERIT
 */
struct plait_device_config {
	u32 lanes;
	u32 window;
	u8 dscp;
};

int plait_configure(struct net_device *dev, struct net *net,
		    const struct plait_device_config *config);
void plait_update_carrier(struct plait_dev *p);
void plait_detach(struct plait_dev *p);
void plait_kick(struct plait_dev *p);

/* link.c: rtnl kind "plait". */
extern struct rtnl_link_ops plait_link_ops;

/* mtu.c: what fits through the strand, and telling inner senders. */
u32 plait_mtu_default(sa_family_t family);
void plait_mtu_follow(struct plait_dev *p);
bool plait_mtu_too_big(struct plait_dev *p, struct sk_buff *skb);

/* stats.c: reading the counters. */
extern const struct ethtool_ops plait_ethtool_ops;
void plait_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *s);
int plait_stats_fill(struct sk_buff *skb, const struct plait_dev *p);

/* drop.c: the ends of packets. */
void plait_drop_count(struct plait_dev *p, enum plait_verdict why,
		      unsigned int n);
void plait_drop(struct plait_dev *p, struct sk_buff *skb,
		enum plait_verdict why, unsigned int n);
void plait_drop_free(struct sk_buff *skb, enum plait_verdict why);
void plait_drop_port(struct plait_socket *ps, struct sk_buff *skb,
		     enum plait_verdict why, unsigned int n);

static inline void plait_event_count(struct plait_dev *p, enum plait_event what,
				     unsigned int n)
{
	this_cpu_add(p->stats->event[what], n);
}

/* sysfs.c: /sys/class/net/DEV/plait. */
extern const struct attribute_group plait_sysfs_group;

/* prefixes.c: source addresses that a device takes. */
int plait_prefixes_init(struct plait_dev *p);
int plait_prefixes_replace(struct plait_dev *p, const struct plait_prefix *list,
			   u32 count);
int plait_prefixes_find(struct plait_dev *p, const struct plait_prefix *prefix);
int plait_prefixes_add(struct plait_dev *p, const struct plait_prefix *prefix,
		       struct netlink_ext_ack *extack);
int plait_prefixes_del(struct plait_dev *p, const struct plait_prefix *prefix,
		       struct netlink_ext_ack *extack);

/**
 * struct plait_device_overlay - what a request says of a device
 * @lanes: u32, or NULL
 * @window: u32, or NULL
 * @dscp: u8, or NULL
 */
struct plait_device_overlay {
	const struct nlattr *lanes;
	const struct nlattr *window;
	const struct nlattr *dscp;
};

/* netlink.c and its objects: generic netlink. */
int plait_nl_device_overlay(struct plait_device_config *c,
			    const struct plait_device_overlay *o,
			    struct netlink_ext_ack *extack);
int plait_nl_address(const struct nlattr *attr, struct plait_endpoint *ep,
		     struct netlink_ext_ack *extack);

/**
 * struct plait_strand_overlay - what a request says of a strand
 * @local: address, or NULL
 * @remote: address, or NULL
 * @link: ifindex (u32), or NULL
 * @fwmark: u32, or NULL
 * @fragment: u8, or NULL
 * @port: UDP port of this end, or 0
 * @remote_port: of the other end, or 0
 */
struct plait_strand_overlay {
	const struct nlattr *local;
	const struct nlattr *remote;
	const struct nlattr *link;
	const struct nlattr *fwmark;
	const struct nlattr *fragment;
	__be16 port;
	__be16 remote_port;
};

int plait_nl_strand_overlay(struct plait_strand_config *c,
			    const struct plait_strand_overlay *o,
			    struct netlink_ext_ack *extack);
void plait_notify(struct plait_dev *p, enum plait_event_kind kind,
		  const struct plait_strand *strand,
		  const struct plait_epoch *epoch);
void plait_nl_changed(void);
int plait_genl_init(void);
void plait_genl_exit(void);

#endif /* PLAIT_H */
