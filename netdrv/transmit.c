// SPDX-License-Identifier: GPL-2.0
/*
 * From the stack to a batch: single packets and GSO super-packets, sent at
 * once or by the lane's transmit NAPI, so that a flow's order is kept.
 */

#include <linux/if_ether.h>

#include "plait.h"

/* IPv6 header and ports, or an IPv4 header with options and ports. */
#define PLAIT_HEADERS_PULL 64u

static unsigned int segments_of(const struct sk_buff *skb)
{
	return max_t(unsigned int, skb_shinfo(skb)->gso_segs, 1);
}

/*
 * May the checksum stay partial on its way, as flag C says? If not, complete
 * it here. Return: false if that failed.
 */
static bool prepare_checksum(struct sk_buff *skb, u8 *flags)
{
	struct plait_csum_place place;

	*flags = 0;
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	if (plait_csum_find(skb->data, skb_headlen(skb), &place) &&
	    place.start == skb_checksum_start_offset(skb) &&
	    place.offset == skb->csum_offset) {
		*flags = PLAIT_INNER_PARTIAL_CSUM;
		return true;
	}
	return !skb_checksum_help(skb);
}

/* DS field of the outer header: RFC 6040 for ECN, RFC 2983 for DSCP. */
static u8 outer_dsfield(const struct plait_dev *p, const u8 *pkt)
{
	u8 tclass = plait_ip_tclass(pkt), dscp = READ_ONCE(p->dscp);

	return dscp == PLAIT_DSCP_INHERIT ? tclass : dscp << 2 | (tclass & 3);
}

/*
 * What a packet or super-packet is like, its checksum included. False if there
 * was no memory for that: it is dropped.
 */
static bool describe(struct plait_lane *lane, struct sk_buff *skb,
		     struct plait_bundle_packet *kind)
{
	kind->len = skb->len;
	kind->dsfield = outer_dsfield(lane->p, skb->data);
	kind->bucket = plait_flow_hash(skb->data, skb_headlen(skb));
	kind->flags = PLAIT_INNER_PARTIAL_CSUM;
	if (skb_is_gso(skb) || likely(prepare_checksum(skb, &kind->flags)))
		return true;
	plait_drop(lane->p, skb, PLAIT_DROP_TX_NOMEM, 1);
	return false;
}

/* One packet. @lone: nothing is about to follow. */
static void send_packet(struct plait_lane *lane, struct sk_buff *skb,
			const struct plait_bundle_packet *kind, bool lone)
{
	struct plait_tx_dgram *d;
	struct plait_cursor c;

	if (lone && !lane->tx.batch.skb && plait_batch_lone(lane, skb, kind))
		return;
	d = plait_batch_slot(lane, skb->len + PLAIT_SOURCE_OVERHEAD, kind, 1);
	if (unlikely(!d)) {
		plait_drop(lane->p, skb, PLAIT_DROP_TX_NOMEM, 1);
		return;
	}
	plait_cursor_begin(&c, skb);
	plait_batch_text(d, &c, plait_batch_packets(d), skb->len);
	plait_batch_hold(&lane->tx.batch, skb);
}

/* Packets of one flow in one datagram. */
static void send_bundle(struct plait_lane *lane, const struct plait_bundle *b)
{
	struct plait_lane_tx *tx = &lane->tx;
	struct plait_tx_dgram *d;
	u8 i = b->first, *at = NULL;

	d = plait_batch_slot(lane, b->len + PLAIT_SOURCE_OVERHEAD,
			     &tx->bundler.packet[i], b->count);
	if (likely(d)) {
		at = plait_batch_packets(d);
		plait_event_count(lane->p, PLAIT_EVENT_TX_BUNDLES, 1);
	}
	for (; i != PLAIT_BUNDLE_END; i = tx->bundler.packet[i].next) {
		struct sk_buff *skb = tx->waiting[i];
		struct plait_cursor c;

		if (unlikely(!at)) {
			plait_drop(lane->p, skb, PLAIT_DROP_TX_NOMEM, 1);
			continue;
		}
		plait_cursor_begin(&c, skb);
		plait_cursor_copy(&c, at, skb->len);
		at += skb->len;
		plait_batch_hold(&tx->batch, skb);
	}
}

