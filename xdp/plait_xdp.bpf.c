// SPDX-License-Identifier: GPL-2.0
/*
 * The filter: an XDP program on an underlay interface. It drops what plait.ko
 * would drop before the AEAD, by what the module has told (plait_listen.bpf.c),
 * and records nothing by itself. docs/xdp.md.
 */

#include "maps.h"
#include "parse.h"

/* For bpf_fib_lookup_params. */
#define AF_INET 2
#define AF_INET6 10

/* The interface and the cookie of its namespace, set by whoever loads this. */
const volatile __u64 own_net = 0;
const volatile __u32 own_link = 0;

/* Its address: frames to others, bridged or a macvlan's, are not this host's. */
const volatile __u8 own_mac[ETH_ALEN] = {};

/*
 * In generic mode frames come after GRO, and nothing says of one whether it is
 * an aggregate of several datagrams.
 */
const volatile __u32 after_gro = 0;

/* A kernel with PREEMPT_RT: one run of this may interrupt another on its CPU. */
const volatile __u32 interruptible = 0;

/* The interface is in another namespace now. */
__u32 moved = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PLAIT_FILTER_COUNTS);
	__type(key, u32);
	__type(value, u64);
} plait_counts SEC(".maps");

/* When the bucket of each prefix that sends handshakes will be full again. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct plait_filter_prefix);
	__type(value, u64);
} plait_buckets SEC(".maps");

/**
 * struct last - where the last datagram of a family was to, on this CPU
 * @word: struct plait_filter_socket from its second word on, @link zero
 * @link: interface by which it came
 * @sockets: how often the sockets had changed
 * @any: the socket is bound to no address
 * @fence: for a barrier
 *
 * Nearly all are to where the one before was. An entry is read and written
 * whole: but for @interruptible, XDP runs in softirqs, which do not nest.
 */
struct last {
	u64 word[3];
	u32 link;
	u32 sockets;
	u32 any;
	u32 fence;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct last);
} plait_last SEC(".maps");

/**
 * struct dgram - a datagram to a port of plait's
 * @hdr: its first octets, as far as it has them
 * @socket: local address and port
 * @handshake: of the socket that it is for; NULL if it is no handshake
 * @source: source address
 * @len: its length
 * @form: what plait_check_form() says
 * @source_port: source port, network byte order
 * @any: the socket is bound to no address
 * @own: the frame is addressed to this interface
 */
struct dgram {
	union {
		u64 word[PLAIT_HDR_LEN / 8];
		u8 hdr[PLAIT_HDR_LEN];
	};
	union {
		u64 where[4];
		struct plait_filter_socket socket;
	};
	const struct plait_filter_handshake *handshake;
	u8 source[16];
	u32 len;
	u32 form;
	u16 source_port;
	bool any;
	bool own;
};

static __always_inline void count(u32 what)
{
	u64 *n = bpf_map_lookup_elem(&plait_counts, &what);

	if (n)
		(*n)++;
}

static __always_inline void copy_address(u8 *to, const void *from, u32 family)
{
	const u32 *word = from;
	u32 *out = (u32 *)to;

	out[0] = word[0];
	out[1] = family == 4 ? 0 : word[1];
	out[2] = family == 4 ? 0 : word[2];
	out[3] = family == 4 ? 0 : word[3];
}

/* The socket bound most closely to where a datagram is to. */
static __always_inline bool look_socket_up(struct dgram *d, u32 ways, u32 link)
{
	struct plait_filter_socket key = d->socket;

	d->handshake = NULL;
	d->any = false;
	if (ways & PLAIT_FILTER_BOUND_LINK) {
		key.link = link;
		d->handshake = bpf_map_lookup_elem(&plait_sockets, &key);
	}
	if (!d->handshake && ways & PLAIT_FILTER_BOUND) {
		key.link = 0;
		d->handshake = bpf_map_lookup_elem(&plait_sockets, &key);
	}
	if (d->handshake)
		return true;
	__builtin_memset(key.addr, 0, sizeof(key.addr));
	if (ways & PLAIT_FILTER_ANY_LINK) {
		key.link = link;
		d->handshake = bpf_map_lookup_elem(&plait_sockets, &key);
	}
	if (!d->handshake && ways & PLAIT_FILTER_ANY) {
		key.link = 0;
		d->handshake = bpf_map_lookup_elem(&plait_sockets, &key);
	}
	d->any = true;
	return d->handshake;
}

