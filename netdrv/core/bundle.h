/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Bundles on transmit: which small packets of a batch share a datagram
 * (docs/protocol.md, section 5), with a flow's order kept.
 */
#ifndef PLAIT_CORE_BUNDLE_H
#define PLAIT_CORE_BUNDLE_H

#include "number.h"

/* Packets that are looked at together. */
#define PLAIT_BUNDLE_PACKETS 64u

/* In place of a packet's number: none. */
#define PLAIT_BUNDLE_END 255u

/**
 * struct plait_bundle_packet - a packet to be sent
 * @len: its length; what must have a datagram, or several, of its own has the
 *	limit that plait_bundle_plan() is given
 * @bucket: flow bucket
 * @flags: PLAIT_INNER_* that a symbol with it has
 * @dsfield: DS field of its outer header
 * @next: filled in: the bundle's next packet, or PLAIT_BUNDLE_END
 */
struct plait_bundle_packet {
	u32 len;
	u8 bucket;
	u8 flags;
	u8 dsfield;
	u8 next;
};

/**
 * struct plait_bundle - packets of one bucket for one datagram
 * @len: their length together
 * @first: number of the first
 * @last: number of the last
 * @count: how many
 * @bucket: flow bucket
 */
struct plait_bundle {
	u32 len;
	u8 first;
	u8 last;
	u8 count;
	u8 bucket;
};

/**
 * struct plait_bundler - packets and the bundles that they make
 * @packet: the packets, in order
 * @bundle: filled in
 * @latest: per bucket, its newest bundle; may hold anything before
 */
struct plait_bundler {
	struct plait_bundle_packet packet[PLAIT_BUNDLE_PACKETS];
	struct plait_bundle bundle[PLAIT_BUNDLE_PACKETS];
	u8 latest[PLAIT_BUCKETS];
};

/**
 * plait_bundle_plan - put packets together
 * @b: @b->packet is read
 * @count: how many there are, up to PLAIT_BUNDLE_PACKETS
 * @limit: octets of packets that a datagram takes
 *
 * Packets of a bundle have bucket, flags and DS field in common. Those of one
 * bucket are in order, within a bundle and from one to the next. Where bundles of
 * unequal length would cost more trips through the stack than they save datagrams,
 * each packet has its own. Return: how many bundles there are, in @b->bundle.
 */
unsigned int plait_bundle_plan(struct plait_bundler *b, unsigned int count,
			       u32 limit);

#endif /* PLAIT_CORE_BUNDLE_H */