/* What we cannot take apart ourselves: the stack does. */
static void send_by_stack(struct plait_lane *lane, struct sk_buff *skb)
{
	netdev_features_t features = lane->p->dev->features & ~NETIF_F_GSO_MASK;
	struct sk_buff *segs = skb_gso_segment(skb, features), *next;
	struct plait_bundle_packet kind;

	if (IS_ERR_OR_NULL(segs)) {
		plait_drop(lane->p, skb, PLAIT_DROP_TX_PROTOCOL, segments_of(skb));
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		if (unlikely(skb->len > READ_ONCE(lane->p->dev->mtu)))
			plait_drop(lane->p, skb, PLAIT_DROP_TX_TOO_BIG, 1);
		else if (likely(describe(lane, skb, &kind)))
			send_packet(lane, skb, &kind, false);
	}
}

/* A TCP or UDP super-packet: headers by template, payload read where it lies. */
static void send_gso(struct plait_lane *lane, struct sk_buff *skb,
		     const struct plait_bundle_packet *kind)
{
	const unsigned int types = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 |
				   SKB_GSO_UDP_L4;
	struct plait_segmenter s;
	struct plait_tx_dgram *d;
	struct plait_cursor c;
	unsigned int count;
	u32 i, n = 0, headers;

	/* TCP's are linear clones, which a pull would copy: try without. */
	headers = plait_headers_length(skb->data, skb_headlen(skb));
	if (!headers &&
	    pskb_may_pull(skb, min(skb->len, PLAIT_HEADERS_MAX)))
		headers = plait_headers_length(skb->data, skb_headlen(skb));
	if (headers && headers < skb->len && !skb->encapsulation &&
	    skb_shinfo(skb)->gso_type & types)
		n = plait_segment_begin(&s, skb->data, skb_headlen(skb),
					skb->len - headers,
					skb_shinfo(skb)->gso_size);
	if (unlikely(!n)) {
		send_by_stack(lane, skb);
		return;
	}
	if (unlikely(headers + s.mss > READ_ONCE(lane->p->dev->mtu))) {
		plait_drop(lane->p, skb, PLAIT_DROP_TX_TOO_BIG, n);
		return;
	}

	plait_cursor_begin(&c, skb);
	plait_cursor_skip(&c, headers);
	for (i = 0; i < n;) {
		u32 payload = min(s.mss, s.payload - i * s.mss);

		/* The last is a length of its own, unless all of it is full. */
		count = plait_batch_slots(lane, PLAIT_SOURCE_OVERHEAD +
					  headers + payload, kind, 1,
					  max(s.payload / s.mss - i, 1u));
		if (unlikely(!count)) {
			plait_drop_count(lane->p, PLAIT_DROP_TX_NOMEM, n - i);
			break;
		}
		d = &lane->tx.batch.d[lane->tx.batch.count - count];
		for (; count; count--, i++, d++) {
			u8 *at = plait_batch_packets(d);

			plait_segment_headers(&s, i, at);
			plait_batch_text(d, &c, at + headers, payload);
		}
	}
	plait_batch_hold(&lane->tx.batch, skb);
}

/*
 * A packet or super-packet, and nothing else. Context, here and below: RCU read
 * side, BHs off; the caller has made the lane busy.
 */
static void send_alone(struct plait_lane *lane, struct sk_buff *skb)
{
	struct plait_bundle_packet kind;

	if (unlikely(!describe(lane, skb, &kind)))
		return;
	if (skb_is_gso(skb))
		send_gso(lane, skb, &kind);
	else
		send_packet(lane, skb, &kind, true);
	plait_batch_flush(lane);
}

/* The first @n of @lane->tx.waiting, small ones of a flow together. */
static void send_waiting(struct plait_lane *lane, unsigned int n)
{
	struct plait_bundler *bundler = &lane->tx.bundler;
	struct sk_buff **waiting = lane->tx.waiting;
	u32 limit = READ_ONCE(lane->p->dev->mtu);
	unsigned int i, count = 0;

	for (i = 0; i < n; i++) {
		struct plait_bundle_packet *kind = &bundler->packet[count];
		struct sk_buff *skb = waiting[i];

		if (unlikely(!describe(lane, skb, kind)))
			continue;
		if (skb_is_gso(skb))
			kind->len = limit;
		waiting[count++] = skb;
	}
	n = plait_bundle_plan(bundler, count, limit);
	for (i = 0; i < n; i++) {
		const struct plait_bundle *b = &bundler->bundle[i];
		const struct plait_bundle_packet *kind =
			&bundler->packet[b->first];
		struct sk_buff *skb = waiting[b->first];

		if (b->count > 1)
			send_bundle(lane, b);
		else if (skb_is_gso(skb))
			send_gso(lane, skb, kind);
		else
			/* A longer one cannot follow this one in its batch. */
			send_packet(lane, skb, kind,
				    i + 1 == n || b[1].len > b->len);
	}
	plait_batch_flush(lane);
}

