/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The differences between the kernels that plait builds for, under one name
 * each; included before everything else. No other file has an #if for a
 * kernel's sake. What a kernel has is found in its headers by Kbuild, which
 * defines PLAIT_HAVE_*: stable kernels carry backports, so versions say little.
 */
#ifndef PLAIT_COMPAT_H
#define PLAIT_COMPAT_H

#include <crypto/chacha.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <net/genetlink.h>
#include <net/ip_tunnels.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>

#ifdef PLAIT_HAVE_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif
/* skb_gso_segment() */
#ifdef PLAIT_HAVE_GSO_H
#include <net/gso.h>
#endif
#ifdef PLAIT_HAVE_IPV6_STUBS
#include <net/ipv6_stubs.h>
#endif

#define PLAIT_MODULE_VERSION "0.1.0"

#ifndef CONFIG_64BIT
#error "plait needs a 64-bit kernel: its counters are plain 64-bit words"
#endif

/* --- netdev and rtnetlink ------------------------------------------------- */

static inline void plait_compat_lltx(struct net_device *dev)
{
#ifdef PLAIT_HAVE_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* Newer kernels take an enum, of which 0 and 1 are off and on. */
static inline int plait_set_threaded(struct net_device *dev, bool threaded)
{
	return dev_set_threaded(dev, threaded);
}

/* Are its fragments in memory of this host? Older kernels know no other. */
static inline bool plait_compat_readable(const struct sk_buff *skb)
{
#ifdef PLAIT_HAVE_FRAGS_READABLE
	return skb_frags_readable(skb);
#else
	return true;
#endif
}

/* To XPS (netdev_pick_tx()) the packet comes from that CPU. */
static inline void plait_compat_sent_from(struct sk_buff *skb, unsigned int cpu)
{
#ifdef CONFIG_XPS
	skb->sender_cpu = cpu + 1;
#endif
}

/*
 * plait_newlink() is written as the newest kernels call it; rtnl_link_ops has
 * plait_compat_newlink().
 */
#ifdef PLAIT_HAVE_NEWLINK_PARAMS
#define plait_compat_newlink plait_newlink
#else
struct rtnl_newlink_params {
	struct net *src_net;
	struct nlattr **tb;
	struct nlattr **data;
};

/* The kernel has put IFLA_LINK_NETNSID's namespace, if any, in place already. */
static inline struct net *rtnl_newlink_link_net(struct rtnl_newlink_params *p)
{
	return p->src_net;
}
#endif

int plait_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
		  struct netlink_ext_ack *extack);

#ifndef PLAIT_HAVE_NEWLINK_PARAMS
static inline int plait_compat_newlink(struct net *src_net,
				       struct net_device *dev,
				       struct nlattr *tb[],
				       struct nlattr *data[],
				       struct netlink_ext_ack *extack)
{
	struct rtnl_newlink_params params = {
		.src_net = src_net,
		.tb = tb,
		.data = data,
	};

	return plait_newlink(dev, &params, extack);
}
#endif

/* --- netlink -------------------------------------------------------------- */

/* Policies point to a range that older kernels do not call const. */
#ifdef PLAIT_HAVE_CONST_RANGE
#define PLAIT_COMPAT_RANGE const struct netlink_range_validation
#else
#define PLAIT_COMPAT_RANGE struct netlink_range_validation
#endif

/* Attributes of a dump request, or NULL. */
static inline struct nlattr **
plait_compat_dump_attrs(struct netlink_callback *cb)
{
#ifdef PLAIT_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* --- sockets -------------------------------------------------------------- */

/* What had no room in the socket's queue. */
static inline int plait_compat_sk_drops(const struct sock *sk)
{
#ifdef PLAIT_HAVE_SK_DROPS_READ
	return sk_drops_read(sk);
#else
	return atomic_read(&sk->sk_drops);
#endif
}

/* --- routes and UDP tunnels ----------------------------------------------- */

static inline struct dst_entry *
plait_compat_route6(struct net *net, const struct sock *sk, struct flowi6 *fl)
{
#ifdef PLAIT_HAVE_IPV6_STUBS
	return ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl, NULL);
#else
	return ip6_dst_lookup_flow(net, sk, fl, NULL);
#endif
}

/* @dst is from an IPv4 look-up, and the reference to it is consumed. */
static inline void
plait_compat_udp4_xmit(struct dst_entry *dst, struct sock *sk,
		       struct sk_buff *skb, __be32 saddr, __be32 daddr, u8 tos,
		       __be16 df, __be16 sport, __be16 dport)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
	u8 ttl = ip4_dst_hoplimit(dst);

