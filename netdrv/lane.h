/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A lane, a queue pair of a device: what its sender and its receive NAPI own,
 * and the steps of the two ways through it. Lanes share nothing that is
 * written for each packet.
 */
#ifndef PLAIT_LANE_H
#define PLAIT_LANE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "core/bundle.h"
#include "core/check.h"
#include "core/number.h"
#include "core/segment.h"
#include "pages.h"
#include "session.h"
#include "strand.h"

/* Datagrams of one trip through the stack: as UDP_MAX_SEGMENTS. */
#define PLAIT_BATCH 64

/* Packets that wait for a lane's transmit NAPI; 64 batches of lone packets. */
#define PLAIT_TX_QUEUE_MAX 1024

/*
 * Octets (truesize) in each of a lane's queues; on receive as much again may be
 * in the hands of the NAPI.
 */
#define PLAIT_QUEUE_BYTES (2u << 20)

/* A datagram must fit into a page of the lane's ring. */
#define PLAIT_DGRAM_MAX 30000u
#define PLAIT_MTU_MAX (PLAIT_DGRAM_MAX - PLAIT_OVERHEAD_MAX)

/* What may overlap the previous payload on receive: with IPv6, TCP and timestamps. */
#define PLAIT_OVERLAP (PLAIT_LEAD + PLAIT_INNER_LEN + 72u)

/**
 * struct plait_tx_batch - datagrams on their way into one outer skb
 * @skb: the outer skb, or NULL
 * @held: inner skbs, freed when their packets are sealed: it may be read there
 * @d: the datagrams, side by side in @skb's fragments
 * @count: how many
 * @packets: how many packets they hold
 * @gso_size: length of each but the last
 * @charged: truesize that the inner skbs charged to @skb's socket
 * @budget: of the NAPI that sends, 0 outside of one
 * @dsfield: outer DS field of all of them
 * @closed: a shorter datagram was the last one
 */
struct plait_tx_batch {
	struct sk_buff *skb;
	struct sk_buff *held;
	unsigned int count;
	unsigned int packets;
	u32 gso_size;
	u32 charged;
	int budget;
	u8 dsfield;
	bool closed;
	struct plait_tx_dgram d[PLAIT_BATCH];
};

/**
 * struct plait_lane_tx - transmit half of a lane
 * @lock: protects @queue, @queued, @up and @busy; taken in softirq or with BHs off, for
 *	a few instructions, never while sealing or in the stack
 * @up: the device is up; nobody becomes busy while it is not
 * @busy: somebody owns everything below and sends; others queue
 * @queue: inner packets that wait
 * @queued: their truesize
 * @napi: sends what waits
 * @pages: where datagrams are written
 * @strand_seq: next sequence number on each strand
 * @batch: being built
 * @waiting: what the NAPI has taken from @queue
 * @bundler: the same, as the engine sees it
 */
struct plait_lane_tx {
	spinlock_t lock; /* protects queue, queued, up and busy */
	bool up;
	bool busy;
	struct sk_buff_head queue;
	u32 queued;
	struct napi_struct napi;
	struct plait_pages pages;
	u32 strand_seq[PLAIT_STRANDS];
	struct plait_tx_batch batch;
	struct sk_buff *waiting[PLAIT_BUNDLE_PACKETS];
	struct plait_bundler bundler;
};

/**
 * enum plait_lead - the octets in front of a datagram, as sealing's counterpart
 * @PLAIT_LEAD_NONE: cannot be read
 * @PLAIT_LEAD_UNSURE: can be read, but may change meanwhile
 * @PLAIT_LEAD_SURE: can be read, and are nobody else's
 */
enum plait_lead {
	PLAIT_LEAD_NONE,
	PLAIT_LEAD_UNSURE,
	PLAIT_LEAD_SURE,
};