/* Whose datagram is it? @ways: of its port. */
static __always_inline bool find_socket(struct dgram *d,
					const struct plait_filter_state *s,
					const u32 *ways, u32 link)
{
	u32 six = d->socket.family == 6, sockets;
	struct last *last;

	d->handshake = NULL;
	if (interruptible || d->form == PLAIT_DROP_PORT_HANDSHAKE)
		return look_socket_up(d, *ways, link);
	last = bpf_map_lookup_elem(&plait_last, &six);
	if (!last)
		return false;
	if (last->sockets == PLAIT_READ_ONCE(s->sockets) &&
	    last->word[0] == d->where[1] && last->word[1] == d->where[2] &&
	    last->word[2] == d->where[3] && last->link == link) {
		d->any = last->any;
		return true;
	}
	/*
	 * Read first: whatever changes from now on is looked up again. An atomic
	 * exchange is BPF's full barrier.
	 */
	sockets = PLAIT_READ_ONCE(s->sockets);
	__sync_lock_test_and_set(&last->fence, 1);
	if (!look_socket_up(d, PLAIT_READ_ONCE(*ways), link))
		return false;
	last->word[0] = d->where[1];
	last->word[1] = d->where[2];
	last->word[2] = d->where[3];
	last->link = link;
	last->sockets = sockets;
	last->any = d->any;
	return true;
}

/* @eth: an Ethernet header that is there. */
static __always_inline bool is_own_frame(const struct ethhdr *eth)
{
	int i;

#pragma unroll
	for (i = 0; i < ETH_ALEN; i++)
		if (eth->h_dest[i] != own_mac[i])
			return false;
	return true;
}

/*
 * A socket bound to no address hears what is addressed to this host, only. The
 * answer depends on the source too, so none is remembered.
 */
static __always_inline bool is_for_us(struct xdp_md *ctx,
				      const struct udp_place *place)
{
	struct bpf_fib_lookup f = {};
	int ret;

	f.ifindex = ctx->ingress_ifindex;
	f.l4_protocol = IPPROTO_UDP;
	if (place->family == 4) {
		const struct iphdr *ip = place->ip;

		f.family = AF_INET;
		f.ipv4_src = ip->saddr;
		f.ipv4_dst = ip->daddr;
		f.tot_len = __builtin_bswap16(ip->tot_len);
	} else {
		const struct ipv6hdr *ip = place->ip;

		f.family = AF_INET6;
		__builtin_memcpy(f.ipv6_src, &ip->saddr, sizeof(f.ipv6_src));
		__builtin_memcpy(f.ipv6_dst, &ip->daddr, sizeof(f.ipv6_dst));
	}
	ret = bpf_fib_lookup(ctx, &f, sizeof(f), 0);
	/* Whether a VLAN's interface forwards, this one's setting does not say. */
	return ret == BPF_FIB_LKUP_RET_NOT_FWDED ||
	       (ret == BPF_FIB_LKUP_RET_FWD_DISABLED && !place->tagged);
}

/*
 * Is this frame one for the host? A datagram whose header tag is that of a session of
 * ours, to an address that a socket of ours is bound to, needs no look-up.
 */
static __always_inline bool is_to_us(struct xdp_md *ctx, const struct dgram *d,
				     const struct udp_place *place, u32 why)
{
	if (!d->own)
		return false;
	if (!d->any && (why == PLAIT_FILTER_TAG || why == PLAIT_FILTER_OLD ||
			why == PLAIT_FILTER_DUPLICATE))
		return true;
	return is_for_us(ctx, place);
}

/* Has the module told everything, and not long ago? */
static __always_inline bool can_judge(const struct plait_filter_state *s)
{
	return s->patience && bpf_jiffies64() - s->heard <= s->patience;
}

/* Why are there no keys? */
static __always_inline u32 explain(const struct plait_filter_state *s,
				   const struct plait_filter_lane *lane)
{
	struct plait_filter_session key = {
		.net = lane->net,
		.index = lane->index,
	};
	const struct plait_filter_epochs *e;

	if (!s->complete)
		return PLAIT_FILTER_PASS_UNSURE;
	e = bpf_map_lookup_elem(&plait_sessions, &key);
	if (!e)
		return PLAIT_FILTER_INDEX;
	if (!(lane->epoch & 1 ? e->there[1] && e->id[1] == lane->epoch :
				e->there[0] && e->id[0] == lane->epoch))
		return PLAIT_FILTER_EPOCH;
	return lane->lane >= e->lanes ? PLAIT_FILTER_LANE :
					PLAIT_FILTER_PASS_UNSURE;
}

