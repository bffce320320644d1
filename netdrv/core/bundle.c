// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Bundles on transmit: see bundle.h. */

#include "bundle.h"

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

unsigned int plait_bundle_plan(struct plait_bundler *b, unsigned int count,
			       u32 limit)
{
	unsigned int i, made = 0;

	PLAIT_ASSERT(count <= PLAIT_BUNDLE_PACKETS);
	for (i = 0; i < count; i++) {
		struct plait_bundle_packet *p = &b->packet[i];
		struct plait_bundle *to = latest(b, made, p->bucket);

		p->next = PLAIT_BUNDLE_END;
		if (to && to->len + p->len <= limit) {
			struct plait_bundle_packet *last = &b->packet[to->last];

			if (last->flags == p->flags &&
			    last->dsfield == p->dsfield) {
				last->next = (u8)i;
				to->last = (u8)i;
				to->len += p->len;
				to->count++;
				continue;
			}
		}
		b->latest[p->bucket] = (u8)made;
		b->bundle[made++] = (struct plait_bundle) {
			.len = p->len,
			.first = (u8)i,
			.last = (u8)i,
			.count = 1,
			.bucket = p->bucket,
		};
	}
	return made;
}
