// SPDX-License-Identifier: GPL-2.0
/*
 * From a socket to the lanes, and in a lane's NAPI from outer buffers to
 * plaintext: gather a batch of datagrams, check it, open each, record it.
 */

#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "plait.h"

/* Does a buffer hold several datagrams? */
static bool is_aggregate(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4;
}

/* Length of a buffer's datagrams: all are as long but the last. */
static u32 dgram_size(const struct sk_buff *skb)
{
	u32 size = is_aggregate(skb) ? skb_shinfo(skb)->gso_size : skb->len;

	return size ?: 1;
}

static unsigned int dgram_count(const struct sk_buff *skb)
{
	return skb->len ? DIV_ROUND_UP(skb->len, dgram_size(skb)) : 1;
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

	if (likely(why == PLAIT_OK)) {
		napi_schedule(&rx->napi);
		return;
	}
	plait_drop_count(lane->p, why, dgram_count(skb));
	kfree_skb(skb);
}

/*
 * The first two checks and the receiver index of one datagram of a buffer.
 * Return: whose it is, or NULL with the reason.
 */
static struct plait_lane *find_lane(struct plait_socket *ps,
				    const struct sk_buff *skb, u32 off,
				    u32 len, enum plait_verdict *why)
{
	u8 buf[PLAIT_HDR_LEN];
	const u8 *hdr = len < PLAIT_HDR_LEN ? NULL :
			skb_header_pointer(skb, off, PLAIT_HDR_LEN, buf);
	struct plait_session *s;
	unsigned int lane;

	*why = hdr ? plait_check_form(hdr, len) : PLAIT_DROP_PORT_SHORT;
	if (*why != PLAIT_OK)
		return NULL;
	s = plait_session_lookup(ps->pn, plait_get_be32(hdr + PLAIT_OFF_INDEX));
	if (!s) {
		*why = PLAIT_DROP_PORT_INDEX;
		return NULL;
	}
	lane = hdr[PLAIT_OFF_PN];
	return &s->p->lanes[lane < s->p->lane_count ? lane : 0];
}

/* No datagram of the buffer is ours: count each for the port. */
static void drop_strangers(struct plait_socket *ps, struct sk_buff *skb)
{
	u32 size = dgram_size(skb), off = 0;
	enum plait_verdict why;

	do {
		find_lane(ps, skb, off, min(size, skb->len - off), &why);
		this_cpu_inc(ps->stats->drop[why]);
		off += size;
	} while (off < skb->len);
	kfree_skb(skb);
}

/**
 * plait_receive - take a datagram or an aggregate from a socket
 * @ps: the socket
 * @skb: its data are datagrams, end to end; consumed
 *
 * A buffer goes to the lane of its first datagram whose receiver index is
 * known, of a device that is up if there is one; the lane sends on what is not
 * its own. Context: softirq, RCU.
 */
void plait_receive(struct plait_socket *ps, struct sk_buff *skb)
{
	u32 size = dgram_size(skb), off = 0;
	struct plait_lane *down = NULL;
	enum plait_verdict why;

	/* Not one of many tiny ones can be sound: they are not looked at. */
	if (unlikely(is_aggregate(skb) && size < PLAIT_PROTECTED_MIN)) {
		this_cpu_add(ps->stats->drop[PLAIT_DROP_PORT_SHORT],
			     dgram_count(skb));
		kfree_skb(skb);
		return;
	}
	if (unlikely(!plait_cursor_fits(skb))) {
		this_cpu_add(ps->stats->drop[PLAIT_DROP_PORT_NOMEM],
			     dgram_count(skb));
		kfree_skb(skb);
		return;
	}
	do {
		u32 len = min(size, skb->len - off);
		struct plait_lane *lane = find_lane(ps, skb, off, len, &why);

		if (likely(lane && READ_ONCE(lane->rx.up))) {
			lane_enqueue(lane, skb);
			return;
		}
		down = down ?: lane;
		off += size;
	} while (off < skb->len);
	if (down)
		lane_enqueue(down, skb);
	else
		drop_strangers(ps, skb);
}

