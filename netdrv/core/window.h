/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Replay window of one lane and key epoch, docs/protocol.md section 8: a
 * bitmap over the newest counters, after RFC 6479. The caller gives the memory
 * and makes sure that one context at a time uses a window.
 */
#ifndef PLAIT_CORE_WINDOW_H
#define PLAIT_CORE_WINDOW_H

#include "types.h"
#include "verdict.h"

#define PLAIT_WINDOW_SPAN_MIN 64u
#define PLAIT_WINDOW_SPAN_DEFAULT (1u << 13)
#define PLAIT_WINDOW_SPAN_MAX (1u << 18)

/**
 * struct plait_window - replay window
 * @top: highest counter accepted
 * @mask: number of 64-bit blocks, a power of two, less one
 * @bits: block b of the counters (counter / 64) is bits[b & mask]
 */
struct plait_window {
	u64 top;
	u64 mask;
	u64 *bits;
};

PLAIT_INLINE size_t plait_window_bytes(u32 span)
{
	return span / 8;
}

/* A span is a power of two between the limits above. */
PLAIT_INLINE bool plait_window_span_valid(u32 span)
{
	return span >= PLAIT_WINDOW_SPAN_MIN && span <= PLAIT_WINDOW_SPAN_MAX &&
	       !(span & (span - 1));
}

/**
 * plait_window_init - make an empty window
 * @w: the window
 * @bits: plait_window_bytes(@span) octets, aligned for u64
 * @span: how many counters it covers, a valid span
 */
void plait_window_init(struct plait_window *w, u64 *bits, u32 span);

/**
 * plait_window_check - may a datagram with this counter still be accepted?
 * @w: the window
 * @counter: the datagram's
 *
 * Return: PLAIT_OK, PLAIT_DROP_RX_OLD or PLAIT_DROP_RX_DUPLICATE.
 */
PLAIT_INLINE enum plait_verdict
plait_window_check(const struct plait_window *w, u64 counter)
{
	u64 block = counter >> 6;

	if (counter > w->top)
		return PLAIT_OK;
	if (block + w->mask + 1 <= w->top >> 6)
		return PLAIT_DROP_RX_OLD;
	if (w->bits[block & w->mask] >> (counter & 63) & 1)
		return PLAIT_DROP_RX_DUPLICATE;
	return PLAIT_OK;
}

/**
 * plait_window_accept - record an authentic datagram's counter
 * @w: the window
 * @counter: the datagram's
 *
 * Return: as plait_window_check(); recorded if PLAIT_OK.
 */
enum plait_verdict plait_window_accept(struct plait_window *w, u64 counter);

#endif /* PLAIT_CORE_WINDOW_H */
