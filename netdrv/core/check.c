// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Checks before the AEAD: see check.h. */

#include "check.h"

/* Steps 3 (lane) to 5, once the keys are known. */
static enum plait_verdict check_keyed(const struct plait_rx_dgram *d)
{
	if (plait_pn_lane(d->hdr.pn) != d->keys->lane)
		return PLAIT_DROP_RX_LANE;
	if (plait_header_tag(&d->keys->tag_key, d->at, d->len) != d->hdr.tag)
		return PLAIT_DROP_RX_TAG;
	return plait_window_check(&d->keys->window,
				  plait_pn_counter(d->hdr.pn));
}

void plait_check_batch(struct plait_rx_dgram *d, unsigned int count,
		       plait_lookup_fn *lookup, void *ctx)
{
	const struct plait_rx_dgram *prev = NULL;
	enum plait_verdict why = PLAIT_OK;
	struct plait_rx_keys *keys = NULL;
	unsigned int i;

	for (i = 0; i < count; i++) {
		d[i].keys = NULL;
		d[i].verdict = plait_check_form(d[i].at, d[i].len);
		if (d[i].verdict != PLAIT_OK)
			continue;

		plait_hdr_decode(&d[i].hdr, d[i].at);
		if (!prev || prev->hdr.index != d[i].hdr.index ||
		    prev->hdr.epoch != d[i].hdr.epoch)
			keys = lookup(ctx, d[i].hdr.index, d[i].hdr.epoch,
				      &why);
		prev = &d[i];
		d[i].keys = keys;
		d[i].verdict = keys ? check_keyed(&d[i]) : why;
	}
}
