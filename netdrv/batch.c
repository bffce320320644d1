// SPDX-License-Identifier: GPL-2.0
/*
 * Outer buffers on transmit: datagrams written side by side into recycled
 * pages, numbered and sealed together, sent as one UDP-GSO skb; and the lone
 * packet, which is sealed where it lies. All by the lane's present sender.
 */

#include <linux/udp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "plait.h"
#include "trace.h"

/* Headers of the underlay, in front of the datagrams. */
#define UNDERLAY_HEADROOM \
	(LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* Length fields have 16 bits; the longest headers are IPv6 and UDP. */
#define BATCH_BYTES_MAX \
	(65535u - sizeof(struct ipv6hdr) - sizeof(struct udphdr))

/* What is shorter is copied: to read it where it lies costs as much as 400 octets. */
#define BORROW_MIN 512u

/* May a datagram of @len octets follow what the batch holds? */
static bool batch_takes(const struct plait_tx_batch *b, u32 len, u8 dsfield)
{
	return !b->closed && b->count < PLAIT_BATCH && b->dsfield == dsfield &&
	       len <= b->gso_size && b->skb->len + len <= BATCH_BYTES_MAX &&
	       skb_shinfo(b->skb)->nr_frags < MAX_SKB_FRAGS;
}

static bool batch_begin(struct plait_tx_batch *b, u32 len, u8 dsfield)
{
	b->skb = alloc_skb(UNDERLAY_HEADROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!b->skb)
		return false;
	skb_reserve(b->skb, UNDERLAY_HEADROOM);
	b->count = 0;
	b->packets = 0;
	b->gso_size = len;
	b->charged = 0;
	b->dsfield = dsfield;
	b->closed = false;
	return true;
}

/* How many datagrams of @len octets, one behind the other, may follow @at: one at least. */
static unsigned int batch_room(const struct plait_lane_tx *tx, const u8 *at,
			       u32 len)
{
	const struct plait_tx_batch *b = &tx->batch;
	u32 octets = min_t(u32, BATCH_BYTES_MAX - b->skb->len,
			   plait_pages_end(&tx->pages) - at - PLAIT_TRAIL);

	return len < b->gso_size ? 1 :
	       min_t(u32, PLAIT_BATCH - b->count, octets / len);
}

/**
 * plait_batch_slots - get room for datagrams
 * @lane: the lane
 * @len: the length of each, headers and tag included
 * @kind: what each of its packets is like
 * @packets: how many each will hold
 * @count: how many datagrams
 *
 * Sends the present batch if they cannot follow it. Return: how many there is room
 * for before this must be asked again: the batch's last; 0 without memory. Of each,
 * inner packets must be written behind header and inner header.
 */
unsigned int plait_batch_slots(struct plait_lane *lane, u32 len,
			       const struct plait_bundle_packet *kind,
			       unsigned int packets, unsigned int count)
{
	struct plait_pages *pages = &lane->tx.pages;
	struct plait_tx_batch *b = &lane->tx.batch;
	unsigned int i;
	u8 *at;

	if (b->skb && !batch_takes(b, len, kind->dsfield))
		plait_batch_flush(lane);
	if (!plait_pages_reserve(pages, PLAIT_LEAD + len + PLAIT_TRAIL))
		return 0;
	at = plait_pages_at(pages);
	if (!b->skb) {
		if (!batch_begin(b, len, kind->dsfield))
			return 0;
		/* What lies in front may be in flight: sealing borrows it. */
		at += PLAIT_LEAD;
	}
	count = min(count, batch_room(&lane->tx, at, len));
	plait_pages_add_frag(pages, b->skb, at, count * len);
	plait_pages_commit(pages, at + count * len);
	b->closed = len < b->gso_size;
	for (i = 0; i < count; i++, at += len)
		b->d[b->count++] = (struct plait_tx_dgram) {
			.at = at,
			.len = len,
			.bucket = kind->bucket,
			.flags = kind->flags,
		};
	b->packets += count * packets;
	return count;
}

/**
 * plait_batch_slot - get room for one datagram
 * @lane: the lane
 * @len: its length, headers and tag included
 * @kind: what each of its packets is like
 * @packets: how many it will hold
 *
 * Return: the datagram, the batch's last, or NULL without memory.
 */
struct plait_tx_dgram *plait_batch_slot(struct plait_lane *lane, u32 len,
					const struct plait_bundle_packet *kind,
					unsigned int packets)
{
	struct plait_tx_batch *b = &lane->tx.batch;

	if (!plait_batch_slots(lane, len, kind, packets, 1))
		return NULL;
	return &b->d[b->count - 1];
}

/*
 * Is @skb charged to its socket by truesize, so that a charge can move? TCP's
 * own destructors are, but cannot be named here; the others that a TCP socket's
 * skb may have (early demux, BPF, a reset on newer kernels) are no charge to
 * send.
 */
static bool charge_moves(const struct sk_buff *skb)
{
	if (!skb->sk || !sk_fullsock(skb->sk))
		return false;
	if (skb->destructor == sock_wfree)
		return true;
	return sk_is_tcp(skb->sk) && skb->destructor &&
	       skb->destructor != sock_edemux &&
	       skb->destructor != sock_pfree &&
	       skb->destructor != sock_efree && skb->destructor != sock_rfree;
}

/*
 * The charge of an inner skb moves to the outer one, so that the socket feels how
 * much is on its way (TCP small queues, SO_SNDBUF). One socket a batch.
 */
static void adopt(struct plait_tx_batch *b, struct sk_buff *skb)
{
	if (!charge_moves(skb))
		return;
	if (b->skb->sk &&
	    (b->skb->sk != skb->sk || b->skb->destructor != skb->destructor))
		return;
	b->skb->sk = skb->sk;
	b->skb->destructor = skb->destructor;
	b->charged += skb->truesize;
	skb->sk = NULL;
	skb->destructor = NULL;
}

/**
 * plait_batch_hold - keep an inner skb until its packets are sealed
 * @b: the batch that the last of them is in
 * @skb: the skb
 */
void plait_batch_hold(struct plait_tx_batch *b, struct sk_buff *skb)
{
	if (unlikely(!b->skb)) {
		consume_skb(skb);
		return;
	}
	adopt(b, skb);
	skb->next = b->held;
	b->held = skb;
}

/* What was held has been sealed, or will not be. */
static void release_held(struct plait_tx_batch *b)
{
	struct sk_buff *skb, *next;

	skb_list_walk_safe(b->held, skb, next) {
		skb_mark_not_on_list(skb);
		napi_consume_skb(skb, b->budget);
	}
	b->held = NULL;
}

/*
 * May @len octets be read where they lie, and in front of them as many as are in
 * place, @front, and PLAIT_LEAD? Not if somebody could write to them meanwhile, as to
 * the head that clones share.
 */
static bool can_borrow(const struct plait_cursor *c, u32 front, u32 len)
{
	const u32 need = PLAIT_LEAD + front;

	return len >= BORROW_MIN && c->run >= len && c->ours &&
	       (c->at - c->start >= need ||
		(!skb_cloned(c->skb) && plait_cursor_lead(c) >= need));
}

/**
 * plait_batch_text - what a datagram's plaintext ends with
 * @d: a datagram of the batch
 * @c: where it lies, in an skb that is held afterwards; moved on
 * @at: where it belongs
 * @len: its length
 *
 * Long ones are read by whoever seals, if they can be; else they are copied.
 */
void plait_batch_text(struct plait_tx_dgram *d, struct plait_cursor *c, u8 *at,
		      u32 len)
{
	u32 front = at - (d->at + PLAIT_HDR_LEN), pad = -front & 7;

	BUILD_BUG_ON(PLAIT_INNER_LEN + PLAIT_HEADERS_MAX > PLAIT_FRONT_MAX);
	plait_cursor_settle(c);
	if (!can_borrow(c, front, len)) {
		plait_cursor_copy(c, at, len);
		return;
	}
	/* The word that the front ends with; what is too much will be ciphertext. */
	put_unaligned(get_unaligned((const u64 *)c->at), (u64 *)at);
	d->rest = c->at + pad;
	d->rest_len = len - pad;
	plait_cursor_skip(c, len);
}

/* Make the socket's charge equal to the outer skb's truesize. */
static void settle_charge(struct plait_tx_batch *b)
{
	struct sock *sk = b->skb->sk;
	int delta = b->skb->truesize - b->charged;

	if (!sk)
		return;
	if (delta >= 0)
		refcount_add(delta, &sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-delta,
						   &sk->sk_wmem_alloc));
}

