// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams for the suites: a peer that seals them, outer buffers in every form in which
 * they may come, their way into a device, and the sink behind it.
 */

#include <linux/ip.h>
#include <linux/rtnetlink.h>

#include "plait_kunit.h"

/* Octets in front of an outer buffer's data: the underlay's headers. */
#define OUTER_HEADERS 64

static void peer_gone(void *data)
{
	plait_epoch_destroy(data);
}

/* The peer that a device's key epoch is shared with. */
struct pk_peer *pk_peer(struct kunit *test, struct plait_dev *p,
			const struct pk_key *k)
{
	struct plait_key_config c = k->c;
	struct pk_peer *peer = kunit_kzalloc(test, sizeof(*peer), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, peer);
	peer->index = k->c.local_index;
	peer->dsn = kunit_kcalloc(test, p->lane_count, sizeof(*peer->dsn),
				  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, peer->dsn);
	c.tx = k->c.rx;
	c.rx = k->c.tx;
	peer->e = plait_epoch_alloc(p, &c, NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(peer->e));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, peer_gone,
							peer->e), 0);
	return peer;
}

static u8 filling(u32 mark, u32 at)
{
	return mark * 31 + at;
}

/* An IPv4 packet that tells its mark; @len is PK_INNER_MIN at least. */
void pk_inner(u8 *at, u32 len, u32 mark)
{
	u32 i;

	memset(at, 0, PK_INNER_MIN);
	at[0] = 0x45;
	plait_put_be16(at + 2, len);
	at[8] = 64;
	at[9] = PLAIT_PROTO_UDP;
	plait_put_be32(at + 12, 0xc0000201);
	plait_put_be32(at + 16, 0xc0000202);
	plait_ipv4_csum(at, PLAIT_IPV4_LEN);
	plait_put_be16(at + PLAIT_IPV4_LEN + 4, len - PLAIT_IPV4_LEN);
	plait_put_be32(at + PLAIT_IPV4_LEN + PLAIT_UDP_LEN, mark);
	for (i = PK_INNER_MIN; i < len; i++)
		at[i] = filling(mark, i);
}

/**
 * pk_seal - make the peer's next datagram on a lane
 * @peer: the peer
 * @lane: the lane
 * @at: where, with PLAIT_LEAD octets in front and PLAIT_TRAIL behind
 * @inner_len: length of its inner packet
 * @mark: of the inner packet
 *
 * Return: the datagram's length.
 */
u32 pk_seal(struct pk_peer *peer, unsigned int lane, u8 *at, u32 inner_len,
	    u32 mark)
{
	struct plait_epoch_lane *el = &peer->e->lanes[lane];
	struct plait_tx_dgram d = {
		.at = at,
		.len = inner_len + PLAIT_SOURCE_OVERHEAD,
	};
	struct plait_numbering n = {
		.dsn = &peer->dsn[lane],
		.counter = &el->tx_counter,
		.end = PLAIT_COUNTER_MAX + 1,
		.strand_seq = &peer->strand_seq[lane],
		.tag_key = &peer->e->tx_tag,
		.index = peer->index,
		.epoch = peer->e->id,
		.lane = lane,
	};

	pk_inner(at + PLAIT_HDR_LEN + PLAIT_INNER_LEN, inner_len, mark);
	WARN_ON(plait_number_batch(&n, &d, 1) != 1);
	local_bh_disable();
	WARN_ON(!plait_seal_batch(&peer->e->tx, el->seal, &d, 1));
	local_bh_enable();
	return d.len;
}

/* Is it a packet as pk_inner() makes them? */
static bool is_sound(struct sk_buff *skb, u32 *mark)
{
	u8 octet, head[PK_INNER_MIN], expected[PK_INNER_MIN];
	u32 i;

	if (skb->len < PK_INNER_MIN || skb_copy_bits(skb, 0, head, sizeof(head)))
		return false;
	*mark = plait_get_be32(head + PLAIT_IPV4_LEN + PLAIT_UDP_LEN);
	pk_inner(expected, PK_INNER_MIN, *mark);
	/* But for lengths and checksum. */
	if (plait_get_be16(head + 2) != skb->len ||
	    memcmp(head + 12, expected + 12, 12))
		return false;
	for (i = PK_INNER_MIN; i < skb->len; i++)
		if (skb_copy_bits(skb, i, &octet, 1) ||
		    octet != filling(*mark, i))
			return false;
	return true;
}

static rx_handler_result_t take(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct pk_sink *sink = rcu_dereference(skb->dev->rx_handler_data);
	u32 mark = 0;
	bool sound = is_sound(skb, &mark);

	spin_lock(&sink->lock);
	if (!sound)
		sink->spoilt++;
	if (sink->count < PK_SEEN_MAX) {
		sink->lane[sink->count] = skb_get_rx_queue(skb);
		sink->mark[sink->count] = mark;
	}
	sink->count++;
	spin_unlock(&sink->lock);
	wake_up(&sink->wait);
	consume_skb(skb);
	return RX_HANDLER_CONSUMED;
}

