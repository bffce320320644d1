// SPDX-License-Identifier: GPL-2.0
/*
 * From a socket to the lanes. A buffer whose datagrams are all of one lane, as
 * nearly all are, goes there whole; one that GRO made of several lanes' or
 * devices' datagrams is divided here, where their order is still known.
 */

#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "plait.h"

/* What says whose a datagram is: type to receiver index, and the lane. */
#define KEY_OFF PLAIT_OFF_TYPE
#define KEY_LEN (PLAIT_OFF_PN + 1 - KEY_OFF)

/**
 * struct owner - whose a datagram is
 * @lane: the lane, or NULL
 * @why: why it is nobody's
 */
struct owner {
	struct plait_lane *lane;
	enum plait_verdict why;
};

static unsigned int dgram_count(u32 octets, u32 size)
{
	return octets ? DIV_ROUND_UP(octets, size) : 1;
}

/* Note what the lane must know, while the outer headers are at hand. */
static void note_outer(struct sk_buff *skb)
{
	struct plait_rx_cb *cb = plait_rx_cb(skb);

	cb->aggregate = skb_is_gso(skb) &&
			skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4;
	cb->size = (cb->aggregate ? skb_shinfo(skb)->gso_size : skb->len) ?: 1;
	if (skb->protocol == htons(ETH_P_IPV6))
		cb->ecn = ipv6_get_dsfield(ipv6_hdr(skb)) & INET_ECN_MASK;
	else
		cb->ecn = ip_hdr(skb)->tos & INET_ECN_MASK;
}

/* Hand a buffer to a lane's NAPI; consumes it. Any CPU, BHs off. */
static void lane_enqueue(struct plait_lane *lane, struct sk_buff *skb)
{
	struct plait_lane_rx *rx = &lane->rx;
	enum plait_verdict why = PLAIT_OK;

	spin_lock(&rx->queue.lock);
	if (unlikely(!rx->up)) {
		why = PLAIT_DROP_RX_DOWN;
	} else if (unlikely(rx->queued + skb->truesize > PLAIT_QUEUE_BYTES)) {
		why = PLAIT_DROP_RX_QUEUE;
	} else {
		__skb_queue_tail(&rx->queue, skb);
		rx->queued += skb->truesize;
	}
	spin_unlock(&rx->queue.lock);

	if (likely(why == PLAIT_OK))
		napi_schedule(&rx->napi);
	else
		plait_drop(lane->p, skb, why,
			   dgram_count(skb->len, plait_rx_cb(skb)->size));
}

/* The first two checks and the receiver index of a datagram. */
static struct owner find_owner(struct plait_socket *ps, const u8 *hdr, u32 len)
{
	struct owner o = {};
	struct plait_session *s;
	unsigned int lane;

	o.why = plait_check_form(hdr, len);
	if (unlikely(o.why != PLAIT_OK))
		return o;
	s = plait_session_lookup(ps->pn, plait_get_be32(hdr + PLAIT_OFF_INDEX));
	if (unlikely(!s)) {
		o.why = PLAIT_DROP_PORT_INDEX;
		return o;
	}
	/* One that the device does not have is judged in its first. */
	lane = hdr[PLAIT_OFF_PN];
	o.lane = &s->p->lanes[lane < s->p->lane_count ? lane : 0];
	return o;
}

/*
 * Hand on @len octets of a buffer at @off, datagrams of one owner; the buffer
 * itself, and not a copy, if @last.
 */
static void hand_on(struct plait_socket *ps, struct owner o,
		    struct sk_buff *skb, u32 off, u32 len, bool last)
{
	const struct plait_rx_cb *cb = plait_rx_cb(skb);
	unsigned int n = dgram_count(len, cb->size);
	const u32 total = skb->len;
	struct sk_buff *part = skb;

	if (off || !last) {
		part = o.lane ? pskb_extract(skb, off, len, GFP_ATOMIC) : NULL;
		if (part) {
			*plait_rx_cb(part) = *cb;
			/* It was charged for the whole. */
			part->truesize = SKB_TRUESIZE(skb_end_offset(part)) +
					 mult_frac(skb->truesize, len, total);
		}
		if (last)
			consume_skb(skb);
	}
	if (unlikely(!o.lane))
		plait_drop_port(ps, part, o.why, n);
	else if (unlikely(!part))
		plait_drop_count(o.lane->p, PLAIT_DROP_RX_NOMEM, n);
	else
		lane_enqueue(o.lane, part);
}

/* Walk over an aggregate, and hand on each run of one owner's datagrams. */
static void divide(struct plait_socket *ps, struct sk_buff *skb)
{
	const u32 size = plait_rx_cb(skb)->size, total = skb->len;
	u8 buf[PLAIT_HDR_LEN], key[KEY_LEN];
	u32 off, run = 0, len = 0;
	struct owner o = {}, next;
	struct plait_cursor c;

	plait_cursor_begin(&c, skb);
	for (off = 0; off < total; off += len) {
		const u8 *hdr = buf;
		bool whole;

		len = min(size, total - off);
		/* Sizes are equal but for the last one's. */
		whole = len == size;
		plait_cursor_settle(&c);
		if (likely(c.run >= len)) {
			hdr = c.at;
			plait_cursor_skip(&c, len);
		} else {
			u32 n = min_t(u32, len, sizeof(buf));

			plait_cursor_copy(&c, buf, n);
			plait_cursor_pass(&c, len - n);
		}
		if (off && likely(whole) &&
		    !memcmp(key, hdr + KEY_OFF, KEY_LEN))
			continue;
		next = find_owner(ps, hdr, len);
		if (likely(whole))
			memcpy(key, hdr + KEY_OFF, KEY_LEN);
		if (off && (next.lane != o.lane || next.why != o.why)) {
			hand_on(ps, o, skb, run, off - run, false);
			run = off;
		}
		o = next;
	}
	hand_on(ps, o, skb, run, total - run, true);
}

/**
 * plait_receive - take a datagram or an aggregate from a socket
 * @ps: the socket
 * @skb: its data are datagrams, end to end; consumed
 *
 * Context: softirq, RCU; under the socket's lock, so that each lane gets its
 * datagrams in the order in which they arrived.
 */
void plait_receive(struct plait_socket *ps, struct sk_buff *skb)
{
	const struct plait_rx_cb *cb = plait_rx_cb(skb);
	u8 buf[PLAIT_HDR_LEN] = {};
	u32 len = skb->len;
	const u8 *hdr;

	note_outer(skb);
	/* Not one of many tiny ones can be sound: they are not looked at. */
	if (unlikely(cb->size < PLAIT_PROTECTED_MIN)) {
		plait_drop_port(ps, skb, PLAIT_DROP_PORT_SHORT,
				dgram_count(len, cb->size));
		return;
	}
	if (unlikely(!plait_cursor_fits(skb))) {
		plait_drop_port(ps, skb, PLAIT_DROP_PORT_NOMEM,
				dgram_count(len, cb->size));
		return;
	}
	if (cb->aggregate) {
		divide(ps, skb);
		return;
	}
	hdr = skb_header_pointer(skb, 0, PLAIT_HDR_LEN, buf);
	hand_on(ps, find_owner(ps, hdr, len), skb, 0, len, true);
}