/* Number, tag and seal; says why not, if so. */
static enum plait_verdict seal(struct plait_lane *lane,
			       struct plait_strand *strand,
			       struct plait_tx_dgram *d, unsigned int count)
{
	struct plait_epoch *e = rcu_dereference(lane->p->tx);
	struct plait_epoch_lane *el;
	struct plait_numbering n;

	/* A new session may be with a peer that lacks this lane. */
	if (unlikely(!e || lane->id >= e->session->peer_lanes))
		return PLAIT_DROP_TX_NOKEY;
	if (unlikely(!strand))
		return PLAIT_DROP_TX_NOSTRAND;
	el = &e->lanes[lane->id];
	if (unlikely(el->tx_counter + count > el->tx_end) &&
	    !plait_epoch_lease(e, el, count))
		return PLAIT_DROP_TX_LIMIT;
	n = (struct plait_numbering) {
		.dsn = &e->session->lanes[lane->id].dsn,
		.counter = &el->tx_counter,
		.end = el->tx_end,
		.strand_seq = &lane->tx.strand_seq[strand->id],
		.tag_key = &e->tx_tag,
		.index = e->session->remote_index,
		.tstamp_us = div_u64(ktime_get_ns(), NSEC_PER_USEC),
		.epoch = e->id,
		.lane = lane->id,
		.strand = strand->id,
	};
	if (unlikely(plait_number_batch(&n, d, count) < count))
		return PLAIT_DROP_TX_LIMIT;
	if (unlikely(!plait_seal_batch(&e->tx, el->seal, d, count)))
		return PLAIT_DROP_TX_NOMEM;
	return PLAIT_OK;
}