/* plait_lookup_fn */
static struct plait_rx_keys *lookup(void *ctx, u32 index, u16 epoch,
				    enum plait_verdict *why)
{
	struct plait_session *s = plait_session_lookup(ctx, index);
	struct plait_epoch *e;

	if (unlikely(!s)) {
		*why = PLAIT_DROP_PORT_INDEX;
		return NULL;
	}
	e = rcu_dereference(s->epochs[epoch & 1]);
	if (unlikely(!e || e->id != epoch)) {
		*why = PLAIT_DROP_RX_EPOCH;
		return NULL;
	}
	return &e->rx_keys;
}

/* ECN field of a buffer's outer header. */
static u8 outer_ecn(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_get_dsfield(ipv6_hdr(skb)) & INET_ECN_MASK;
	return ip_hdr(skb)->tos & INET_ECN_MASK;
}

/* Begin with the next waiting buffer. */
static bool next_buffer(struct plait_lane_rx *rx)
{
	if (skb_queue_empty(&rx->pending)) {
		spin_lock(&rx->queue.lock);
		skb_queue_splice_tail_init(&rx->queue, &rx->pending);
		rx->queued = 0;
		spin_unlock(&rx->queue.lock);
	}
	rx->skb = __skb_dequeue(&rx->pending);
	if (!rx->skb)
		return false;
	rx->left = rx->skb->len;
	rx->size = dgram_size(rx->skb);
	rx->ecn = outer_ecn(rx->skb);
	plait_cursor_begin(&rx->cursor, rx->skb);
	return true;
}

/*
 * Can the octets in front of the next datagram, which the AEAD would like, be
 * read? In the linear part, they belong to the same buffer; in a page, to that
 * page, but in front of a fragment a device may be writing them meanwhile.
 */
static enum plait_lead find_lead(const struct plait_cursor *c)
{
	const u32 need = PLAIT_LEAD - PLAIT_HDR_LEN;

	if (c->at >= c->skb->head && c->at < skb_end_pointer(c->skb))
		return c->at - c->skb->head >= need ? PLAIT_LEAD_SURE :
						      PLAIT_LEAD_NONE;
	if (c->at - c->start >= need)
		return PLAIT_LEAD_SURE;
	return offset_in_page(c->at) >= need ? PLAIT_LEAD_UNSURE :
					       PLAIT_LEAD_NONE;
}

/*
 * What is left of the present buffer cannot be used. It is freed, or if the
 * batch's last datagram lies in it, with that.
 */
static void abandon(struct plait_lane *lane, unsigned int n)
{
	struct plait_lane_rx *rx = &lane->rx;

	plait_drop_count(lane->p, PLAIT_DROP_RX_NOMEM,
			 DIV_ROUND_UP(rx->left, rx->size));
	if (n && !rx->slot[n - 1].skb)
		rx->slot[n - 1].skb = rx->skb;
	else
		kfree_skb(rx->skb);
	rx->skb = NULL;
}

/* A datagram that lies in pieces is copied to the lane's bounce page. */
static const u8 *bounce(struct plait_lane_rx *rx, u32 len)
{
	/* Of one that is too long nothing but the header will be looked at. */
	u32 keep = len > PLAIT_DGRAM_MAX ? PLAIT_HDR_LEN : len;
	u8 *at;

	if (!plait_pages_reserve(&rx->bounce, keep))
		return NULL;
	at = plait_pages_at(&rx->bounce);
	plait_cursor_copy(&rx->cursor, at, keep);
	plait_cursor_pass(&rx->cursor, len - keep);
	return at;
}

/*
 * Gather up to @max datagrams into @rx->d. At most one that was bounced, the
 * last, since there is one place for it.
 */
