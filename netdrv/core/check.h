/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * What a receiver checks before the AEAD, in order of cost (docs/protocol.md,
 * section 8, steps 1 to 5), for a batch of datagrams.
 */
#ifndef PLAIT_CORE_CHECK_H
#define PLAIT_CORE_CHECK_H

#include "window.h"
#include "wire.h"

/**
 * struct plait_rx_keys - what the checks need of one lane of a key epoch
 * @tag_key: header tag key from the peer
 * @window: replay window
 * @lane: the lane's number
 */
struct plait_rx_keys {
	struct plait_tag_key tag_key;
	struct plait_window window;
	u8 lane;
};

/**
 * struct plait_rx_dgram - a datagram under examination
 * @at: its first octet
 * @len: its length
 * @verdict: filled in
 * @hdr: filled in, unless the datagram is too short to have one
 * @keys: filled in when index and epoch are known: those of the caller's lane
 */
struct plait_rx_dgram {
	const u8 *at;
	u32 len;
	enum plait_verdict verdict;
	struct plait_hdr hdr;
	struct plait_rx_keys *keys;
};

/**
 * typedef plait_lookup_fn - find the keys of a receiver index and key epoch, for
 *	the lane that checks
 * @ctx: the caller's
 * @index: receiver index
 * @epoch: key epoch
 * @why: filled in on failure: PLAIT_DROP_PORT_INDEX or PLAIT_DROP_RX_EPOCH
 *
 * Return: the keys, or NULL.
 */
typedef struct plait_rx_keys *plait_lookup_fn(void *ctx, u32 index, u16 epoch,
					      enum plait_verdict *why);

/**
 * plait_check_form - steps 1 and 2: length, version and form
 * @p: the datagram
 * @len: its length
 *
 * Return: PLAIT_OK for a protected datagram of this version, else why not.
 */
PLAIT_INLINE enum plait_verdict plait_check_form(const u8 *p, u32 len)
{
	if (len < PLAIT_PROTECTED_MIN)
		return PLAIT_DROP_PORT_SHORT;
	if (p[PLAIT_OFF_VERSION] != PLAIT_VERSION)
		return PLAIT_DROP_PORT_VERSION;
	if (p[PLAIT_OFF_TYPE] & PLAIT_TYPE_HANDSHAKE)
		return len < PLAIT_HANDSHAKE_MIN ? PLAIT_DROP_PORT_SHORT :
						   PLAIT_DROP_PORT_HANDSHAKE;
	if (p[PLAIT_OFF_TYPE] == PLAIT_TYPE_SOURCE &&
	    len < PLAIT_SOURCE_OVERHEAD)
		return PLAIT_DROP_PORT_SHORT;
	return PLAIT_OK;
}

/**
 * plait_check_batch - steps 1 to 5 for a batch
 * @d: datagrams of one lane; @at and @len are read, the rest is filled in.
 *	Those of another lane are judged PLAIT_DROP_RX_LANE: only the lane's own
 *	window is read
 * @count: how many
 * @lookup: finds keys; called once for a run of equal index and epoch
 * @ctx: passed to @lookup
 */
void plait_check_batch(struct plait_rx_dgram *d, unsigned int count,
		       plait_lookup_fn *lookup, void *ctx);

#endif /* PLAIT_CORE_CHECK_H */
