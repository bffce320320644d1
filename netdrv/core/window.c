// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Replay window: see window.h. */

#include "window.h"

void plait_window_init(struct plait_window *w, u64 *bits, u32 span)
{
	PLAIT_ASSERT(plait_window_span_valid(span));
	w->top = 0;
	w->mask = span / 64 - 1;
	w->bits = bits;
	memset(bits, 0, plait_window_bytes(span));
}

/* Clear the blocks between the old top's and the new one's, that included. */
static void window_advance(struct plait_window *w, u64 counter)
{
	u64 from = w->top >> 6, to = counter >> 6, i;

	if (to - from > w->mask)
		from = to - w->mask - 1;
	for (i = from + 1; i <= to; i++)
		w->bits[i & w->mask] = 0;
	/* Whoever tells a filter reads them on another CPU. */
	PLAIT_STORE_RELEASE(&w->top, counter);
}

enum plait_verdict plait_window_accept(struct plait_window *w, u64 counter)
{
	enum plait_verdict verdict = plait_window_check(w, counter);

	if (verdict != PLAIT_OK)
		return verdict;
	if (counter > w->top)
		window_advance(w, counter);
	w->bits[counter >> 6 & w->mask] |= 1ULL << (counter & 63);
	return PLAIT_OK;
}
