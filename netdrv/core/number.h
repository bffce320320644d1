/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Numbering on transmit: packet numbers, data sequence numbers, flow buckets
 * and strand sequence of one lane, given to a batch of datagrams at once.
 */
#ifndef PLAIT_CORE_NUMBER_H
#define PLAIT_CORE_NUMBER_H

#include "verdict.h"
#include "wire.h"

#define PLAIT_BUCKETS 256u

/**
 * struct plait_dsn_state - DSN and buckets of one lane in one session
 * @next: the DSN of the next source symbol
 * @last: per bucket, the DSN of its newest symbol plus one; 0: none yet
 */
struct plait_dsn_state {
	u64 next;
	u64 last[PLAIT_BUCKETS];
};

/**
 * struct plait_numbering - what a batch is numbered from
 * @dsn: of the lane and session
 * @counter: next packet-number counter of the lane and key epoch
 * @end: the first counter that may not be used, PLAIT_COUNTER_MAX + 1 at most
 * @strand_seq: next sequence number of the lane on the strand
 * @tag_key: header tag key towards the peer
 * @index: the peer's receiver index
 * @tstamp_us: the time now
 * @epoch: key epoch
 * @lane: lane
 * @strand: strand id
 *
 * The pointers' targets are protected by the caller's lane lock.
 */
struct plait_numbering {
	struct plait_dsn_state *dsn;
	u64 *counter;
	u64 end;
	u32 *strand_seq;
	const struct plait_tag_key *tag_key;
	u32 index;
	u32 tstamp_us;
	u16 epoch;
	u8 lane;
	u8 strand;
};

/**
 * struct plait_tx_dgram - a SOURCE datagram under construction
 * @at: its first octet; inner packets stand at @at + 40
 * @rest: the end of its plaintext, if that lies elsewhere yet and whoever seals
 *	shall read it there; or NULL
 * @pn: filled in: packet number
 * @len: its length, header and authentication tag included
 * @rest_len: octets of @rest
 * @bucket: flow bucket
 * @flags: PLAIT_INNER_* of its inner header
 */
struct plait_tx_dgram {
	u8 *at;
	const u8 *rest;
	u64 pn;
	u32 len;
	u32 rest_len;
	u8 bucket;
	u8 flags;
};

/**
 * plait_number_batch - number datagrams and write both their headers
 * @n: numbering state, moved on by what is numbered
 * @d: the datagrams, in order
 * @count: how many
 *
 * Return: how many were numbered: fewer than @count when they reach @n->end.
 */
unsigned int plait_number_batch(const struct plait_numbering *n,
				struct plait_tx_dgram *d, unsigned int count);

/**
 * plait_dsn_extend - the 64-bit DSN nearest to one seen
 * @near: the highest DSN accepted on the lane
 * @low: the low 32 bits from the wire
 */
PLAIT_INLINE u64 plait_dsn_extend(u64 near, u32 low)
{
	u32 ahead = low - (u32)near;

	if (ahead < 1U << 31)
		return near + ahead;
	if (near < (u64)(u32)-ahead)
		return low;
	return near - (u32)-ahead;
}

#endif /* PLAIT_CORE_NUMBER_H */