/* Steps 3 to 5 of docs/protocol.md section 8. */
static __always_inline u32 judge_protected(const struct dgram *d,
					   const struct plait_filter_state *s)
{
	struct plait_filter_lane lane = { .net = d->socket.net };
	const struct plait_filter_keys *keys;
	struct plait_filter_window *w;
	struct plait_hdr h;
	u32 slot;

	plait_hdr_decode(&h, d->hdr);
	lane.index = h.index;
	lane.epoch = h.epoch;
	lane.lane = plait_pn_lane(h.pn);
	keys = bpf_map_lookup_elem(&plait_lanes, &lane);
	if (!keys)
		return explain(s, &lane);
	if (plait_header_tag(&keys->tag_key, d->hdr, d->len) != h.tag)
		return PLAIT_FILTER_TAG;

	slot = keys->slot;
	w = bpf_map_lookup_elem(&plait_windows, &slot);
	if (!w)
		return PLAIT_FILTER_PASS_VALID;
	switch (plait_filter_check(w, keys->span, plait_pn_counter(h.pn))) {
	case PLAIT_DROP_RX_OLD:
		return PLAIT_FILTER_OLD;
	case PLAIT_DROP_RX_DUPLICATE:
		if (plait_copy_is_checked(keys->secret, h.tag) &&
		    plait_bucket_take(&w->opened, bpf_ktime_get_ns(),
				      PLAIT_COPY_RATE, PLAIT_COPY_BURST))
			return PLAIT_FILTER_PASS_COPY;
		if (h.strand < PLAIT_STRANDS)
			__sync_fetch_and_add(&w->copies[h.strand], 1);
		return PLAIT_FILTER_DUPLICATE;
	default:
		return PLAIT_FILTER_PASS_VALID;
	}
}

static __always_inline bool has_cookie(const struct dgram *d)
{
	u64 tag = plait_get_le64(d->hdr + PLAIT_OFF_COOKIE_TAG);
	struct plait_tag_key key;
	u32 i;

	for (i = 0; i < PLAIT_FILTER_KEYS; i++) {
		if (i >= d->handshake->secrets)
			break;
		plait_cookie(&d->handshake->secret[i], d->source,
			     d->source_port, &key);
		if (plait_cookie_tag(&key, d->hdr, d->len) == tag)
			return true;
	}
	return false;
}

/* Rare, so a function of its own: it has the most hashing by far. */
static __noinline u32 judge_handshake(const struct dgram *d)
{
	u64 tag = plait_get_le64(d->hdr + PLAIT_OFF_TAG);
	struct plait_filter_prefix prefix = {
		.net = d->socket.net,
		.family = d->socket.family,
	};
	u64 now, full = 0, *bucket;
	bool known = false;
	u32 i;

	if (!d->handshake || !d->handshake->tags)
		return PLAIT_FILTER_HANDSHAKE;
	for (i = 0; i < PLAIT_FILTER_KEYS; i++) {
		if (i >= d->handshake->tags)
			break;
		if (plait_header_tag(&d->handshake->tag[i], d->hdr, d->len) ==
		    tag)
			known = true;
	}
	if (!known)
		return PLAIT_FILTER_HANDSHAKE_TAG;
	if (has_cookie(d))
		return PLAIT_FILTER_PASS_HANDSHAKE;

#pragma unroll
	for (i = 0; i < sizeof(prefix.prefix); i++)
		if (i < 3 || d->socket.family == 6)
			prefix.prefix[i] = d->source[i];
	now = bpf_ktime_get_ns();
	bucket = bpf_map_lookup_elem(&plait_buckets, &prefix);
	if (!bucket) {
		plait_bucket_take(&full, now, PLAIT_HANDSHAKE_RATE,
				  PLAIT_HANDSHAKE_BURST);
		bpf_map_update_elem(&plait_buckets, &prefix, &full, BPF_ANY);
		return PLAIT_FILTER_PASS_HANDSHAKE;
	}
	return plait_bucket_take(bucket, now, PLAIT_HANDSHAKE_RATE,
				 PLAIT_HANDSHAKE_BURST) ?
	       PLAIT_FILTER_PASS_HANDSHAKE : PLAIT_FILTER_HANDSHAKE_LIMIT;
}

/*
 * A right tag says that a frame holds one datagram, since it covers the length;
 * so does a length that is too small for one. Everything else may be said of
 * the first of several only.
 */
