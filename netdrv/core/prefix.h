/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * A set of IPv4 and IPv6 prefixes, kept as sorted ranges that do not overlap,
 * and the question whether an inner packet's source address is in it.
 */
#ifndef PLAIT_CORE_PREFIX_H
#define PLAIT_CORE_PREFIX_H

#include "packet.h"

/**
 * struct plait_prefix - one prefix
 * @addr: address, 4 or 16 octets in network order, host bits zero
 * @len: length in bits, 0..32 or 0..128
 * @version: 4 or 6
 */
struct plait_prefix {
	u8 addr[16];
	u8 len;
	u8 version;
};

/**
 * struct plait_range - addresses from @first to @last, both included
 * @first: as two 64-bit halves; IPv4 in the low half of [1], [0] is 0
 * @last: likewise
 */
struct plait_range {
	u64 first[2];
	u64 last[2];
};

/**
 * struct plait_prefix_set - what a packet's source address is looked up in
 * @v4: ranges of IPv4, ascending
 * @v6: ranges of IPv6, ascending
 * @v4_count: how many
 * @v6_count: how many
 * @v4_all: every IPv4 address is in it
 * @v6_all: every IPv6 address is in it
 */
struct plait_prefix_set {
	struct plait_range *v4;
	struct plait_range *v6;
	u32 v4_count;
	u32 v6_count;
	bool v4_all;
	bool v6_all;
};

/**
 * plait_prefix_valid - is it a prefix?
 * @p: the prefix
 *
 * Return: whether version and length are possible and host bits are zero.
 */
bool plait_prefix_valid(const struct plait_prefix *p);

/* Same prefix? Both are valid. */
bool plait_prefix_equal(const struct plait_prefix *a,
			const struct plait_prefix *b);

/**
 * plait_prefix_set_build - make a set
 * @set: filled in
 * @ranges: room for @count ranges, kept by @set
 * @p: valid prefixes, in any order, overlapping or not
 * @count: how many
 */
void plait_prefix_set_build(struct plait_prefix_set *set,
			    struct plait_range *ranges,
			    const struct plait_prefix *p, u32 count);

/* The part of plait_prefix_set_has_source() that looks at addresses. */
bool plait_prefix_set_find(const struct plait_prefix_set *set, const u8 *pkt);

/**
 * plait_prefix_set_has_source - may this packet's source address speak here?
 * @set: the set
 * @pkt: an inner packet with a whole IP header
 */
PLAIT_INLINE bool
plait_prefix_set_has_source(const struct plait_prefix_set *set, const u8 *pkt)
{
	if (pkt[0] >> 4 == 4 ? set->v4_all : set->v6_all)
		return true;
	return plait_prefix_set_find(set, pkt);
}

#endif /* PLAIT_CORE_PREFIX_H */
