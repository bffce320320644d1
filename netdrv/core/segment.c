// SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
/* Segmentation and merging of TCP and UDP: see segment.h. */

#include "segment.h"

/* Offsets and flags of the TCP header, RFC 9293 section 3.1. */
#define TCP_SEQ 4
#define TCP_ACK 8
#define TCP_DOFF 12
#define TCP_FLAGS 13
#define TCP_WINDOW 14
#define TCP_CSUM 16
#define TCP_URGENT 18
#define TCP_FLAG_FIN 0x01
#define TCP_FLAG_PSH 0x08
#define TCP_FLAG_ACK 0x10
#define TCP_FLAG_CWR 0x80

#define UDP_LENGTH 4
#define UDP_CSUM 6

#define IPV4_LENGTH 2
#define IPV4_ID 4
#define IPV4_FRAG 6
#define IPV4_FRAG_DF 0x4000
#define IPV4_CSUM 10
#define IPV6_LENGTH 4

static u8 l4_proto(const u8 *p)
{
	return p[0] >> 4 == 4 ? p[9] : p[6];
}

static u32 l4_offset(const u8 *p)
{
	return p[0] >> 4 == 4 ? (p[0] & 15) * 4u : PLAIT_IPV6_LEN;
}

u32 plait_headers_length(const u8 *p, u32 len)
{
	struct plait_csum_place place;
	u32 doff;

	if (plait_ip_version(p, len) == 4 && (p[0] & 15) < 5)
		return 0;
	if (!plait_csum_find(p, len, &place))
		return 0;
	if (l4_proto(p) == PLAIT_PROTO_UDP)
		return place.start + PLAIT_UDP_LEN;
	doff = (p[place.start + TCP_DOFF] >> 4) * 4u;
	if (doff < PLAIT_TCP_LEN || place.start + doff > len)
		return 0;
	return place.start + doff;
}

/*
 * Headers of IP, TCP and UDP are whole words of four octets. Inline, word by word:
 * so few octets cost less than a call of memcpy() or memcmp().
 */
static void copy_headers(u8 *to, const u8 *from, u32 len)
{
	u32 i;

	for (i = 0; i + 8 <= len; i += 8)
		plait_put_be64(to + i, plait_get_be64(from + i));
	if (i < len)
		plait_put_be32(to + i, plait_get_be32(from + i));
}

static bool same_headers(const u8 *p, const u8 *q, u32 len)
{
	u32 i;

	for (i = 0; i + 8 <= len; i += 8)
		if (plait_get_be64(p + i) != plait_get_be64(q + i))
			return false;
	return i == len || plait_get_be32(p + i) == plait_get_be32(q + i);
}

/* Partial checksum: pseudo-header with the transport length. */
static u16 partial_csum(u64 pseudo, u32 l4_len)
{
	return plait_csum_fold(pseudo + l4_len);
}

/* What differs between the IPv4 headers of segments: RFC 1071 sums, folded. */
static u16 ip_differs(const u8 *p)
{
	return plait_csum_fold((u64)plait_get_be16(p + IPV4_LENGTH) +
			       plait_get_be16(p + IPV4_ID) +
			       plait_get_be16(p + IPV4_CSUM));
}

/* IP length field. */
static void put_length(u8 *p, u32 len)
{
	if (p[0] >> 4 == 4)
		plait_put_be16(p + IPV4_LENGTH, (u16)len);
	else
		plait_put_be16(p + IPV6_LENGTH, (u16)(len - PLAIT_IPV6_LEN));
}

u32 plait_segment_begin(struct plait_segmenter *s, const u8 *headers, u32 len,
			u32 payload, u32 mss)
{
	u32 headers_len = plait_headers_length(headers, len);

	if (!headers_len || !payload || !mss ||
	    mss > PLAIT_MERGE_MAX - headers_len)
		return 0;
	s->headers = headers;
	s->payload = payload;
	s->mss = mss;
	s->headers_len = (u16)headers_len;
	s->version = headers[0] >> 4;
	s->proto = l4_proto(headers);
	s->l4 = (u16)l4_offset(headers);
	s->pseudo = plait_csum_addresses(headers) + s->proto;
	s->seq = s->proto == PLAIT_PROTO_TCP ?
		 plait_get_be32(headers + s->l4 + TCP_SEQ) : 0;
	s->id = s->version == 4 ? plait_get_be16(headers + IPV4_ID) : 0;
	s->ip_sum = s->version == 4 ? plait_csum_words(headers, s->l4) +
				      (u16)~ip_differs(headers) : 0;
	s->csum = partial_csum(s->pseudo, headers_len - s->l4 + mss);
	return (payload - 1) / mss + 1;
}

u32 plait_segment_headers(const struct plait_segmenter *s, u32 i, u8 *out)
{
	u32 done = i * s->mss, left = s->payload - done;
	u32 payload = left < s->mss ? left : s->mss;
	u32 len = s->headers_len + payload;
	u8 *l4 = out + s->l4;
	u16 csum = s->csum;

	PLAIT_ASSERT(done < s->payload);
	copy_headers(out, s->headers, s->headers_len);
	if (payload != s->mss)
		csum = partial_csum(s->pseudo, len - s->l4);
	put_length(out, len);
	if (s->version == 4) {
		u16 id = (u16)(s->id + i);

		plait_put_be16(out + IPV4_ID, id);
		plait_put_be16(out + IPV4_CSUM,
			       (u16)~plait_csum_fold(s->ip_sum + len + id));
	}

	if (s->proto == PLAIT_PROTO_UDP) {
		plait_put_be16(l4 + UDP_LENGTH, (u16)(len - s->l4));
		plait_put_be16(l4 + UDP_CSUM, csum);
		return payload;
	}
	plait_put_be32(l4 + TCP_SEQ, s->seq + done);
	if (payload < left)
		l4[TCP_FLAGS] &= 0xff ^ (TCP_FLAG_FIN | TCP_FLAG_PSH);
	if (i)
		l4[TCP_FLAGS] &= 0xff ^ TCP_FLAG_CWR;
	plait_put_be16(l4 + TCP_CSUM, csum);
	return payload;
}