#ifdef PLAIT_HAVE_XMIT_CB_FLAGS
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport,
			    dport, false, false, 0);
#else
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport,
			    dport, false, false);
#endif
}

/* The outer addresses are const only in newer kernels. */
static inline void
plait_compat_udp6_xmit(struct dst_entry *dst, struct sock *sk,
		       struct sk_buff *skb, struct in6_addr *saddr,
		       struct in6_addr *daddr, u8 prio, __be16 sport,
		       __be16 dport)
{
	int ttl = ip6_dst_hoplimit(dst);

#ifdef PLAIT_HAVE_XMIT_CB_FLAGS
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr, daddr, prio, ttl, 0,
			     sport, dport, false, 0);
#else
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr, daddr, prio, ttl, 0,
			     sport, dport, false);
#endif
}

static inline void plait_compat_tunnel_release(struct sock *sk)
{
#ifdef PLAIT_HAVE_TUNNEL_TAKES_SOCK
	udp_tunnel_sock_release(sk);
#else
	udp_tunnel_sock_release(sk->sk_socket);
#endif
}

/* --- drops ---------------------------------------------------------------- */

/*
 * Core reasons that older kernels lack. The subsystems that have reasons of
 * their own are a closed list of the kernel's (enum skb_drop_reason_subsys), so
 * a module from outside its tree cannot register any.
 */
#ifdef PLAIT_HAVE_DROP_TUNNEL_ECN
#define PLAIT_SKB_DROP_TUNNEL_ECN SKB_DROP_REASON_IP_TUNNEL_ECN
#else
#define PLAIT_SKB_DROP_TUNNEL_ECN SKB_DROP_REASON_NOT_SPECIFIED
#endif
#ifdef PLAIT_HAVE_DROP_RECURSION
#define PLAIT_SKB_DROP_RECURSION SKB_DROP_REASON_RECURSION_LIMIT
#else
#define PLAIT_SKB_DROP_RECURSION SKB_DROP_REASON_NOT_SPECIFIED
#endif
#ifdef PLAIT_HAVE_DROP_SOURCE
#define PLAIT_SKB_DROP_SOURCE SKB_DROP_REASON_IP_INVALID_SOURCE
#else
#define PLAIT_SKB_DROP_SOURCE SKB_DROP_REASON_NOT_SPECIFIED
#endif

/* --- tracepoints ---------------------------------------------------------- */

/* A bare tracepoint trace_NAME_tp(): newer kernels append the _tp themselves. */
#ifdef PLAIT_HAVE_TP_SUFFIX
#define PLAIT_DECLARE_TRACE(name, ...) DECLARE_TRACE(name, __VA_ARGS__)
#define PLAIT_COMPAT_TRACE_WRITABLE(name, ...) \
	DECLARE_TRACE_WRITABLE(name, __VA_ARGS__)
#else
#define PLAIT_DECLARE_TRACE(name, ...) DECLARE_TRACE(name##_tp, __VA_ARGS__)
#define PLAIT_COMPAT_TRACE_WRITABLE(name, ...) \
	DECLARE_TRACE_WRITABLE(name##_tp, __VA_ARGS__)
#endif

#ifdef PLAIT_HAVE_ASSIGN_STR_1
#define plait_assign_str(field, from...) __assign_str(field)
#else
#define plait_assign_str(field, from) __assign_str(field, from)
#endif

/* --- ChaCha20 ------------------------------------------------------------- */

#ifndef PLAIT_HAVE_CHACHA_STATE
struct chacha_state {
	u32 x[CHACHA_STATE_WORDS];
};
#endif

static inline void plait_compat_chacha_init(struct chacha_state *state,
					    const u32 *key, const u8 *iv)
{
#ifdef PLAIT_HAVE_CHACHA_STATE
	chacha_init(state, key, iv);
#else
	chacha_init(state->x, key, iv);
#endif
}

static inline void plait_compat_chacha20(struct chacha_state *state, u8 *dst,
					 const u8 *src, unsigned int bytes)
{
#ifdef PLAIT_HAVE_CHACHA_STATE
	chacha20_crypt(state, dst, src, bytes);
#else
	chacha20_crypt(state->x, dst, src, bytes);
#endif
}

#endif /* PLAIT_COMPAT_H */
