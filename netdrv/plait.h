/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The objects of the driver and who may touch them. A device has lanes, a
 * session with key epochs, and strands; strands share sockets. Every
 * published pointer is RCU; every change happens under RTNL.
 */
#ifndef PLAIT_H
#define PLAIT_H

#include <linux/if_link.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <net/dst_cache.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "core/check.h"
#include "core/number.h"
#include "core/segment.h"
#include "pages.h"

/* One strand and one lane today; the wire has room for 256 and 16. */
#define PLAIT_STRANDS 1
#define PLAIT_LANES 1

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

/* Octets that ChaCha's first block needs in front of the ciphertext. */
#define PLAIT_LEAD 64u

/* Octets behind a datagram that Poly1305's padding and lengths may need. */
#define PLAIT_TRAIL 16u

/* Inner headers that may overlap the previous payload on receive. */
#define PLAIT_OVERLAP (PLAIT_LEAD + PLAIT_INNER_LEN + PLAIT_HEADERS_MAX)

union plait_addr {
	struct in_addr v4;
	struct in6_addr v6;
};

/**
 * struct plait_endpoint - an address and port of the underlay
 * @addr: address; all zero: any
 * @port: UDP port
 * @family: AF_INET or AF_INET6
 */
struct plait_endpoint {
	union plait_addr addr;
	__be16 port;
	sa_family_t family;
};

/**
 * struct plait_stats - what one CPU has counted
 * @drop: by enum plait_verdict
 * @event: by enum plait_event
 */
struct plait_stats {
	u64 drop[PLAIT_VERDICTS];
	u64 event[PLAIT_EVENT_COUNT];
};

/**
 * struct plait_net - a network namespace in which devices were created
 * @sessions: live sessions by receiver index; written under RTNL
 * @sockets: of struct plait_socket; RTNL
 * @devices: of struct plait_dev; RTNL
 * @net: the namespace
 */
struct plait_net {
	struct rhashtable sessions;
	struct list_head sockets;
	struct list_head devices;
	struct net *net;
};

extern unsigned int plait_net_id;

static inline struct plait_net *plait_pernet(struct net *net)
{
	return net_generic(net, plait_net_id);
}

/**
 * struct plait_socket - a UDP socket, shared by the strands that ask for it
 * @node: in plait_net.sockets
 * @pn: namespace
 * @sock: the socket
 * @sk: the same, for the data path
 * @local: address and port it is bound to
 * @link: ifindex it is bound to, or 0
 * @lock: keeps the order of what arrives between the socket's queue and the
 *	lanes'; taken in softirq
 * @users: strands that hold it; RTNL
 * @stats: PLAIT_DROP_PORT_*; per CPU
 * @rcu: for freeing
 */
struct plait_socket {
	struct list_head node;
	struct plait_net *pn;
	struct socket *sock;
	struct sock *sk;
	struct plait_endpoint local;
	int link;
	spinlock_t lock; /* order from the socket to the lanes */
	unsigned int users;
	struct plait_stats __percpu *stats;
	struct rcu_head rcu;
};

struct plait_strand_stats {
	u64 tx_datagrams;
	u64 tx_bytes;
	u64 rx_datagrams;
	u64 rx_bytes;
};

/**
 * struct plait_strand - one underlay path of a device
 * @socket: what it sends and receives on
 * @remote: where it sends to
 * @dst: route cache, per CPU
 * @stats: per CPU
 * @lane_seq: next strand sequence of each lane; owned by the lane's sender
 * @id: its number on the wire
 * @rcu: for freeing
 */
struct plait_strand {
	struct plait_socket *socket;
	struct plait_endpoint remote;
	struct dst_cache dst;
	struct plait_strand_stats __percpu *stats;
	u32 lane_seq[PLAIT_LANES];
	u8 id;
	struct rcu_head rcu;
};

/**
 * struct plait_aead - one direction's AEAD key
 * @key: ChaCha20 key as little-endian words
 */
struct plait_aead {
	u32 key[PLAIT_AEAD_KEY_LEN / 4];
};

/**
 * struct plait_epoch - the keys in force, docs/protocol.md section 2
 * @rx_keys: what the checks before the AEAD need; found by look-up
 * @session: whose
 * @rx: opens what the peer sealed
 * @tx: seals
 * @tx_tag: header tag key towards the peer
 * @tx_counter: next packet-number counter of each lane; owned by its sender
 * @open_failures: datagrams that the AEAD refused
 * @windows: of each lane; owned by its receive NAPI
 * @id: the epoch's number
 * @rcu: for freeing
 * @size: octets of this structure, @bits included
 * @bits: memory of @windows
 */
struct plait_epoch {
	struct plait_rx_keys rx_keys;
	struct plait_session *session;
	struct plait_aead rx;
	struct plait_aead tx;
	struct plait_tag_key tx_tag;
	u64 tx_counter[PLAIT_LANES];
	atomic64_t open_failures;
	struct plait_window windows[PLAIT_LANES];
	u16 id;
	struct rcu_head rcu;
	size_t size;
	u64 bits[];
};

