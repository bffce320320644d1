// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Sets of prefixes: see prefix.h. */

#include "prefix.h"

/* Is a <= b, as 128-bit numbers? */
static bool at_most(const u64 *a, const u64 *b)
{
	return a[0] < b[0] || (a[0] == b[0] && a[1] <= b[1]);
}

/* An address as a number, IPv4's in the low 32 bits. */
static void load(u64 *to, const u8 *addr, unsigned int version)
{
	to[0] = version == 4 ? 0 : plait_get_be64(addr);
	to[1] = version == 4 ? plait_get_be32(addr) : plait_get_be64(addr + 8);
}

/* The @bits low bits of a 128-bit number set. */
static void low_mask(u64 *mask, unsigned int bits)
{
	mask[1] = bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
	if (bits <= 64)
		mask[0] = 0;
	else
		mask[0] = bits == 128 ? ~0ULL : (1ULL << (bits - 64)) - 1;
}

static unsigned int width(const struct plait_prefix *p)
{
	return p->version == 4 ? 32 : 128;
}

bool plait_prefix_valid(const struct plait_prefix *p)
{
	u64 addr[2], host[2];

	if ((p->version != 4 && p->version != 6) || p->len > width(p))
		return false;
	load(addr, p->addr, p->version);
	low_mask(host, width(p) - p->len);
	return !(addr[0] & host[0]) && !(addr[1] & host[1]);
}

bool plait_prefix_equal(const struct plait_prefix *a,
			const struct plait_prefix *b)
{
	return a->version == b->version && a->len == b->len &&
	       !memcmp(a->addr, b->addr, a->version == 4 ? 4 : 16);
}

/* Insert a range into @count sorted ones; equal and overlapping ones stay. */
static void insert_sorted(struct plait_range *r, u32 count,
			  const struct plait_range *new)
{
	while (count && !at_most(r[count - 1].first, new->first)) {
		r[count] = r[count - 1];
		count--;
	}
	r[count] = *new;
}

/* Join ranges that overlap. Return: how many are left. */
static u32 join(struct plait_range *r, u32 count)
{
	u32 i, n = 0;

	for (i = 0; i < count; i++) {
		if (n && at_most(r[i].first, r[n - 1].last)) {
			if (at_most(r[n - 1].last, r[i].last))
				memcpy(r[n - 1].last, r[i].last,
				       sizeof(r[i].last));
			continue;
		}
		r[n++] = r[i];
	}
	return n;
}

static u32 build(struct plait_range *ranges, const struct plait_prefix *p,
		 u32 count, unsigned int version, bool *all)
{
	u32 i, n = 0;

	*all = false;
	for (i = 0; i < count; i++) {
		struct plait_range new;
		u64 host[2];

		if (p[i].version != version)
			continue;
		if (!p[i].len)
			*all = true;
		load(new.first, p[i].addr, version);
		low_mask(host, width(&p[i]) - p[i].len);
		new.last[0] = new.first[0] | host[0];
		new.last[1] = new.first[1] | host[1];
		insert_sorted(ranges, n++, &new);
	}
	return join(ranges, n);
}

void plait_prefix_set_build(struct plait_prefix_set *set,
			    struct plait_range *ranges,
			    const struct plait_prefix *p, u32 count)
{
	set->v4 = ranges;
	set->v4_count = build(set->v4, p, count, 4, &set->v4_all);
	set->v6 = ranges + set->v4_count;
	set->v6_count = build(set->v6, p, count, 6, &set->v6_all);
}

bool plait_prefix_set_find(const struct plait_prefix_set *set, const u8 *pkt)
{
	bool v4 = pkt[0] >> 4 == 4;
	const struct plait_range *r = v4 ? set->v4 : set->v6;
	u32 low = 0, high = v4 ? set->v4_count : set->v6_count;
	u64 addr[2];

	load(addr, pkt + (v4 ? 12 : 8), v4 ? 4 : 6);
	/* The last range that begins at or below the address, if any. */
	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (at_most(r[mid].first, addr))
			low = mid + 1;
		else
			high = mid;
	}
	return low && at_most(addr, r[low - 1].last);
}