static void sink_gone(void *data)
{
	rtnl_lock();
	netdev_rx_handler_unregister(data);
	rtnl_unlock();
}

/* Take what the device hands up, from now on. */
struct pk_sink *pk_sink(struct kunit *test, struct plait_dev *p)
{
	struct pk_sink *sink = kunit_kzalloc(test, sizeof(*sink), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, sink);
	spin_lock_init(&sink->lock);
	init_waitqueue_head(&sink->wait);
	rtnl_lock();
	err = netdev_rx_handler_register(p->dev, take, sink);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, sink_gone,
							p->dev), 0);
	return sink;
}

/* Wait for so many packets; none may be spoilt, and no more may come. */
void pk_expect_seen(struct kunit *test, struct pk_sink *sink,
		    unsigned int count)
{
	unsigned int seen, spoilt;

	wait_event_timeout(sink->wait, READ_ONCE(sink->count) >= count,
			   30 * HZ);
	seen = READ_ONCE(sink->count);
	spoilt = READ_ONCE(sink->spoilt);
	KUNIT_EXPECT_EQ(test, seen, count);
	KUNIT_EXPECT_EQ(test, spoilt, 0);
	KUNIT_ASSERT_LE(test, seen, PK_SEEN_MAX);
}

/* Append octets to a buffer in fragments of @piece octets, a page each. */
static void add_frags(struct kunit *test, struct sk_buff *skb, const u8 *data,
		      u32 len, u32 piece)
{
	u32 n, off;

	piece = min_t(u32, piece, PAGE_SIZE);
	for (; len; data += n, len -= n) {
		struct page *page = alloc_page(GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_ASSERT_LT(test, skb_shinfo(skb)->nr_frags, MAX_SKB_FRAGS);
		n = min(len, piece);
		/* At the page's end: what is read behind it is found. */
		off = PAGE_SIZE - n;
		memcpy(page_address(page) + off, data, n);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, off, n,
				PAGE_SIZE);
	}
}

static struct sk_buff *linear(struct kunit *test, const u8 *data, u32 len)
{
	struct sk_buff *skb = alloc_skb(OUTER_HEADERS + len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, OUTER_HEADERS);
	skb_put_data(skb, data, len);
	return skb;
}

static void add_list(struct kunit *test, struct sk_buff *skb, const u8 *data,
		     u32 len, u32 piece)
{
	struct sk_buff **next = &skb_shinfo(skb)->frag_list;
	u32 n;

	for (; len; data += n, len -= n) {
		n = min(len, piece);
		*next = linear(test, data, n);
		skb->len += n;
		skb->data_len += n;
		skb->truesize += (*next)->truesize;
		next = &(*next)->next;
	}
}

/**
 * pk_skb - a buffer whose data lie as wanted
 * @test: the test case
 * @data: the data
 * @len: octets of them
 * @form: how they are to lie
 * @piece: octets in each part
 */
struct sk_buff *pk_skb(struct kunit *test, const u8 *data, u32 len,
		       enum pk_form form, u32 piece)
{
	u32 head = form == PK_LINEAR ? len :
		   form == PK_PAGES ? 0 : min(len, piece);
	struct sk_buff *skb = linear(test, data, head);

	if (form == PK_LIST)
		add_list(test, skb, data + head, len - head, piece);
	else
		add_frags(test, skb, data + head, len - head, piece);
	return skb;
}

/* The same as it comes from the underlay; @gso_size is 0 for one datagram. */
struct sk_buff *pk_outer(struct kunit *test, const u8 *data, u32 len,
			 u32 gso_size, enum pk_form form, u32 piece)
{
	struct sk_buff *skb = pk_skb(test, data, len, form, piece);
	struct iphdr *iph;

	skb->protocol = htons(ETH_P_IP);
	iph = skb_push(skb, sizeof(*iph) + sizeof(struct udphdr));
	memset(iph, 0, sizeof(*iph) + sizeof(struct udphdr));
	iph->version = 4;
	iph->ihl = 5;
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(*iph));
	__skb_pull(skb, sizeof(*iph) + sizeof(struct udphdr));
	if (gso_size) {
		skb_shinfo(skb)->gso_size = gso_size;
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len, gso_size);
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	}
	return skb;
}

/* As from the socket's queue. */
void pk_receive(struct plait_socket *ps, struct sk_buff *skb)
{
	rcu_read_lock();
	spin_lock_bh(&ps->lock);
	plait_receive(ps, skb);
	spin_unlock_bh(&ps->lock);
	rcu_read_unlock();
}

/* Wait until the lanes have dealt with all that was received. */
void pk_settle(struct plait_dev *p)
{
	u32 i;

	for (i = 0; i < p->lane_count; i++)
		napi_synchronize(&p->lanes[i].rx.napi);
}