/*
 * Is an IPv4 header's checksum right? A merge would write a right one, and
 * never 0xffff, which sums up as 0 does.
 */
static bool ip_sound(const u8 *p, u32 l4)
{
	return p[0] >> 4 == 6 ||
	       (plait_get_be16(p + IPV4_CSUM) != 0xffff &&
		plait_csum_fold(plait_csum_words(p, l4)) == 0xffff);
}

bool plait_merge_begin(struct plait_merge *m, u8 *headers, u32 readable,
		       u32 len)
{
	u32 headers_len = plait_headers_length(headers, readable);
	const u8 *tcp;

	if (!headers_len || l4_proto(headers) != PLAIT_PROTO_TCP ||
	    headers_len >= len)
		return false;
	m->l4 = (u16)l4_offset(headers);
	if (headers[0] >> 4 == 4 && m->l4 != PLAIT_IPV4_LEN)
		return false;
	if (!ip_sound(headers, m->l4))
		return false;
	tcp = headers + m->l4;
	if ((tcp[TCP_FLAGS] & ~(TCP_FLAG_PSH | TCP_FLAG_CWR)) != TCP_FLAG_ACK)
		return false;
	m->headers = headers;
	m->headers_len = (u16)headers_len;
	m->payload = len - headers_len;
	m->mss = m->payload;
	m->segments = 1;
	m->next_seq = plait_get_be32(tcp + TCP_SEQ) + m->payload;
	m->id = headers[0] >> 4 == 4 ? plait_get_be16(headers + IPV4_ID) : 0;
	m->ip_differs = headers[0] >> 4 == 4 ? ip_differs(headers) : 0;
	m->closed = tcp[TCP_FLAGS] & TCP_FLAG_PSH;
	return true;
}

/*
 * Same IP header, but for length, identification and checksum, and that as right
 * as the first one's?
 */
static bool same_ip(const struct plait_merge *m, const u8 *p)
{
	const u8 *q = m->headers;

	if (q[0] >> 4 == 6)
		return same_headers(p, q, IPV6_LENGTH) &&
		       plait_get_be16(p + 6) == plait_get_be16(q + 6) &&
		       same_headers(p + 8, q + 8, 32);
	if (plait_get_be16(p) != plait_get_be16(q) ||
	    plait_get_be32(p + IPV4_FRAG) != plait_get_be32(q + IPV4_FRAG) ||
	    !same_headers(p + 12, q + 12, 8) || ip_differs(p) != m->ip_differs ||
	    plait_get_be16(p + IPV4_CSUM) == 0xffff)
		return false;
	return plait_get_be16(p + IPV4_FRAG) & IPV4_FRAG_DF ||
	       plait_get_be16(p + IPV4_ID) == (u16)(m->id + m->segments);
}

/* Same TCP header, but for sequence, checksum, and FIN and PSH at the end? */
static bool same_tcp(const struct plait_merge *m, const u8 *t)
{
	const u8 *q = m->headers + m->l4;
	u32 options = m->headers_len - m->l4 - PLAIT_TCP_LEN;

	return plait_get_be32(t) == plait_get_be32(q) &&
	       plait_get_be32(t + TCP_SEQ) == m->next_seq &&
	       plait_get_be32(t + TCP_ACK) == plait_get_be32(q + TCP_ACK) &&
	       t[TCP_DOFF] == q[TCP_DOFF] &&
	       (t[TCP_FLAGS] & ~(TCP_FLAG_FIN | TCP_FLAG_PSH)) ==
	       (q[TCP_FLAGS] & ~TCP_FLAG_CWR) &&
	       plait_get_be16(t + TCP_WINDOW) ==
	       plait_get_be16(q + TCP_WINDOW) &&
	       plait_get_be16(t + TCP_URGENT) ==
	       plait_get_be16(q + TCP_URGENT) &&
	       same_headers(t + PLAIT_TCP_LEN, q + PLAIT_TCP_LEN, options);
}

bool plait_merge_append(struct plait_merge *m, const u8 *p, u32 len)
{
	u32 payload;
	u8 flags;

	if (m->closed || len <= m->headers_len)
		return false;
	payload = len - m->headers_len;
	if (payload > m->mss ||
	    m->headers_len + m->payload + payload > PLAIT_MERGE_MAX)
		return false;
	if (!same_ip(m, p) || !same_tcp(m, p + m->l4))
		return false;

	flags = p[m->l4 + TCP_FLAGS] & (TCP_FLAG_FIN | TCP_FLAG_PSH);
	m->headers[m->l4 + TCP_FLAGS] |= flags;
	m->payload += payload;
	m->next_seq += payload;
	m->segments++;
	m->closed = flags || payload < m->mss;
	return true;
}

void plait_merge_finish(struct plait_merge *m)
{
	u32 len = m->headers_len + m->payload;
	u64 pseudo = plait_csum_addresses(m->headers) + PLAIT_PROTO_TCP;

	if (m->segments == 1)
		return;
	put_length(m->headers, len);
	if (m->headers[0] >> 4 == 4)
		plait_ipv4_csum(m->headers, m->l4);
	plait_put_be16(m->headers + m->l4 + TCP_CSUM,
		       partial_csum(pseudo, len - m->l4));
}
