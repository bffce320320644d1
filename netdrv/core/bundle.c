// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Bundles on transmit: see bundle.h. */

#include "bundle.h"

/* What a trip through the stack costs, in datagrams: 7,000 instructions to 3,200. */
#define TRIP_COST 2u

/**
 * struct trips - datagrams on their way into trips
 * @size: length of the present trip's first
 * @count: trips
 * @open: another one may follow
 *
 * As with UDP segmentation offload, all of a trip but the last have one length.
 */
struct trips {
	u32 size;
	unsigned int count;
	bool open;
};

static void trips_add(struct trips *t, u32 len)
{
	if (t->open && len <= t->size) {
		t->open = len == t->size;
		return;
	}
	t->size = len;
	t->count++;
	t->open = true;
}

/*
 * The bundle that the next packet of a bucket may join, or NULL. An entry left
 * from an earlier plan names a bundle of another bucket, or none: this plan's
 * own have overwritten it.
 */
static struct plait_bundle *latest(struct plait_bundler *b, unsigned int made,
				   u8 bucket)
{
	unsigned int i = b->latest[bucket];

	return i < made && b->bundle[i].bucket == bucket ? &b->bundle[i] : NULL;
}

static void begin(struct plait_bundler *b, unsigned int at, unsigned int packet)
{
	struct plait_bundle_packet *p = &b->packet[packet];

	p->next = PLAIT_BUNDLE_END;
	b->bundle[at] = (struct plait_bundle) {
		.len = p->len,
		.first = (u8)packet,
		.last = (u8)packet,
		.count = 1,
		.bucket = p->bucket,
	};
}

/* Does a packet join that bundle? */
static bool join(struct plait_bundler *b, struct plait_bundle *to,
		 unsigned int packet, u32 limit)
{
	struct plait_bundle_packet *p = &b->packet[packet], *last;

	if (!to || to->len + p->len > limit)
		return false;
	last = &b->packet[to->last];
	if (last->flags != p->flags || last->dsfield != p->dsfield)
		return false;
	p->next = PLAIT_BUNDLE_END;
	last->next = (u8)packet;
	to->last = (u8)packet;
	to->len += p->len;
	to->count++;
	return true;
}

/* Do these bundles cost less than their packets would one by one? */
static bool pays(const struct plait_bundler *b, unsigned int made,
		 unsigned int count)
{
	struct trips bundled = {}, single = {};
	unsigned int i;

	for (i = 0; i < made; i++)
		trips_add(&bundled, b->bundle[i].len);
	for (i = 0; i < count; i++)
		trips_add(&single, b->packet[i].len);
	return made + TRIP_COST * bundled.count <
	       count + TRIP_COST * single.count;
}

unsigned int plait_bundle_plan(struct plait_bundler *b, unsigned int count,
			       u32 limit)
{
	unsigned int i, made = 0;

	PLAIT_ASSERT(count <= PLAIT_BUNDLE_PACKETS);
	for (i = 0; i < count; i++) {
		u8 bucket = b->packet[i].bucket;

		if (join(b, latest(b, made, bucket), i, limit))
			continue;
		b->latest[bucket] = (u8)made;
		begin(b, made++, i);
	}
	if (made == count || pays(b, made, count))
		return made;
	for (i = 0; i < count; i++)
		begin(b, i, i);
	return count;
}