static void set_gso(struct sk_buff *skb, u32 size, unsigned int count)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	info->gso_size = size;
	info->gso_segs = count;
	info->gso_type = SKB_GSO_UDP_L4;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) - sizeof(struct udphdr);
	skb->csum_offset = offsetof(struct udphdr, check);
}

/*
 * All of a lane leaves by one queue of the underlay, as if one CPU had sent it,
 * whichever did: a flow spread over queues would lose its order. Lanes and
 * devices are spread, so that queues and CPUs have equal shares. The lane's
 * own number, which a lone packet brings along, says nothing there.
 */
static void choose_queue(const struct plait_lane *lane, struct sk_buff *skb)
{
	u32 home = lane->p->dev->ifindex + lane->id;

	skb_set_queue_mapping(skb, 0);
	plait_compat_sent_from(skb, home % nr_cpu_ids);
}

/*
 * Numbered and sealed datagrams, with that many packets, leave; all counting of
 * success is here.
 */
static void send(struct plait_lane *lane, struct plait_strand *strand,
		 struct sk_buff *skb, unsigned int count, unsigned int packets,
		 u32 size, u8 dsfield)
{
	struct plait_dev *p = lane->p;
	u32 inner = skb->len - count * PLAIT_SOURCE_OVERHEAD;

	choose_queue(lane, skb);
	trace_plait_transmit(lane, strand->id, count, skb->len);
	if (!plait_strand_send(p, strand, skb, count, packets, size, dsfield))
		return;
	dev_sw_netstats_tx_add(p->dev, packets, inner);
	plait_event_count(p, PLAIT_EVENT_TX_DATAGRAMS, count);
	plait_event_count(p, PLAIT_EVENT_TX_BATCHES, 1);
}

