/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a frame to the UDP datagram in it: up to two VLAN tags, IPv4 with
 * options, IPv6 with extension headers. What is fragmented, or odd, is none of
 * ours: the stack will see to it.
 */
#ifndef PLAIT_XDP_PARSE_H
#define PLAIT_XDP_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#define VLAN_TAGS_MAX 2
#define EXTENSIONS_MAX 6

#define ETH_P_8021Q_BE __builtin_bswap16(ETH_P_8021Q)
#define ETH_P_8021AD_BE __builtin_bswap16(ETH_P_8021AD)
#define ETH_P_IP_BE __builtin_bswap16(ETH_P_IP)
#define ETH_P_IPV6_BE __builtin_bswap16(ETH_P_IPV6)

struct vlan_tag {
	u16 tci;
	u16 proto;
};

struct extension {
	u8 next;
	u8 length; /* in 8 octets, the first 8 not included */
};

/**
 * struct udp_place - where a frame's UDP header is
 * @ip: the IP header
 * @udp: the UDP header
 * @room: octets of the IP packet from there on
 * @family: 4 or 6
 * @tagged: behind a VLAN tag: some other interface receives it
 */
struct udp_place {
	void *ip;
	struct udphdr *udp;
	u32 room;
	u32 family;
	bool tagged;
};

struct routing_header {
	struct extension e;
	u8 type;
	u8 segments_left;
};

/* IPv6 next header behind the extension headers; @at moves to it. */
static __always_inline u8 skip_extensions(void **at, void *end, u8 next,
					  u32 *room)
{
	struct extension *e;
	u32 length;
	int i;

#pragma unroll
	for (i = 0; i < EXTENSIONS_MAX; i++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING &&
		    next != IPPROTO_DSTOPTS)
			return next;
		e = *at;
		if ((void *)(e + 1) > end)
			return IPPROTO_NONE;
		if (next == IPPROTO_ROUTING) {
			struct routing_header *r = *at;

			/* On its way to somebody else. */
			if ((void *)(r + 1) > end || r->segments_left)
				return IPPROTO_NONE;
		}
		length = (e->length + 1) * 8;
		if (length > *room)
			return IPPROTO_NONE;
		next = e->next;
		*at += length;
		*room -= length;
	}
	return next;
}

/* Find the UDP header; false for everything that has none, or a fragment's. */
static __always_inline bool find_udp(void *data, void *end,
				     struct udp_place *place)
{
	struct ethhdr *eth = data;
	struct vlan_tag *tag;
	void *at = eth + 1;
	u16 proto;
	int i;

	if (at > end)
		return false;
	proto = eth->h_proto;
	place->tagged = false;
#pragma unroll
	for (i = 0; i < VLAN_TAGS_MAX; i++) {
		if (proto != ETH_P_8021Q_BE && proto != ETH_P_8021AD_BE)
			break;
		tag = at;
		at = tag + 1;
		if (at > end)
			return false;
		proto = tag->proto;
		place->tagged = true;
	}
	place->ip = at;
	if (proto == ETH_P_IP_BE) {
		struct iphdr *ip = at;
		u32 length;

		if ((void *)(ip + 1) > end)
			return false;
		if (ip->protocol != IPPROTO_UDP || ip->version != 4 ||
		    ip->frag_off & __builtin_bswap16(0x3fff))
			return false;
		length = ip->ihl * 4;
		place->room = __builtin_bswap16(ip->tot_len);
		if (length < sizeof(*ip) || length > place->room)
			return false;
		place->room -= length;
		place->family = 4;
		at += length;
	} else if (proto == ETH_P_IPV6_BE) {
		struct ipv6hdr *ip = at;

		at = ip + 1;
		if (at > end)
			return false;
		place->room = __builtin_bswap16(ip->payload_len);
		if (ip->version != 6 ||
		    skip_extensions(&at, end, ip->nexthdr, &place->room) !=
		    IPPROTO_UDP)
			return false;
		place->family = 6;
	} else {
		return false;
	}
	place->udp = at;
	return (void *)(place->udp + 1) <= end;
}

#endif /* PLAIT_XDP_PARSE_H */