/**
 * struct plait_rx_cb - what an outer skb carries from its socket to its lane
 * @size: length of its datagrams, but the last
 * @ecn: its outer ECN field
 * @aggregate: it holds several datagrams
 */
struct plait_rx_cb {
	u32 size;
	u8 ecn;
	bool aggregate;
};

static inline struct plait_rx_cb *plait_rx_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct plait_rx_cb) > sizeof(skb->cb));
	return (struct plait_rx_cb *)skb->cb;
}

/**
 * struct plait_rx_slot - where a gathered datagram came from
 * @skb: the buffer, if this is its last datagram, to be freed afterwards
 * @ecn: outer ECN field
 * @lead: what PLAIT_LEAD octets in front of its ciphertext are
 */
struct plait_rx_slot {
	struct sk_buff *skb;
	u8 ecn;
	enum plait_lead lead;
};

/**
 * struct plait_cursor - a place in the data of an skb
 * @skb: the member of the frag_list that it stands in, or the head
 * @start: where the present run began
 * @at: the next octet
 * @run: how many octets are contiguous from there
 * @frag: next page fragment of @skb
 * @in_list: @skb is on the head's frag_list
 * @ours: nobody writes to the present run while the skb is held
 */
struct plait_cursor {
	const struct sk_buff *skb;
	const u8 *start;
	u8 *at;
	u32 run;
	u32 frag;
	bool in_list;
	bool ours;
};

/**
 * struct plait_assembly - an inner TCP packet that grows by segments
 * @skb: the packet, its payload in fragments; NULL: none
 * @m: how it can be continued
 * @floor: from here to @end the ring's page belongs to the assembly alone
 * @end: where its payload ends and the next one belongs, in the ring's page
 */
struct plait_assembly {
	struct sk_buff *skb;
	struct plait_merge m;
	const u8 *floor;
	u8 *end;
};

/**
 * struct plait_untold - blocks of 32 counters with what no filter knows yet
 * @el: whose, or NULL: none
 * @first: the first block
 * @last: the last, less than PLAIT_TELL_WORDS further
 */
struct plait_untold {
	struct plait_epoch_lane *el;
	u64 first;
	u64 last;
};

/**
 * struct plait_lane_rx - receive half of a lane
 * @queue: outer skbs that wait; its lock protects it, @queued and @up, and is
 *	taken in softirq or with BHs off
 * @queued: truesize of what waits
 * @up: the device is up
 * @napi: opens what waits, and owns everything below
 * @pending: taken from @queue, not yet begun
 * @skb: being taken apart
 * @cursor: where in @skb
 * @left: octets of @skb left
 * @pages: where inner packets are written
 * @bounce: a page ring of its own for a datagram that lay in pieces
 * @assembly: inner TCP packet under construction
 * @untold: accepted in this poll
 * @list: inner packets for the stack
 * @packets: inner packets since the device's counters were brought up to date
 * @bytes: their octets
 * @d: the batch
 * @slot: and where it came from
 */
struct plait_lane_rx {
	struct sk_buff_head queue;
	u32 queued;
	bool up;
	struct napi_struct napi;
	struct sk_buff_head pending;
	struct sk_buff *skb;
	struct plait_cursor cursor;
	u32 left;
	struct plait_pages pages;
	struct plait_pages bounce;
	struct plait_assembly assembly;
	struct plait_untold untold;
	struct list_head list;
	u32 packets;
	u32 bytes;
	struct plait_rx_dgram d[PLAIT_BATCH];
	struct plait_rx_slot slot[PLAIT_BATCH];
};

/**
 * struct plait_lane - a queue pair of a device
 * @p: the device
 * @id: its number on the wire
 * @tx: transmit half
 * @rx: receive half
 */
struct plait_lane {
	struct plait_dev *p;
	u8 id;
	struct plait_lane_tx tx ____cacheline_aligned_in_smp;
	struct plait_lane_rx rx ____cacheline_aligned_in_smp;
};