/**
 * plait_batch_flush - number, seal and send the batch, if there is one
 * @lane: the lane
 *
 * Context: RCU read side, BHs off.
 */
void plait_batch_flush(struct plait_lane *lane)
{
	struct plait_strand *strand = rcu_dereference(lane->p->strands[0]);
	struct plait_tx_batch *b = &lane->tx.batch;
	struct sk_buff *skb = b->skb;
	enum plait_verdict why;

	if (!skb)
		return;
	settle_charge(b);
	b->skb = NULL;
	why = seal(lane, strand, b->d, b->count);
	release_held(b);
	if (unlikely(why != PLAIT_OK)) {
		plait_drop(lane->p, skb, why, b->packets);
		return;
	}
	if (b->count > 1)
		set_gso(skb, b->gso_size, b->count);
	send(lane, strand, skb, b->count, b->packets, b->gso_size, b->dsfield);
}

/*
 * Let there be room for what is written around a packet when it is sealed where it
 * lies: it is moved towards the end of its head. (The device asks for no headroom:
 * whoever forwards would move each packet of a burst for that, and those are copied to
 * a batch anyway.) Return: false if there is too little, or the packet lies in pieces
 * or is somebody else's too.
 */
static bool make_room(struct sk_buff *skb)
{
	const u32 before = PLAIT_HDR_LEN + PLAIT_INNER_LEN;
	const u32 behind = PLAIT_AUTH_LEN + PLAIT_TRAIL;
	const u32 need = max_t(u32, PLAIT_LEAD + PLAIT_INNER_LEN,
			       before + sizeof(struct ipv6hdr) +
			       sizeof(struct udphdr));
	u32 head = skb_headroom(skb), tail = skb_tailroom(skb), by;

	if (skb_is_nonlinear(skb) || skb_cloned(skb) || skb_shared(skb) ||
	    tail < behind)
		return false;
	if (head >= need)
		return true;
	/* With room for the link's header, if that can be had. */
	by = min_t(u32, UNDERLAY_HEADROOM + before - head, tail - behind);
	if (head + by < need)
		return false;
	memmove(skb->data + by, skb->data, skb->len);
	skb->data += by;
	skb->tail += by;
	skb_headers_offset_update(skb, by);
	return true;
}

/**
 * plait_batch_lone - seal and send one packet in its own skb
 * @lane: the lane, with no batch begun
 * @skb: the packet; consumed if the answer is true
 * @kind: what it is like
 *
 * Return: false if the skb does not allow it, and was left alone.
 */
bool plait_batch_lone(struct plait_lane *lane, struct sk_buff *skb,
		      const struct plait_bundle_packet *kind)
{
	struct plait_strand *strand = rcu_dereference(lane->p->strands[0]);
	struct plait_tx_dgram d = {
		.bucket = kind->bucket,
		.flags = kind->flags,
	};
	enum plait_verdict why;

	if (unlikely(!strand) || !make_room(skb))
		return false;
	/* As a batch's outer skb: with nothing of the inner packet. */
	skb_scrub_packet(skb, true);
	skb_clear_hash(skb);
	skb->priority = 0;
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	d.at = skb_push(skb, PLAIT_HDR_LEN + PLAIT_INNER_LEN);
	skb_put(skb, PLAIT_AUTH_LEN);
	d.len = skb->len;
	why = seal(lane, strand, &d, 1);
	if (unlikely(why != PLAIT_OK)) {
		plait_drop(lane->p, skb, why, 1);
		return true;
	}
	plait_event_count(lane->p, PLAIT_EVENT_TX_IN_PLACE, 1);
	send(lane, strand, skb, 1, 1, d.len, kind->dsfield);
	return true;
}