/* Give the lane up; whatever was queued meanwhile is the NAPI's. */
static bool lane_release(struct plait_lane *lane)
{
	bool more;

	spin_lock(&lane->tx.lock);
	lane->tx.busy = false;
	more = !skb_queue_empty(&lane->tx.queue);
	spin_unlock(&lane->tx.lock);
	return more;
}

/*
 * Queue a packet, or make the lane busy for the caller, who sends it at once:
 * a batch from process context, or a super-packet, and nothing waits. Single
 * packets in softirq, or in a threaded NAPI (BHs off twice), are queued, since
 * more may follow.
 */
static bool lane_take(struct plait_lane *lane, struct sk_buff *skb)
{
	struct plait_lane_tx *tx = &lane->tx;
	bool now, schedule = false;

	spin_lock(&tx->lock);
	now = tx->up && !tx->busy && skb_queue_empty(&tx->queue) &&
	      (skb_is_gso(skb) || softirq_count() <= SOFTIRQ_DISABLE_OFFSET);
	if (now) {
		tx->busy = true;
	} else if (likely(tx->up && skb_queue_len(&tx->queue) < PLAIT_TX_QUEUE_MAX &&
			  tx->queued + skb->truesize <= PLAIT_QUEUE_BYTES)) {
		schedule = !tx->busy;
		tx->queued += skb->truesize;
		__skb_queue_tail(&tx->queue, skb);
		skb = NULL;
	}
	spin_unlock(&tx->lock);
	if (schedule)
		napi_schedule(&tx->napi);
	else if (!now && skb)
		plait_drop(lane->p, skb, PLAIT_DROP_TX_QUEUE, segments_of(skb));
	return now;
}

/*
 * Is this an IP packet of the kind that it says? What an Ethernet added behind
 * it (tc may redirect from one) is cut off: the peer would read it.
 */
static bool check_protocol(struct sk_buff *skb)
{
	unsigned int version;
	u32 len;

	/* The ports too, so that a flow has one bucket. */
	if (!pskb_may_pull(skb, min_t(u32, skb->len, PLAIT_HEADERS_PULL)))
		return false;
	version = plait_ip_version(skb->data, skb_headlen(skb));
	if (!(version == 4 && skb->protocol == htons(ETH_P_IP)) &&
	    !(version == 6 && skb->protocol == htons(ETH_P_IPV6)))
		return false;
	if (skb_is_gso(skb))
		return true;
	len = plait_ip_length(skb->data, skb->len);
	return len && !pskb_trim_rcsum(skb, len);
}

/* ndo_select_queue: a flow stays on its lane, which is its queue. */
u16 plait_select_queue(struct net_device *dev, struct sk_buff *skb,
		       struct net_device *sb_dev)
{
	const struct plait_dev *p = netdev_priv(dev);
	u32 lanes = READ_ONCE(p->tx_lanes), len;
	u8 buf[PLAIT_HEADERS_PULL];
	const u8 *headers;

	if (lanes == 1)
		return 0;
	/* As many octets as plait_xmit() pulls, wherever they lie. */
	len = min_t(u32, skb->len, sizeof(buf));
	headers = skb_header_pointer(skb, 0, len, buf);
	/* Its low octet is the bucket, so that each lane has all buckets. */
	return headers ? (plait_flow_hash(headers, len) >> 8) % lanes : 0;
}

/*
 * The lane whose queue the packet is on; it may have been put there by tc. The
 * peer may have come to have fewer lanes since.
 */
static struct plait_lane *lane_of(struct plait_dev *p,
				  const struct sk_buff *skb)
{
	u16 queue = skb_get_queue_mapping(skb);

	return &p->lanes[queue < READ_ONCE(p->tx_lanes) ? queue : 0];
}

