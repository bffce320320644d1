/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Inner IP packets as the engine sees them: their length and checksum place,
 * the walk over a bundle (docs/protocol.md, section 5), and ECN (RFC 6040).
 */
#ifndef PLAIT_CORE_PACKET_H
#define PLAIT_CORE_PACKET_H

#include "verdict.h"
#include "wire.h"

#define PLAIT_PROTO_TCP 6
#define PLAIT_PROTO_UDP 17

#define PLAIT_IPV4_LEN 20u
#define PLAIT_IPV6_LEN 40u
#define PLAIT_TCP_LEN 20u
#define PLAIT_UDP_LEN 8u

/**
 * struct plait_packet - an inner packet
 * @at: its first octet
 * @len: its length by its own IP header
 */
struct plait_packet {
	const u8 *at;
	u32 len;
};

/**
 * plait_ip_version - 4, 6, or 0 for what is no IP packet
 * @p: the packet
 * @len: how many octets there are
 */
PLAIT_INLINE unsigned int plait_ip_version(const u8 *p, u32 len)
{
	unsigned int version = len ? p[0] >> 4 : 0;

	if (version == 4 && len >= PLAIT_IPV4_LEN)
		return 4;
	if (version == 6 && len >= PLAIT_IPV6_LEN)
		return 6;
	return 0;
}

/**
 * plait_ip_length - length of the packet by its own header
 * @p: the packet
 * @len: how many octets there are
 *
 * Return: the length, or 0 if there is no well-formed IP header or it reaches
 * past @len.
 */
PLAIT_INLINE u32 plait_ip_length(const u8 *p, u32 len)
{
	u32 total;

	switch (plait_ip_version(p, len)) {
	case 4:
		total = plait_get_be16(p + 2);
		if ((p[0] & 15) < 5 || total < (p[0] & 15) * 4u)
			return 0;
		break;
	case 6:
		total = PLAIT_IPV6_LEN + plait_get_be16(p + 4);
		break;
	default:
		return 0;
	}
	return total <= len ? total : 0;
}

/**
 * plait_bundle_next - next packet of a source symbol
 * @sym: the symbol, its inner header included
 * @len: its length
 * @off: where to look; start with PLAIT_INNER_LEN; moved past the packet
 * @pkt: filled in
 *
 * Return: 1 with a packet, 0 at the end, -1 if the rest is malformed.
 */
PLAIT_INLINE int plait_bundle_next(const u8 *sym, u32 len, u32 *off,
				   struct plait_packet *pkt)
{
	u32 left = len - *off;

	PLAIT_ASSERT(*off >= PLAIT_INNER_LEN && *off <= len);
	if (!left || !(sym[*off] >> 4))
		return 0;
	pkt->at = sym + *off;
	pkt->len = plait_ip_length(pkt->at, left);
	if (!pkt->len)
		return -1;
	*off += pkt->len;
	return 1;
}

/**
 * struct plait_csum_place - where a packet's transport checksum stands
 * @start: offset of the transport header
 * @offset: offset of the checksum in it
 */
struct plait_csum_place {
	u16 start;
	u16 offset;
};

/**
 * plait_csum_find - find the checksum that flag C speaks of
 * @p: a packet
 * @len: its length
 * @place: filled in
 *
 * Return: false if the packet is not one that C may stand for.
 */
bool plait_csum_find(const u8 *p, u32 len, struct plait_csum_place *place);

/**
 * plait_flow_hash - a number that all packets of a flow have in common
 * @p: a packet
 * @len: its length
 *
 * Covers addresses, protocol and, where every packet of the flow has them,
 * ports: a fragment, or IPv6 with extension headers, goes without. Not keyed:
 * it spreads flows over buckets and lanes, and defends nothing.
 */
u32 plait_flow_hash(const u8 *p, u32 len);

/* The ECN field: RFC 3168 section 5. */
#define PLAIT_ECN_NOT_ECT 0u
#define PLAIT_ECN_ECT_1 1u
#define PLAIT_ECN_ECT_0 2u
#define PLAIT_ECN_CE 3u

/* Traffic class of a packet whose version is known. */
PLAIT_INLINE u8 plait_ip_tclass(const u8 *p)
{
	if (p[0] >> 4 == 4)
		return p[1];
	return (u8)(p[0] << 4 | p[1] >> 4);
}

/* plait_ecn_decapsulate() where the inner field may change: ECT(1) or CE outside. */
enum plait_verdict plait_ecn_combine(u8 *p, unsigned int outer);

/**
 * plait_ecn_decapsulate - combine outer and inner ECN, RFC 6040 figure 4
 * @p: inner packet, well-formed; its ECN field (and IPv4 checksum) may change
 * @outer: the outer header's ECN field
 *
 * Return: PLAIT_OK, or PLAIT_DROP_RX_ECN when the packet must be dropped.
 */
PLAIT_INLINE enum plait_verdict plait_ecn_decapsulate(u8 *p, unsigned int outer)
{
	/* Not-ECT and ECT(0) outside leave the inner field as it is. */
	return outer & 1 ? plait_ecn_combine(p, outer) : PLAIT_OK;
}

/* Ones' complement sum helpers, RFC 1071. */

PLAIT_INLINE u16 plait_csum_fold(u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

/* Sum of @len octets, an even number, not folded. */
PLAIT_INLINE u64 plait_csum_words(const u8 *p, u32 len)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i + 4 <= len; i += 4)
		sum += plait_get_be32(p + i);
	if (len & 2)
		sum += plait_get_be16(p + i);
	return sum;
}

/* Sum of a packet's addresses, for its pseudo-header; not folded. */
PLAIT_INLINE u64 plait_csum_addresses(const u8 *p)
{
	return p[0] >> 4 == 4 ? plait_csum_words(p + 12, 8) :
				plait_csum_words(p + 8, 32);
}

/* Write an IPv4 header's checksum; @ihl is its length in octets. */
PLAIT_INLINE void plait_ipv4_csum(u8 *p, u32 ihl)
{
	plait_put_be16(p + 10, 0);
	plait_put_be16(p + 10, (u16)~plait_csum_fold(plait_csum_words(p, ihl)));
}

#endif /* PLAIT_CORE_PACKET_H */
