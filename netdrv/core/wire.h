/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The wire format, docs/protocol.md sections 1 to 7: constants, encode, decode
 * and header tag. Header-only, since the XDP program compiles it too.
 */
#ifndef PLAIT_CORE_WIRE_H
#define PLAIT_CORE_WIRE_H

#include "siphash.h"

#define PLAIT_VERSION 1

#define PLAIT_HDR_LEN 32u	/* clear header: strand half, common half */
#define PLAIT_STRAND_HALF 16u	/* where the common half, the AAD, begins */
#define PLAIT_AAD_LEN 16u
#define PLAIT_INNER_LEN 8u	/* inner header of a source symbol */
#define PLAIT_AUTH_LEN 16u	/* AEAD tag */
#define PLAIT_AEAD_KEY_LEN 32u
#define PLAIT_KEY_MATERIAL (PLAIT_AEAD_KEY_LEN + PLAIT_TAG_KEY_LEN)
#define PLAIT_HANDSHAKE_MIN 64u

/* What a SOURCE datagram adds to an inner packet, and what the MTU reserves. */
#define PLAIT_SOURCE_OVERHEAD \
	(PLAIT_HDR_LEN + PLAIT_INNER_LEN + PLAIT_AUTH_LEN)
#define PLAIT_OVERHEAD_MAX 64u

#define PLAIT_PROTECTED_MIN (PLAIT_HDR_LEN + PLAIT_AUTH_LEN)

/* Offsets in the clear header. */
#define PLAIT_OFF_TAG 0
#define PLAIT_OFF_COOKIE_TAG 8 /* handshake only */
#define PLAIT_OFF_STRAND 8
#define PLAIT_OFF_TSTAMP 12
#define PLAIT_OFF_TYPE 16
#define PLAIT_OFF_VERSION 17
#define PLAIT_OFF_EPOCH 18
#define PLAIT_OFF_INDEX 20
#define PLAIT_OFF_PN 24

#define PLAIT_TYPE_SOURCE 0x01
#define PLAIT_TYPE_REPAIR 0x02
#define PLAIT_TYPE_CONTROL 0x03
#define PLAIT_TYPE_HANDSHAKE 0x80 /* set in every handshake type */
#define PLAIT_TYPE_HANDSHAKE_INIT 0x81
#define PLAIT_TYPE_HANDSHAKE_RESPONSE 0x82
#define PLAIT_TYPE_COOKIE_REPLY 0x83

#define PLAIT_LANE_SHIFT 56
#define PLAIT_COUNTER_MASK ((1ULL << PLAIT_LANE_SHIFT) - 1)
#define PLAIT_COUNTER_MAX (PLAIT_COUNTER_MASK - 1) /* the last that may be sent */
#define PLAIT_STRAND_SEQ_MASK 0xffffffu
#define PLAIT_LANES_MAX 16u

/* One strand in this version; the wire has room for 256. */
#define PLAIT_STRANDS 1

/**
 * struct plait_hdr - a protected datagram's clear header, decoded
 * @tag: header tag, as the 64-bit number that SipHash gives
 * @pn: packet number, lane and counter
 * @index: receiver index
 * @strand_seq: 24 bits
 * @tstamp_us: sender's clock, modulo 2^32
 * @epoch: key epoch
 * @strand: strand id
 * @type: PLAIT_TYPE_*
 * @version: PLAIT_VERSION
 */
struct plait_hdr {
	u64 tag;
	u64 pn;
	u32 index;
	u32 strand_seq;
	u32 tstamp_us;
	u16 epoch;
	u8 strand;
	u8 type;
	u8 version;
};

PLAIT_INLINE u64 plait_pn(unsigned int lane, u64 counter)
{
	return (u64)lane << PLAIT_LANE_SHIFT | (counter & PLAIT_COUNTER_MASK);
}

PLAIT_INLINE unsigned int plait_pn_lane(u64 pn)
{
	return (unsigned int)(pn >> PLAIT_LANE_SHIFT);
}

PLAIT_INLINE u64 plait_pn_counter(u64 pn)
{
	return pn & PLAIT_COUNTER_MASK;
}

/* The length as the last 8 octets of the tags' message, big-endian. */
PLAIT_INLINE u64 plait_tag_length_word(u32 len)
{
	return plait_be64_word(len);
}

