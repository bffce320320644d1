// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Numbering on transmit: see number.h. */

#include "number.h"

/* Distance to the bucket's previous symbol, protocol section 5. */
static u16 bucket_distance(struct plait_dsn_state *s, u8 bucket)
{
	u64 last = s->last[bucket], distance = s->next + 1 - last;

	s->last[bucket] = s->next + 1;
	return !last || distance > 0xffff ? 0 : (u16)distance;
}

unsigned int plait_number_batch(const struct plait_numbering *n,
				struct plait_tx_dgram *d, unsigned int count)
{
	struct plait_hdr hdr = {
		.index = n->index,
		.tstamp_us = n->tstamp_us,
		.epoch = n->epoch,
		.strand = n->strand,
		.type = PLAIT_TYPE_SOURCE,
		.version = PLAIT_VERSION,
	};
	u64 end = n->end <= PLAIT_COUNTER_MAX ? n->end : PLAIT_COUNTER_MAX + 1;
	unsigned int i;

	if (*n->counter >= end)
		return 0;
	if (count > end - *n->counter)
		count = (unsigned int)(end - *n->counter);
	for (i = 0; i < count; i++) {
		struct plait_inner inner = {
			.dsn = (u32)n->dsn->next,
			.bucket = d[i].bucket,
			.flags = d[i].flags,
		};

		PLAIT_ASSERT(d[i].len >= PLAIT_SOURCE_OVERHEAD);
		inner.distance = bucket_distance(n->dsn, d[i].bucket);
		n->dsn->next++;
		plait_inner_encode(d[i].at + PLAIT_HDR_LEN, &inner);

		d[i].pn = plait_pn(n->lane, (*n->counter)++);
		hdr.pn = d[i].pn;
		hdr.strand_seq = (*n->strand_seq)++ & PLAIT_STRAND_SEQ_MASK;
		plait_hdr_encode(d[i].at, &hdr, n->tag_key, d[i].len);
	}
	return count;
}
