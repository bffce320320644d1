/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * Segmentation of a TCP or UDP super-packet into inner packets, header by
 * header, and its reverse: appending a TCP segment to a larger packet. Both
 * leave the transport checksum partial (flag C of docs/protocol.md section 5).
 */
#ifndef PLAIT_CORE_SEGMENT_H
#define PLAIT_CORE_SEGMENT_H

#include "packet.h"

/* IPv4 with options, or IPv6, and TCP with options. */
#define PLAIT_HEADERS_MAX 120u

/**
 * struct plait_segmenter - a super-packet being taken apart
 * @headers: its IP and transport header
 * @payload: octets of payload behind them
 * @mss: payload of each segment but the last
 * @pseudo: sum of addresses and protocol, for the checksums
 * @ip_sum: sum of an IPv4 header without what differs from segment to segment
 * @seq: TCP sequence number of the first octet
 * @id: IPv4 identification of the first segment
 * @headers_len: length of @headers
 * @l4: offset of the transport header
 * @version: 4 or 6
 * @proto: PLAIT_PROTO_*
 * @csum: partial checksum of a full segment
 */
struct plait_segmenter {
	const u8 *headers;
	u32 payload;
	u32 mss;
	u64 pseudo;
	u64 ip_sum;
	u32 seq;
	u16 id;
	u16 headers_len;
	u16 l4;
	u8 version;
	u8 proto;
	u16 csum;
};

/**
 * plait_headers_length - length of IP and transport header
 * @p: a packet
 * @len: octets of it that can be read
 *
 * Return: their length, or 0 if they are not ones that can be segmented: IPv4
 * with TCP or UDP and no fragment, IPv6 with TCP or UDP directly.
 */
u32 plait_headers_length(const u8 *p, u32 len);

/**
 * plait_segment_begin - begin to take a super-packet apart
 * @s: filled in
 * @headers: its headers, plait_headers_length() octets, and at least that many
 * @len: octets that can be read there
 * @payload: octets of payload, at least 1
 * @mss: payload of a segment, at least 1
 *
 * Return: how many segments there are, 0 if it cannot be segmented.
 */
u32 plait_segment_begin(struct plait_segmenter *s, const u8 *headers, u32 len,
			u32 payload, u32 mss);

/**
 * plait_segment_headers - write one segment's headers
 * @s: the super-packet
 * @i: which segment, from 0
 * @out: where; @s->headers_len octets
 *
 * Return: how many octets of payload belong behind them.
 */
u32 plait_segment_headers(const struct plait_segmenter *s, u32 i, u8 *out);

/**
 * struct plait_merge - a TCP packet that segments are appended to
 * @headers: its headers, in the caller's memory
 * @payload: octets of payload so far
 * @mss: payload of its first segment
 * @segments: how many segments it holds
 * @next_seq: TCP sequence number that comes next
 * @ip_differs: sum of what an IPv4 header may have otherwise than the first
 * @headers_len: length of @headers
 * @l4: offset of the TCP header
 * @id: IPv4 identification of the first segment
 * @closed: nothing may be appended any more
 */
struct plait_merge {
	u8 *headers;
	u32 payload;
	u32 mss;
	u32 segments;
	u32 next_seq;
	u16 ip_differs;
	u16 headers_len;
	u16 l4;
	u16 id;
	bool closed;
};

/* A merged packet's length field has 16 bits. */
#define PLAIT_MERGE_MAX 65535u

/**
 * plait_merge_begin - begin with a TCP packet whose checksum is partial
 * @m: filled in
 * @headers: the packet's headers, in memory that lives as long as @m
 * @readable: octets that can be read there
 * @len: the packet's length
 *
 * Return: false if it is no packet that others may be appended to.
 */
bool plait_merge_begin(struct plait_merge *m, u8 *headers, u32 readable,
		       u32 len);

/**
 * plait_merge_append - append a packet, if it continues @m exactly
 * @m: the larger packet
 * @p: the next one, whose checksum is partial; its headers can be read
 * @len: its length
 *
 * It continues @m if a segmentation of the result would give back the packets
 * that went in, but for the identification of IPv4 packets that may not be
 * fragmented (RFC 6864 gives it no meaning there). Return: true if appended:
 * the caller adds the payload.
 */
bool plait_merge_append(struct plait_merge *m, const u8 *p, u32 len);

/* Write lengths and partial checksum into the merged packet's headers. */
void plait_merge_finish(struct plait_merge *m);

#endif /* PLAIT_CORE_SEGMENT_H */