/* ndo_start_xmit. Context: BHs off, RCU read side, no lock held (LLTX). */
netdev_tx_t plait_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	struct plait_lane *lane = lane_of(p, skb);
	u32 mtu = READ_ONCE(dev->mtu);

	if (unlikely(!check_protocol(skb))) {
		plait_drop(p, skb, PLAIT_DROP_TX_PROTOCOL, 1);
		return NETDEV_TX_OK;
	}
	if (unlikely(!skb_is_gso(skb) && skb->len > mtu)) {
		plait_drop(p, skb, PLAIT_DROP_TX_TOO_BIG, 1);
		return NETDEV_TX_OK;
	}
	/* As a rule the MTU is what the path takes. */
	if (unlikely(READ_ONCE(p->path_mtu) < mtu) &&
	    plait_mtu_too_big(p, skb)) {
		plait_drop(p, skb, PLAIT_DROP_TX_TOO_BIG, segments_of(skb));
		return NETDEV_TX_OK;
	}
	if (unlikely(!plait_cursor_fits(skb))) {
		plait_drop(p, skb, PLAIT_DROP_TX_NOMEM, 1);
		return NETDEV_TX_OK;
	}
	skb_dst_drop(skb);
	if (!lane_take(lane, skb))
		return NETDEV_TX_OK;

	rcu_read_lock();
	send_alone(lane, skb);
	rcu_read_unlock();
	if (lane_release(lane))
		napi_schedule(&lane->tx.napi);
	return NETDEV_TX_OK;
}

/* Let the lane send. Context: process, RTNL. */
void plait_tx_open(struct plait_lane *lane)
{
	napi_enable(&lane->tx.napi);
	spin_lock_bh(&lane->tx.lock);
	lane->tx.up = true;
	spin_unlock_bh(&lane->tx.lock);
}

static bool is_busy(struct plait_lane *lane)
{
	bool busy;

	spin_lock_bh(&lane->tx.lock);
	busy = lane->tx.busy;
	spin_unlock_bh(&lane->tx.lock);
	return busy;
}

/* Drop what waits; while the NAPI is disabled. */
static void purge(struct plait_lane *lane)
{
	spin_lock_bh(&lane->tx.lock);
	__skb_queue_purge(&lane->tx.queue);
	lane->tx.queued = 0;
	spin_unlock_bh(&lane->tx.lock);
}

/*
 * Let it send no more, whoever calls plait_xmit(): generic XDP does until the
 * device is gone. Context: process, RTNL.
 */
void plait_tx_close(struct plait_lane *lane)
{
	spin_lock_bh(&lane->tx.lock);
	lane->tx.up = false;
	spin_unlock_bh(&lane->tx.lock);
	napi_disable(&lane->tx.napi);
	/* It has BHs off, so it is soon done. */
	while (is_busy(lane))
		usleep_range(10, 100);
	purge(lane);
	plait_pages_release(&lane->tx.pages);
}

/*
 * Transmit NAPI of a lane: a budget's worth of packets, in batches; the last
 * super-packet may go beyond it.
 */
int plait_tx_poll(struct napi_struct *napi, int budget)
{
	struct plait_lane *lane = container_of(napi, struct plait_lane,
					       tx.napi);
	struct plait_lane_tx *tx = &lane->tx;
	struct sk_buff *skb;
	unsigned int n = 0;
	int work = 0;

	spin_lock(&tx->lock);
	if (tx->busy) {
		/* Its owner schedules us again. */
		spin_unlock(&tx->lock);
		napi_complete_done(napi, 0);
		return 0;
	}
	tx->busy = true;
	while (work < budget && n < ARRAY_SIZE(tx->waiting) &&
	       (skb = __skb_dequeue(&tx->queue))) {
		tx->waiting[n++] = skb;
		tx->queued -= skb->truesize;
		work += segments_of(skb);
	}
	spin_unlock(&tx->lock);

	rcu_read_lock();
	tx->batch.budget = budget;
	send_waiting(lane, n);
	tx->batch.budget = 0;
	rcu_read_unlock();

	if (lane_release(lane) || work > budget)
		return budget;
	if (work < budget)
		napi_complete_done(napi, work);
	return work;
}