static unsigned int gather(struct plait_lane *lane, unsigned int max)
{
	struct plait_lane_rx *rx = &lane->rx;
	struct plait_cursor *c = &rx->cursor;
	unsigned int n = 0;
	bool last = false;

	while (n < max && !last && (rx->skb || next_buffer(rx))) {
		struct plait_rx_slot *slot = &rx->slot[n];
		struct plait_rx_dgram *d = &rx->d[n];

		d->len = min(rx->size, rx->left);
		plait_cursor_settle(c);
		if (likely(c->run >= d->len)) {
			d->at = c->at;
			slot->lead = find_lead(c);
			plait_cursor_skip(c, d->len);
		} else {
			d->at = bounce(rx, d->len);
			slot->lead = PLAIT_LEAD_SURE;
			last = true;
			if (unlikely(!d->at)) {
				abandon(lane, n);
				last = n;
				continue;
			}
			plait_event_count(lane->p, PLAIT_EVENT_RX_BOUNCED, 1);
		}
		slot->ecn = rx->ecn;
		slot->skb = NULL;
		rx->left -= d->len;
		if (!rx->left) {
			slot->skb = rx->skb;
			rx->skb = NULL;
			if (is_aggregate(slot->skb))
				plait_event_count(lane->p,
						  PLAIT_EVENT_RX_AGGREGATES, 1);
		}
		n++;
	}
	return n;
}

/* May the inner packet be handed up in the outer skb? */
static bool can_donate(const struct sk_buff *skb)
{
	return skb && !is_aggregate(skb) && !skb_is_nonlinear(skb) &&
	       !skb_cloned(skb) && !skb_shared(skb);
}

/* A datagram of another device or lane, in an aggregate that came here. */
static void reroute(const struct plait_rx_dgram *d, const struct plait_epoch *e,
		    u8 ecn)
{
	const u32 headers = sizeof(struct iphdr) + PLAIT_LEAD;
	struct plait_dev *p = e->session->p;
	struct sk_buff *skb = alloc_skb(headers + d->len,
					GFP_ATOMIC | __GFP_NOWARN);
	struct iphdr *ip;

	if (!skb) {
		plait_drop_count(p, PLAIT_DROP_RX_NOMEM, 1);
		return;
	}
	/* All that is ever looked at of the outer headers is the ECN field. */
	skb_reserve(skb, PLAIT_LEAD);
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, sizeof(*ip));
	ip->tos = ecn;
	__skb_pull(skb, sizeof(*ip));
	skb->protocol = htons(ETH_P_IP);
	skb_put_data(skb, d->at, d->len);
	lane_enqueue(&p->lanes[plait_pn_lane(d->hdr.pn)], skb);
}

static void count_arrival(struct plait_dev *p, const struct plait_rx_dgram *d)
{
	struct plait_strand *strand = d->hdr.strand < PLAIT_STRANDS ?
		rcu_dereference(p->strands[d->hdr.strand]) : NULL;

	if (strand) {
		this_cpu_inc(strand->stats->rx_datagrams);
		this_cpu_add(strand->stats->rx_bytes, d->len);
	}
	plait_event_count(p, PLAIT_EVENT_RX_DATAGRAMS, 1);
}

/* Open a datagram that passed the checks, record it, deliver what it holds. */
static enum plait_verdict take(struct plait_lane *lane,
			       struct plait_rx_dgram *d,
			       struct plait_rx_slot *slot)
{
	struct plait_epoch *e = container_of(d->keys, struct plait_epoch,
					     rx_keys);
	enum plait_verdict why;
	struct plait_plain t;
	bool ok;

