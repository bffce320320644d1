// SPDX-License-Identifier: GPL-2.0
/*
 * In a lane's NAPI from outer buffers to plaintext: gather a batch of
 * datagrams, check it, open each, record it.
 */

#include "plait.h"
#include "tell.h"
#include "trace.h"

/* plait_lookup_fn: @ctx is the lane. */
static struct plait_rx_keys *lookup(void *ctx, u32 index, u16 epoch,
				    enum plait_verdict *why)
{
	struct plait_lane *lane = ctx;
	struct plait_session *s;
	struct plait_epoch *e;
	unsigned int i;

	*why = PLAIT_DROP_PORT_INDEX;
	for (i = 0; i < PLAIT_SESSIONS; i++) {
		s = rcu_dereference(lane->p->sessions[i]);
		if (!s || s->local_index != index)
			continue;
		e = rcu_dereference(s->epochs[epoch & 1]);
		if (likely(e && e->id == epoch))
			return &e->lanes[lane->id].rx;
		*why = PLAIT_DROP_RX_EPOCH;
	}
	return NULL;
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

	if (likely(plait_cursor_lead(c) >= need))
		return PLAIT_LEAD_SURE;
	if (plait_cursor_in_head(c))
		return PLAIT_LEAD_NONE;
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
			 DIV_ROUND_UP(rx->left, plait_rx_cb(rx->skb)->size));
	if (n && !rx->slot[n - 1].skb)
		rx->slot[n - 1].skb = rx->skb;
	else
		kfree_skb(rx->skb);
	rx->skb = NULL;
}

/* A datagram that is not readable where it lies is copied to the lane's bounce page. */
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
 * Does the next datagram lie in one piece that nobody writes to? What was
 * spliced into a socket is still a file's or a process's, and it must be the
 * same for header tag, keystream and authenticator, which all read it.
 */
