/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets and strands: where datagrams come in and go out. A socket belongs to
 * a namespace and is shared; a strand is one underlay path of a device.
 */
#ifndef PLAIT_STRAND_H
#define PLAIT_STRAND_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/workqueue.h>
#include <net/dst_cache.h>

#include "core/wire.h"

/* A strand of which more fail to open a second is being spoilt by somebody. */
#define PLAIT_SPOILT_RATE 100

struct plait_dev;
struct plait_net;
struct plait_stats;

union plait_addr {
	struct in_addr v4;
	struct in6_addr v6;
};

/**
 * struct plait_endpoint - an address and port of the underlay
 * @addr: address; all zero: any
 * @port: UDP port
 * @family: AF_INET or AF_INET6
 */
struct plait_endpoint {
	union plait_addr addr;
	__be16 port;
	sa_family_t family;
};

/**
 * struct plait_socket - a UDP socket, shared by the strands that ask for it
 * @node: in plait_net.sockets
 * @pn: namespace
 * @sock: the socket
 * @sk: the same, for the data path
 * @local: address and port it is bound to
 * @link: ifindex it is bound to, or 0
 * @lock: keeps the order of what arrives between the socket's queue and the
 *	lanes'; taken in softirq
 * @users: strands that hold it; RTNL
 * @stats: PLAIT_DROP_PORT_*; per CPU
 * @rcu: for freeing
 */
struct plait_socket {
	struct list_head node;
	struct plait_net *pn;
	struct socket *sock;
	struct sock *sk;
	struct plait_endpoint local;
	int link;
	spinlock_t lock; /* order from the socket to the lanes */
	unsigned int users;
	struct plait_stats __percpu *stats;
	struct rcu_head rcu;
};

struct plait_strand_stats {
	u64 tx_datagrams;
	u64 tx_bytes;
	u64 rx_datagrams;
	u64 rx_bytes;
	u64 rx_copies;
	u64 rx_failures;
};

/**
 * struct plait_strand_config - what a strand is made of
 * @local: this end; its port must be set
 * @remote: the other end
 * @link: ifindex of the underlay, or 0
 * @fwmark: of outer packets
 * @fragment: outer packets may be fragmented
 */
struct plait_strand_config {
	struct plait_endpoint local;
	struct plait_endpoint remote;
	int link;
	u32 fwmark;
	bool fragment;
};

/**
 * struct plait_strand - one underlay path of a device
 * @socket: what it sends and receives on
 * @remote: where it sends to
 * @fwmark: of outer packets, for their routes and filters
 * @path_mtu: of the route last used, headers included; 0 before the first
 * @dst: route cache, per CPU
 * @stats: per CPU
 * @second: jiffies at which @spoilt began to count
 * @spoilt: datagrams that failed to open since then; any CPU
 * @told: jiffies at which user space was told of them last, or 0; RTNL
 * @id: its number on the wire
 * @fragment: outer packets may be fragmented
 * @rcu: for freeing
 */
struct plait_strand {
	struct plait_socket *socket;
	struct plait_endpoint remote;
	u32 fwmark;
	u32 path_mtu;
	struct dst_cache dst;
	struct plait_strand_stats __percpu *stats;
	unsigned long second;
	atomic_t spoilt;
	unsigned long told;
	u8 id;
	bool fragment;
	struct rcu_head rcu;
};

/* socket.c: UDP sockets. */
struct plait_socket *plait_socket_get(struct plait_net *pn,
				      const struct plait_endpoint *local,
				      int link,
				      struct netlink_ext_ack *extack);
void plait_socket_mark(struct plait_socket *ps, u32 mark);
void plait_socket_put(struct plait_socket *ps);

/* strand.c: underlay paths. */
int plait_strand_install(struct plait_dev *p, u8 id,
			 const struct plait_strand_config *config,
			 struct netlink_ext_ack *extack);
void plait_strand_remove(struct plait_dev *p, u8 id);
void plait_strand_describe(const struct plait_strand *strand,
			   struct plait_strand_config *config);
int plait_strand_permitted(struct plait_dev *p, struct netlink_ext_ack *extack);
bool plait_strand_send(struct plait_dev *p, struct plait_strand *strand,
		       struct sk_buff *skb, unsigned int datagrams,
		       unsigned int packets, u32 size, u8 dsfield);
void plait_strand_failed(struct plait_dev *p, struct plait_strand *strand);
void plait_strand_work(struct plait_dev *p);
u32 plait_strand_inner_mtu(const struct plait_strand *strand);

#endif /* PLAIT_STRAND_H */