	if (unlikely(e->session->p != lane->p ||
		     plait_pn_lane(d->hdr.pn) != lane->id)) {
		reroute(d, e, slot->ecn);
		return PLAIT_OK;
	}
	if (unlikely(d->len > PLAIT_DGRAM_MAX))
		return PLAIT_DROP_RX_LONG;
	if (unlikely(atomic64_read(&e->open_failures) >=
		     PLAIT_CHACHA_OPEN_FAILURES_MAX))
		return PLAIT_DROP_RX_LIMIT;
	t.len = d->len - PLAIT_HDR_LEN - PLAIT_AUTH_LEN;
	t.ecn = slot->ecn;
	t.donor = can_donate(slot->skb) ? &slot->skb : NULL;
	if (unlikely(!plait_deliver_place(lane, &t)))
		return PLAIT_DROP_RX_NOMEM;

	ok = plait_open(&e->rx, t.symbol, d->at, d->len, d->hdr.pn,
			slot->lead != PLAIT_LEAD_NONE);
	if (unlikely(!ok && slot->lead == PLAIT_LEAD_UNSURE))
		ok = plait_open(&e->rx, t.symbol, d->at, d->len, d->hdr.pn,
				false);
	if (unlikely(!ok)) {
		plait_deliver_revert(lane, &t);
		atomic64_inc(&e->open_failures);
		return PLAIT_DROP_RX_AUTH;
	}
	why = plait_window_accept(&e->windows[lane->id],
				  plait_pn_counter(d->hdr.pn));
	if (unlikely(why != PLAIT_OK)) {
		plait_deliver_revert(lane, &t);
		return why;
	}
	count_arrival(lane->p, d);
	if (likely(d->hdr.type == PLAIT_TYPE_SOURCE)) {
		plait_deliver(lane, &t);
		return PLAIT_OK;
	}
	plait_deliver_revert(lane, &t);
	/* Version 1 has no control item that it would have to heed. */
	return d->hdr.type == PLAIT_TYPE_CONTROL ? PLAIT_OK :
						   PLAIT_DROP_RX_TYPE;
}

/* Whose datagram it is, as far as that is known: the lane's otherwise. */
static struct plait_dev *owner_of(struct plait_lane *lane,
				  const struct plait_rx_dgram *d)
{
	if (!d->keys)
		return lane->p;
	return container_of(d->keys, struct plait_epoch,
			    rx_keys)->session->p;
}

/* Receive NAPI of a lane: a budget's worth of datagrams. */
int plait_rx_poll(struct napi_struct *napi, int budget)
{
	struct plait_lane *lane = container_of(napi, struct plait_lane,
					       rx.napi);
	struct plait_lane_rx *rx = &lane->rx;
	struct plait_net *pn;
	int work = 0;

	rcu_read_lock();
	pn = READ_ONCE(lane->p->pn);
	while (work < budget && likely(pn)) {
		unsigned int i, n;

		n = gather(lane, min(budget - work, PLAIT_BATCH));
		plait_check_batch(rx->d, n, lookup, pn);
		for (i = 0; i < n; i++) {
			enum plait_verdict why = rx->d[i].verdict;

			if (likely(why == PLAIT_OK))
				why = take(lane, &rx->d[i], &rx->slot[i]);
			if (unlikely(why != PLAIT_OK))
				plait_drop_count(owner_of(lane, &rx->d[i]),
						 why, 1);
		}
		for (i = 0; i < n; i++)
			if (rx->slot[i].skb)
				napi_consume_skb(rx->slot[i].skb, budget);
		work += n;
		if (!n)
			break;
	}
	plait_deliver_flush(lane);
	rcu_read_unlock();
	if (unlikely(!pn))
		plait_rx_purge(lane);

	if (work < budget)
		napi_complete_done(napi, work);
	return work;
}

/* Drop what waits; by the NAPI, or while it is disabled. */
void plait_rx_purge(struct plait_lane *lane)
{
	struct plait_lane_rx *rx = &lane->rx;

	spin_lock_bh(&rx->queue.lock);
	skb_queue_splice_tail_init(&rx->queue, &rx->pending);
	rx->queued = 0;
	spin_unlock_bh(&rx->queue.lock);
	__skb_queue_purge(&rx->pending);
	kfree_skb(rx->skb);
	rx->skb = NULL;
}