static bool is_readable(const struct plait_cursor *c, u32 len)
{
	return likely(c->run >= len && c->ours);
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
		const struct plait_rx_cb *cb;

		cb = plait_rx_cb(rx->skb);
		d->len = min(cb->size, rx->left);
		plait_cursor_settle(c);
		if (likely(is_readable(c, d->len))) {
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
		slot->ecn = cb->ecn;
		slot->skb = NULL;
		rx->left -= d->len;
		if (!rx->left) {
			slot->skb = rx->skb;
			rx->skb = NULL;
			if (cb->aggregate)
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
	return skb && !plait_rx_cb(skb)->aggregate && !skb_is_nonlinear(skb) &&
	       !skb_cloned(skb) && !skb_shared(skb);
}

/* The strand that a datagram names, if there is one. */
static struct plait_strand *strand_of(struct plait_dev *p,
				      const struct plait_rx_dgram *d)
{
	return d->hdr.strand < PLAIT_STRANDS ?
	       rcu_dereference(p->strands[d->hdr.strand]) : NULL;
}

static void count_arrival(struct plait_dev *p, const struct plait_rx_dgram *d)
{
	struct plait_strand *strand = strand_of(p, d);

	if (strand) {
		this_cpu_inc(strand->stats->rx_datagrams);
		this_cpu_add(strand->stats->rx_bytes, d->len);
	}
	plait_event_count(p, PLAIT_EVENT_RX_DATAGRAMS, 1);
}

static struct plait_epoch_lane *epoch_lane(const struct plait_rx_dgram *d)
{
	return container_of(d->keys, struct plait_epoch_lane, rx);
}

/* The AEAD refused it: count that for the key and the strand. */
static void count_failure(struct plait_lane *lane,
			  const struct plait_rx_dgram *d)
{
	struct plait_strand *strand = strand_of(lane->p, d);
	struct plait_epoch *e = epoch_lane(d)->epoch;

	if (atomic64_inc_return(&e->open_failures) >= e->open_failures_max)
		plait_epoch_raise(e, PLAIT_EPOCH_SPENT);
	if (strand)
		plait_strand_failed(lane->p, strand);
}

/*
 * Open a datagram that passed the checks to where @t says. If that fails,
 * everything is as it was.
 */
static enum plait_verdict open_dgram(struct plait_lane *lane,
				     const struct plait_rx_dgram *d,
				     struct plait_rx_slot *slot,
				     struct plait_plain *t)
{
	struct plait_epoch_lane *el = epoch_lane(d);
	struct plait_epoch *e = el->epoch;
	bool ok;

	if (unlikely(d->len > PLAIT_DGRAM_MAX))
		return PLAIT_DROP_RX_LONG;
	if (unlikely(atomic64_read(&e->open_failures) >= e->open_failures_max))
		return PLAIT_DROP_RX_LIMIT;
	t->len = d->len - PLAIT_HDR_LEN - PLAIT_AUTH_LEN;
	t->ecn = slot->ecn;
	t->donor = can_donate(slot->skb) ? &slot->skb : NULL;
	if (unlikely(!plait_deliver_place(lane, t)))
		return PLAIT_DROP_RX_NOMEM;

	ok = plait_open(&e->rx, el->open, t->symbol, d->at, d->len, d->hdr.pn,
			slot->lead != PLAIT_LEAD_NONE);
	if (unlikely(!ok && slot->lead == PLAIT_LEAD_UNSURE))
		ok = plait_open(&e->rx, el->open, t->symbol, d->at, d->len,
				d->hdr.pn, false);
	if (likely(ok))
		return PLAIT_OK;
	plait_deliver_revert(lane, t);
	count_failure(lane, d);
	return PLAIT_DROP_RX_AUTH;
}

/* A copy of what was accepted already is an arrival of its strand. */
static enum plait_verdict count_copy(struct plait_lane *lane,
				     const struct plait_rx_dgram *d)
{
	struct plait_strand *strand = strand_of(lane->p, d);

	if (strand)
		this_cpu_inc(strand->stats->rx_copies);
	return PLAIT_DROP_RX_DUPLICATE;
}

/*
 * A copy that the checks have found. A share of them is opened, so that whoever
 * spoils the copies of a strand is seen.
 */
static enum plait_verdict take_copy(struct plait_lane *lane,
				    const struct plait_rx_dgram *d,
				    struct plait_rx_slot *slot)
{
	enum plait_verdict why;
	struct plait_plain t __uninitialized;

	if (plait_copy_is_checked(epoch_lane(d)->epoch->copy_secret,
				  d->hdr.tag) &&
	    plait_bucket_take(&epoch_lane(d)->opened, ktime_get_mono_fast_ns(),
			      PLAIT_COPY_RATE, PLAIT_COPY_BURST)) {
		why = open_dgram(lane, d, slot, &t);
		if (why != PLAIT_OK)
			return why;
		plait_deliver_revert(lane, &t);
	}
	return count_copy(lane, d);
}

/* Open a datagram that passed the checks, record it, deliver what it holds. */
static enum plait_verdict take(struct plait_lane *lane,
			       struct plait_rx_dgram *d,
			       struct plait_rx_slot *slot)
{
	struct plait_epoch_lane *el = epoch_lane(d);
	struct plait_epoch *e = el->epoch;
	enum plait_verdict why;
	struct plait_plain t __uninitialized;

	why = open_dgram(lane, d, slot, &t);
	if (unlikely(why != PLAIT_OK))
		return why;
	why = plait_window_accept(&el->rx.window,
				  plait_pn_counter(d->hdr.pn));
	if (unlikely(why != PLAIT_OK)) {
		plait_deliver_revert(lane, &t);
		return why == PLAIT_DROP_RX_DUPLICATE ? count_copy(lane, d) :
							why;
	}
	plait_tell_accepted(lane, el, plait_pn_counter(d->hdr.pn));
	if (unlikely(test_bit(PLAIT_EPOCH_ON_RECEIPT, &e->flags)))
		plait_epoch_raise(e, PLAIT_EPOCH_ARRIVED);
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

/* Check a batch, take what is sound of it, and free what is used up. */
static void batch(struct plait_lane *lane, unsigned int n, int budget)
{
	struct plait_lane_rx *rx = &lane->rx;
	unsigned int i;

	plait_check_batch(rx->d, n, lookup, lane);
	for (i = 0; i < n; i++) {
		struct plait_rx_dgram *d = &rx->d[i];

		if (likely(d->verdict == PLAIT_OK))
			d->verdict = take(lane, d, &rx->slot[i]);
		else if (d->verdict == PLAIT_DROP_RX_DUPLICATE)
			d->verdict = take_copy(lane, d, &rx->slot[i]);
		if (unlikely(d->verdict != PLAIT_OK))
			plait_drop_count(lane->p, d->verdict, 1);
	}
	for (i = 0; i < n; i++) {
		struct sk_buff *skb = rx->slot[i].skb;

		if (!skb)
			continue;
		if (likely(rx->d[i].verdict == PLAIT_OK ||
			   plait_rx_cb(skb)->aggregate))
			napi_consume_skb(skb, budget);
		else
			plait_drop_free(skb, rx->d[i].verdict);
	}
}

/* Receive NAPI of a lane: a budget's worth of datagrams. */
int plait_rx_poll(struct napi_struct *napi, int budget)
{
	struct plait_lane *lane = container_of(napi, struct plait_lane,
					       rx.napi);
	unsigned int n;
	int work = 0;

	rcu_read_lock();
	while (work < budget) {
		n = gather(lane, min(budget - work, PLAIT_BATCH));
		if (!n)
			break;
		batch(lane, n, budget);
		work += n;
	}
	plait_tell_flush(lane);
	trace_plait_receive(lane, work, lane->rx.packets);
	plait_deliver_flush(lane);
	rcu_read_unlock();

	if (work < budget)
		napi_complete_done(napi, work);
	return work;
}

/* Let the lane receive. Context: process, RTNL. */
void plait_rx_open(struct plait_lane *lane)
{
	struct plait_lane_rx *rx = &lane->rx;

	napi_enable(&rx->napi);
	spin_lock_bh(&rx->queue.lock);
	rx->up = true;
	spin_unlock_bh(&rx->queue.lock);
}

/* Let it receive no more, and drop what waits. Context: process, RTNL. */
void plait_rx_close(struct plait_lane *lane)
{
	struct plait_lane_rx *rx = &lane->rx;

	spin_lock_bh(&rx->queue.lock);
	rx->up = false;
	spin_unlock_bh(&rx->queue.lock);
	napi_disable(&rx->napi);

	spin_lock_bh(&rx->queue.lock);
	skb_queue_splice_tail_init(&rx->queue, &rx->pending);
	rx->queued = 0;
	spin_unlock_bh(&rx->queue.lock);
	__skb_queue_purge(&rx->pending);
	kfree_skb(rx->skb);
	rx->skb = NULL;
	plait_pages_release(&rx->pages);
	plait_pages_release(&rx->bounce);
}
