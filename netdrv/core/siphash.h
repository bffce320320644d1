/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012)
 * of a message of exactly 32 octets, which is all that plait hashes. Fully
 * unrolled, so that it costs the same in C and in BPF.
 */
#ifndef PLAIT_CORE_SIPHASH_H
#define PLAIT_CORE_SIPHASH_H

#include "types.h"

/* 16 octets of key, as two words loaded least significant octet first. */
struct plait_tag_key {
	u64 k0;
	u64 k1;
};

#define PLAIT_TAG_KEY_LEN 16

PLAIT_INLINE void plait_tag_key_load(struct plait_tag_key *key, const u8 *p)
{
	key->k0 = plait_get_le64(p);
	key->k1 = plait_get_le64(p + 8);
}

PLAIT_INLINE u64 plait_rol64(u64 v, unsigned int n)
{
	return v << n | v >> (64 - n);
}

struct plait_sip {
	u64 v0, v1, v2, v3;
};

PLAIT_INLINE void plait_sip_round(struct plait_sip *s)
{
	s->v0 += s->v1;
	s->v1 = plait_rol64(s->v1, 13);
	s->v1 ^= s->v0;
	s->v0 = plait_rol64(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = plait_rol64(s->v3, 16);
	s->v3 ^= s->v2;
	s->v0 += s->v3;
	s->v3 = plait_rol64(s->v3, 21);
	s->v3 ^= s->v0;
	s->v2 += s->v1;
	s->v1 = plait_rol64(s->v1, 17);
	s->v1 ^= s->v2;
	s->v2 = plait_rol64(s->v2, 32);
}

PLAIT_INLINE void plait_sip_word(struct plait_sip *s, u64 m)
{
	s->v3 ^= m;
	plait_sip_round(s);
	plait_sip_round(s);
	s->v0 ^= m;
}

/**
 * plait_siphash32 - SipHash-2-4 of a 32-octet message
 * @key: the key
 * @m0: octets 0..7 of the message, least significant octet first
 * @m1: octets 8..15
 * @m2: octets 16..23
 * @m3: octets 24..31
 *
 * Return: the hash; its octets on the wire are least significant first.
 */
PLAIT_INLINE u64 plait_siphash32(const struct plait_tag_key *key, u64 m0,
				 u64 m1, u64 m2, u64 m3)
{
	struct plait_sip s = {
		.v0 = key->k0 ^ 0x736f6d6570736575ULL,
		.v1 = key->k1 ^ 0x646f72616e646f6dULL,
		.v2 = key->k0 ^ 0x6c7967656e657261ULL,
		.v3 = key->k1 ^ 0x7465646279746573ULL,
	};

	plait_sip_word(&s, m0);
	plait_sip_word(&s, m1);
	plait_sip_word(&s, m2);
	plait_sip_word(&s, m3);
	plait_sip_word(&s, 32ULL << 56);
	s.v2 ^= 0xff;
	plait_sip_round(&s);
	plait_sip_round(&s);
	plait_sip_round(&s);
	plait_sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

#endif /* PLAIT_CORE_SIPHASH_H */
