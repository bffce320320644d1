// SPDX-License-Identifier: GPL-2.0
/*
 * What fits: the device's MTU follows the strand's path unless it was given,
 * and whoever sends more than the path takes is told by ICMP.
 */

#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <net/icmp.h>
#include <net/ipv6.h>

#include "plait.h"

/* The MTU that a strand of this family leaves on an Ethernet. */
u32 plait_mtu_default(sa_family_t family)
{
	u32 ip = family == AF_INET ? sizeof(struct iphdr) :
				     sizeof(struct ipv6hdr);

	return ETH_DATA_LEN - ip - sizeof(struct udphdr) - PLAIT_OVERHEAD_MAX;
}

/**
 * plait_mtu_follow - bring the device's MTU up to date
 * @p: the device
 *
 * Never below what IPv6 needs: the stack would take its addresses away. A path
 * that takes less needs outer fragmentation. Must be called with RTNL held.
 */
void plait_mtu_follow(struct plait_dev *p)
{
	struct plait_strand *strand = rtnl_dereference(p->strands[0]);
	u32 mtu;

	if (p->mtu_fixed || !strand)
		return;
	mtu = strand->path_mtu ? plait_strand_inner_mtu(strand) :
				 plait_mtu_default(strand->remote.family);
	mtu = clamp_t(u32, mtu, IPV6_MIN_MTU, PLAIT_MTU_MAX);
	if (mtu == p->dev->mtu)
		return;
	/* ndo_change_mtu takes it for a user's. */
	if (!dev_set_mtu(p->dev, mtu))
		plait_notify(p, PLAIT_EVENT_KIND_MTU_CHANGED, strand, NULL);
	p->mtu_fixed = false;
}

/* ICMP to the inner sender; @skb still has its route. */
static void tell_sender(struct sk_buff *skb, u32 mtu)
{
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	memset(skb->cb, 0, sizeof(skb->cb));
	if (skb->protocol == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0,
				max_t(u32, mtu, IPV6_MIN_MTU));
	else if (ip_hdr(skb)->frag_off & htons(IP_DF))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
}

/**
 * plait_mtu_too_big - is a packet larger than the strand's path takes?
 * @p: the device
 * @skb: an inner packet or super-packet, from the stack
 *
 * If so its sender has been told. Context: as ndo_start_xmit.
 */
bool plait_mtu_too_big(struct plait_dev *p, struct sk_buff *skb)
{
	u32 mtu = READ_ONCE(p->path_mtu);

	if (skb_is_gso(skb) ? skb_gso_validate_network_len(skb, mtu) :
			      skb->len <= mtu)
		return false;
	tell_sender(skb, mtu);
	return true;
}