/* cursor.c: walking over an skb's data. */
bool plait_cursor_fits(struct sk_buff *skb);
void plait_cursor_begin(struct plait_cursor *c, const struct sk_buff *skb);
void plait_cursor_settle(struct plait_cursor *c);
void plait_cursor_copy(struct plait_cursor *c, u8 *to, u32 len);
void plait_cursor_pass(struct plait_cursor *c, u32 len);

/* Does it stand in an skb's linear part? */
static inline bool plait_cursor_in_head(const struct plait_cursor *c)
{
	return c->at >= c->skb->head && c->at < skb_end_pointer(c->skb);
}

/*
 * How many octets in front of the next one are this skb's and no device's, in the
 * linear part its headroom too.
 */
static inline u32 plait_cursor_lead(const struct plait_cursor *c)
{
	return c->at - (plait_cursor_in_head(c) ? c->skb->head : c->start);
}

static inline void plait_cursor_skip(struct plait_cursor *c, u32 len)
{
	c->at += len;
	c->run -= len;
}

/* transmit.c: from the stack to a strand. */
netdev_tx_t plait_xmit(struct sk_buff *skb, struct net_device *dev);
u16 plait_select_queue(struct net_device *dev, struct sk_buff *skb,
		       struct net_device *sb_dev);
void plait_tx_open(struct plait_lane *lane);
void plait_tx_close(struct plait_lane *lane);
int plait_tx_poll(struct napi_struct *napi, int budget);

/* batch.c: datagrams side by side in an outer skb. */
unsigned int plait_batch_slots(struct plait_lane *lane, u32 len,
			       const struct plait_bundle_packet *kind,
			       unsigned int packets, unsigned int count);
struct plait_tx_dgram *plait_batch_slot(struct plait_lane *lane, u32 len,
					const struct plait_bundle_packet *kind,
					unsigned int packets);
void plait_batch_text(struct plait_tx_dgram *d, struct plait_cursor *c, u8 *at,
		      u32 len);
void plait_batch_hold(struct plait_tx_batch *b, struct sk_buff *skb);

/* Where a datagram's inner packets stand. */
static inline u8 *plait_batch_packets(const struct plait_tx_dgram *d)
{
	return d->at + PLAIT_HDR_LEN + PLAIT_INNER_LEN;
}

void plait_batch_flush(struct plait_lane *lane);
bool plait_batch_lone(struct plait_lane *lane, struct sk_buff *skb,
		      const struct plait_bundle_packet *kind);

/* demux.c: from a socket to the lanes. */
void plait_receive(struct plait_socket *ps, struct sk_buff *skb);

/* receive.c: out of the datagrams. */
int plait_rx_poll(struct napi_struct *napi, int budget);
void plait_rx_open(struct plait_lane *lane);
void plait_rx_close(struct plait_lane *lane);

/**
 * struct plait_plain - a symbol being opened, and what it overlaps
 * @symbol: where the plaintext is
 * @len: its length
 * @overlap: octets in front of the assembly's end that it overwrites, or 0
 * @ecn: outer ECN field
 * @flags: PLAIT_INNER_* of the symbol
 * @donor: the outer skb, if the inner packet may be handed up in it; taken
 *	by setting it to NULL
 * @saved: the last octets in front of the assembly's end, as they were
 */
struct plait_plain {
	u8 *symbol;
	u32 len;
	u32 overlap;
	u8 ecn;
	u8 flags;
	struct sk_buff **donor;
	u8 saved[PLAIT_OVERLAP];
};

/* deliver.c: inner packets to the stack. */
bool plait_deliver_place(struct plait_lane *lane, struct plait_plain *t);
void plait_deliver_revert(struct plait_lane *lane, const struct plait_plain *t);
void plait_deliver(struct plait_lane *lane, struct plait_plain *t);
void plait_deliver_flush(struct plait_lane *lane);

#endif /* PLAIT_LANE_H */