/**
 * struct plait_session - the result of one key agreement
 * @node: in plait_net.sessions
 * @p: the device
 * @number: how netlink names it
 * @local_index: receiver index of this end
 * @remote_index: receiver index of the peer
 * @peer_lanes: how many lanes the peer has
 * @epochs: key epoch e stands in slot e & 1
 * @tx: the epoch that seals, or NULL
 * @dsn: numbering of source symbols, per lane; owned by the lane's sender
 * @rcu: for freeing
 */
struct plait_session {
	struct rhash_head node;
	struct plait_dev *p;
	u32 number;
	u32 local_index;
	u32 remote_index;
	u32 peer_lanes;
	struct plait_epoch __rcu *epochs[2];
	struct plait_epoch __rcu *tx;
	struct plait_dsn_state dsn[PLAIT_LANES];
	struct rcu_head rcu;
};

/**
 * struct plait_tx_batch - datagrams on their way into one outer skb
 * @skb: the outer skb, or NULL
 * @d: the datagrams, side by side in @skb's fragments
 * @count: how many
 * @gso_size: length of each but the last
 * @charged: truesize that the inner skbs charged to @skb's socket
 * @ecn: ECN field of all inner packets
 * @closed: a shorter datagram was the last one
 */
struct plait_tx_batch {
	struct sk_buff *skb;
	unsigned int count;
	u32 gso_size;
	u32 charged;
	u8 ecn;
	bool closed;
	struct plait_tx_dgram d[PLAIT_BATCH];
};

/**
 * struct plait_lane_tx - transmit half of a lane
 * @lock: protects @queue, @queued and @busy; taken in softirq or with BHs off, for a
 *	few instructions, never while sealing or in the stack
 * @busy: somebody owns everything below and sends; others queue
 * @queue: inner packets that wait
 * @queued: their truesize
 * @napi: sends what waits
 * @pages: where datagrams are written
 * @batch: being built
 */