static __always_inline u32 if_aggregate(u32 why)
{
	switch (why) {
	case PLAIT_FILTER_SHORT:
	case PLAIT_FILTER_OLD:
	case PLAIT_FILTER_DUPLICATE:
	case PLAIT_FILTER_HANDSHAKE_LIMIT:
		return why;
	default:
		return why <= PLAIT_FILTER_PASS_FOREIGN ? why :
							  PLAIT_FILTER_PASS_UNSURE;
	}
}

static __always_inline u32 judge(const struct dgram *d,
				 const struct plait_filter_state *s)
{
	if (!can_judge(s))
		return PLAIT_FILTER_PASS_UNSURE;
	switch (d->form) {
	case PLAIT_OK:
		return judge_protected(d, s);
	case PLAIT_DROP_PORT_HANDSHAKE:
		return judge_handshake(d);
	case PLAIT_DROP_PORT_VERSION:
		return PLAIT_FILTER_VERSION;
	default:
		return PLAIT_FILTER_SHORT;
	}
}

/* Copy the header, zero if the datagram is too short; false if it is not there. */
static __always_inline bool read_hdr(struct xdp_md *ctx, struct dgram *d,
				     void *at)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const u64 *hdr = at;

	__builtin_memset(d->word, 0, sizeof(d->word));
	if (d->len < PLAIT_HDR_LEN)
		return true;
	if (at + PLAIT_HDR_LEN > end)
		return !bpf_xdp_load_bytes(ctx, at - data, d->hdr,
					   PLAIT_HDR_LEN);
	d->word[0] = hdr[0];
	d->word[1] = hdr[1];
	d->word[2] = hdr[2];
	d->word[3] = hdr[3];
	return true;
}

/* Read what the verdict needs; false if the datagram is not all there. */
static __always_inline bool read_dgram(struct xdp_md *ctx, struct dgram *d,
				       const struct udp_place *place)
{
	d->len = __builtin_bswap16(place->udp->len);
	if (d->len < sizeof(*place->udp) || d->len > place->room)
		return false;
	d->len -= sizeof(*place->udp);
	d->source_port = place->udp->source;
	if (place->family == 4)
		copy_address(d->source, &((struct iphdr *)place->ip)->saddr, 4);
	else
		copy_address(d->source, &((struct ipv6hdr *)place->ip)->saddr, 6);
	if (!read_hdr(ctx, d, place->udp + 1))
		return false;
	d->form = plait_check_form(d->hdr, d->len);
	return true;
}

SEC("xdp.frags")
int plait_filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const struct plait_filter_state *s;
	struct udp_place place;
	struct dgram d;
	u32 port, *ways, why;

	if (!find_udp(data, end, &place))
		return XDP_PASS;
	port = __builtin_bswap16(place.udp->dest);
	ways = bpf_map_lookup_elem(&plait_ports, &port);
	if (!ways || !*ways || moved)
		return XDP_PASS;

	d.own = is_own_frame(data);
	d.socket = (struct plait_filter_socket) {
		.net = own_net,
		.port = place.udp->dest,
		.family = place.family,
	};
	if (place.family == 4)
		copy_address(d.socket.addr,
			     &((struct iphdr *)place.ip)->daddr, 4);
	else
		copy_address(d.socket.addr,
			     &((struct ipv6hdr *)place.ip)->daddr, 6);
	s = state();
	if (!s || !read_dgram(ctx, &d, &place) ||
	    !find_socket(&d, s, ways, ctx->ingress_ifindex))
		return XDP_PASS;
	why = judge(&d, s);
	if (after_gro)
		why = if_aggregate(why);
	if (why > PLAIT_FILTER_PASS_FOREIGN && !is_to_us(ctx, &d, &place, why))
		why = PLAIT_FILTER_PASS_FOREIGN;
	count(why);
	return why > PLAIT_FILTER_PASS_FOREIGN ? XDP_DROP : XDP_PASS;
}

/* Only of this interface: another one listens to the rest. */
SEC("raw_tp.w/plait_tell_tp")
int plait_on_move(struct bpf_raw_tracepoint_args *ctx)
{
	const struct plait_tell *t = (const struct plait_tell *)ctx->args[0];

	if (t->version == PLAIT_FILTER_ABI &&
	    t->kind == PLAIT_TELL_LINK_GONE && t->socket.net == own_net &&
	    t->socket.link == own_link)
		moved = 1;
	return 0;
}

char _license[] SEC("license") = "GPL";