/**
 * plait_header_tag - header tag of a datagram, protocol section 3
 * @key: tag key
 * @p: the datagram; its octets 8..31 are hashed
 * @len: length of the whole datagram
 */
PLAIT_INLINE u64 plait_header_tag(const struct plait_tag_key *key,
				  const u8 *p, u32 len)
{
	return plait_siphash32(key, plait_get_le64(p + 8),
			       plait_get_le64(p + 16), plait_get_le64(p + 24),
			       plait_tag_length_word(len));
}

/**
 * plait_cookie_tag - cookie tag of a handshake datagram, protocol section 7
 * @key: the cookie's first 16 octets
 * @p: the datagram; its octets 16..31 are hashed
 * @len: length of the whole datagram
 */
PLAIT_INLINE u64 plait_cookie_tag(const struct plait_tag_key *key,
				  const u8 *p, u32 len)
{
	return plait_siphash32(key, plait_get_le64(p + 16),
			       plait_get_le64(p + 24), 0,
			       plait_tag_length_word(len));
}

/**
 * plait_hdr_encode - write a clear header, its tag included
 * @p: where, PLAIT_HDR_LEN octets
 * @h: what; @h->tag is not read
 * @key: tag key
 * @len: length of the whole datagram
 */
PLAIT_INLINE void plait_hdr_encode(u8 *p, const struct plait_hdr *h,
				   const struct plait_tag_key *key, u32 len)
{
	u64 strand = plait_be32_word((u32)h->strand << 24 |
				     (h->strand_seq & PLAIT_STRAND_SEQ_MASK),
				     h->tstamp_us);
	u64 type = plait_be32_word((u32)h->type << 24 |
				   (u32)h->version << 16 | h->epoch, h->index);
	u64 pn = plait_be64_word(h->pn);

	/* Whole words, so that the tag need not read them back. */
	plait_put_le64(p + PLAIT_OFF_STRAND, strand);
	plait_put_le64(p + PLAIT_OFF_TYPE, type);
	plait_put_le64(p + PLAIT_OFF_PN, pn);
	plait_put_le64(p + PLAIT_OFF_TAG,
		       plait_siphash32(key, strand, type, pn,
				       plait_tag_length_word(len)));
}

/* Read a clear header of PLAIT_HDR_LEN octets; judges nothing. */
PLAIT_INLINE void plait_hdr_decode(struct plait_hdr *h, const u8 *p)
{
	u32 w = plait_get_be32(p + PLAIT_OFF_STRAND);

	h->tag = plait_get_le64(p + PLAIT_OFF_TAG);
	h->strand = (u8)(w >> 24);
	h->strand_seq = w & PLAIT_STRAND_SEQ_MASK;
	h->tstamp_us = plait_get_be32(p + PLAIT_OFF_TSTAMP);
	h->type = p[PLAIT_OFF_TYPE];
	h->version = p[PLAIT_OFF_VERSION];
	h->epoch = plait_get_be16(p + PLAIT_OFF_EPOCH);
	h->index = plait_get_be32(p + PLAIT_OFF_INDEX);
	h->pn = plait_get_be64(p + PLAIT_OFF_PN);
}

/* Inner header of a source symbol, protocol section 5. */

#define PLAIT_INNER_PARTIAL_CSUM 0x80 /* flag C */

/**
 * struct plait_inner - inner header, decoded
 * @dsn: the DSN's low 32 bits
 * @distance: to the bucket's previous symbol, 0 if none or too far
 * @bucket: flow bucket
 * @flags: PLAIT_INNER_*
 */
struct plait_inner {
	u32 dsn;
	u16 distance;
	u8 bucket;
	u8 flags;
};

PLAIT_INLINE void plait_inner_encode(u8 *p, const struct plait_inner *in)
{
	plait_put_be32(p, in->dsn);
	plait_put_be16(p + 4, in->distance);
	p[6] = in->bucket;
	p[7] = in->flags;
}

PLAIT_INLINE void plait_inner_decode(struct plait_inner *in, const u8 *p)
{
	in->dsn = plait_get_be32(p);
	in->distance = plait_get_be16(p + 4);
	in->bucket = p[6];
	in->flags = p[7] & PLAIT_INNER_PARTIAL_CSUM;
}

#endif /* PLAIT_CORE_WIRE_H */