struct plait_lane_tx {
	spinlock_t lock; /* protects queue, queued and busy */
	bool busy;
	struct sk_buff_head queue;
	u32 queued;
	struct napi_struct napi;
	struct plait_pages pages;
	struct plait_tx_batch batch;
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
 */
struct plait_cursor {
	const struct sk_buff *skb;
	const u8 *start;
	u8 *at;
	u32 run;
	u32 frag;
	bool in_list;
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
 * @size: length of its datagrams, but the last
 * @ecn: its outer ECN field
 * @pages: where inner packets are written
 * @bounce: a page ring of its own for a datagram that lay in pieces
 * @assembly: inner TCP packet under construction
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
	u32 size;
	u8 ecn;
	struct plait_pages pages;
	struct plait_pages bounce;
	struct plait_assembly assembly;
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

/**
 * struct plait_dev - a device: netdev_priv() of kind "plait"
 * @dev: the netdev
 * @pn: namespace it was created in, where its sockets are; NULL once that is
 *	gone. RTNL
 * @node: in plait_net.devices; RTNL
 * @session: live session
 * @strands: by id
 * @lanes: the lanes
 * @stats: per CPU
 * @lane_count: how many lanes
 * @window: replay window of key epochs to come
 */
struct plait_dev {
	struct net_device *dev;
	struct plait_net *pn;
	struct list_head node;
	struct plait_session __rcu *session;
	struct plait_strand __rcu *strands[PLAIT_STRANDS];
	struct plait_lane *lanes;
	struct plait_stats __percpu *stats;
	u32 lane_count;
	u32 window;
};

static inline void plait_drop_count(struct plait_dev *p,
				    enum plait_verdict why, unsigned int n)
{
	this_cpu_add(p->stats->drop[why], n);
}

static inline void plait_event_count(struct plait_dev *p, enum plait_event what,
				     unsigned int n)
{
	this_cpu_add(p->stats->event[what], n);
}

/* device.c: the netdev. */
extern struct rtnl_link_ops plait_link_ops;
bool plait_is_device(const struct net_device *dev);
void plait_setup(struct net_device *dev);
int plait_configure(struct net_device *dev, struct net *net, u32 lanes,
		    u32 window, struct netlink_ext_ack *extack);
void plait_update_carrier(struct plait_dev *p);
void plait_detach(struct plait_dev *p);

/* stats.c: reading the counters. */
extern const struct ethtool_ops plait_ethtool_ops;
void plait_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *s);
int plait_stats_fill(struct sk_buff *skb, const struct plait_dev *p);

/* socket.c: UDP sockets. */
struct plait_socket *plait_socket_get(struct plait_net *pn,
				      const struct plait_endpoint *local,
				      int link,
				      struct netlink_ext_ack *extack);
void plait_socket_put(struct plait_socket *ps);

/**
 * struct plait_strand_config - what a strand is made of
 * @local: this end; its port must be set
 * @remote: the other end
 * @link: ifindex of the underlay, or 0
 */
struct plait_strand_config {
	struct plait_endpoint local;
	struct plait_endpoint remote;
	int link;
};

/* strand.c: underlay paths. */
int plait_strand_install(struct plait_dev *p, u8 id,
			 const struct plait_strand_config *config,
			 struct netlink_ext_ack *extack);
void plait_strand_remove(struct plait_dev *p, u8 id);
int plait_strand_permitted(struct plait_dev *p, struct netlink_ext_ack *extack);
bool plait_strand_send(struct plait_dev *p, struct plait_strand *strand,
		       struct sk_buff *skb, unsigned int datagrams, u32 size,
		       u8 ecn);
u32 plait_strand_overhead(const struct plait_strand *strand);

/**
 * struct plait_key_config - what a key epoch is made of
 * @session: the session's number
 * @local_index: receiver index of this end
 * @remote_index: receiver index of the peer
 * @peer_lanes: how many lanes the peer has
 * @tx_counter: first packet-number counter
 * @tx: key material to seal with
 * @rx: key material to open with
 * @epoch: the epoch's number
 * @active: seal with it from now on
 */
struct plait_key_config {
	u32 session;
	u32 local_index;
	u32 remote_index;
	u32 peer_lanes;
	u64 tx_counter;
	const u8 *tx;
	const u8 *rx;
	u16 epoch;
	bool active;
};

/* session.c: sessions and key epochs. */
extern const struct rhashtable_params plait_session_params;
int plait_key_install(struct plait_dev *p, const struct plait_key_config *config,
		      struct netlink_ext_ack *extack);
void plait_key_activate(struct plait_epoch *epoch);
void plait_key_remove(struct plait_epoch *epoch);
struct plait_epoch *plait_key_find(struct plait_dev *p, u32 session, u32 epoch);
void plait_session_remove(struct plait_dev *p);
struct plait_session *plait_session_lookup(struct plait_net *pn, u32 index);

/* crypto.c: the kernel's AEADs, in batches. */
void plait_aead_init(struct plait_aead *a, const u8 *key);
void plait_seal_batch(const struct plait_aead *a,
		      const struct plait_tx_dgram *d, unsigned int count);
bool plait_open(const struct plait_aead *a, u8 *plain, const u8 *dgram,
		u32 len, u64 pn, bool lead);

/* cursor.c: walking over an skb's data. */
bool plait_cursor_fits(struct sk_buff *skb);
void plait_cursor_begin(struct plait_cursor *c, const struct sk_buff *skb);
void plait_cursor_settle(struct plait_cursor *c);
void plait_cursor_copy(struct plait_cursor *c, u8 *to, u32 len);
void plait_cursor_pass(struct plait_cursor *c, u32 len);

static inline void plait_cursor_skip(struct plait_cursor *c, u32 len)
{
	c->at += len;
	c->run -= len;
}

/* transmit.c: from the stack to a strand. */
netdev_tx_t plait_xmit(struct sk_buff *skb, struct net_device *dev);
int plait_tx_poll(struct napi_struct *napi, int budget);

/* batch.c: datagrams side by side in an outer skb. */
u8 *plait_batch_slot(struct plait_lane *lane, u32 len, u8 ecn, u8 bucket,
		     u8 flags);
void plait_batch_adopt(struct plait_tx_batch *b, struct sk_buff *skb);
void plait_batch_flush(struct plait_lane *lane);
bool plait_batch_lone(struct plait_lane *lane, struct sk_buff *skb, u8 ecn,
		      u8 bucket, u8 flags);

/* receive.c: from a socket to the lanes, and out of the datagrams. */
void plait_receive(struct plait_socket *ps, struct sk_buff *skb);
int plait_rx_poll(struct napi_struct *napi, int budget);
void plait_rx_purge(struct plait_lane *lane);

/**
 * struct plait_plain - a symbol being opened, and what it overlaps
 * @symbol: where the plaintext is
 * @len: its length
 * @overlap: octets in front of the assembly's end that it overwrites, or 0
 * @ecn: outer ECN field
 * @flags: PLAIT_INNER_* of the symbol
 * @donor: the outer skb, if the inner packet may be handed up in it; taken
 *	by setting it to NULL
 * @saved: what stood in those @overlap octets
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

/* netlink.c: generic netlink. */
int plait_nl_address(const struct nlattr *attr, struct plait_endpoint *ep,
		     struct netlink_ext_ack *extack);

/**
 * struct plait_strand_overlay - what a request says of a strand
 * @local: address, or NULL
 * @remote: address, or NULL
 * @link: ifindex (u32), or NULL
 * @port: UDP port of this end, or 0
 * @remote_port: of the other end, or 0
 */
struct plait_strand_overlay {
	const struct nlattr *local;
	const struct nlattr *remote;
	const struct nlattr *link;
	__be16 port;
	__be16 remote_port;
};

int plait_nl_strand_overlay(struct plait_strand_config *c,
			    const struct plait_strand_overlay *o,
			    struct netlink_ext_ack *extack);
int plait_genl_init(void);
void plait_genl_exit(void);

#endif /* PLAIT_H */
