/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The differences between the kernels that plait builds for; the only file
 * that may ask for a version. Included before everything else.
 */
#ifndef PLAIT_COMPAT_H
#define PLAIT_COMPAT_H

#include <linux/version.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/genetlink.h>
#include <net/ip_tunnels.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/ipv6_stubs.h>
#include <net/udp_tunnel.h>

#define PLAIT_MODULE_VERSION "0.1.0"

#ifndef CONFIG_64BIT
#error "plait needs a 64-bit kernel: its counters are plain 64-bit words"
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>

static inline void plait_compat_lltx(struct net_device *dev)
{
	dev->lltx = true;
}
#else
#include <asm/unaligned.h>

static inline void plait_compat_lltx(struct net_device *dev)
{
	dev->features |= NETIF_F_LLTX;
}
#endif

/* A dst that an IPv4 look-up gave. */
static inline struct rtable *plait_compat_rtable(struct dst_entry *dst)
{
	return container_of(dst, struct rtable, dst);
}

/* Policies point to a range that older kernels do not call const. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define PLAIT_COMPAT_RANGE const struct netlink_range_validation
#else
#define PLAIT_COMPAT_RANGE struct netlink_range_validation
#endif

/* Attributes of a dump request, or NULL. */
static inline struct nlattr **
plait_compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* The outer addresses are const only in newer kernels. */
static inline void
plait_compat_udp6_xmit(struct dst_entry *dst, struct sock *sk,
		       struct sk_buff *skb, struct in6_addr *saddr,
		       struct in6_addr *daddr, u8 prio, __be16 sport,
		       __be16 dport)
{
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr, daddr, prio,
			     ip6_dst_hoplimit(dst), 0, sport, dport, false);
}

#endif /* PLAIT_COMPAT_H */
