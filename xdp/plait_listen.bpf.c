// SPDX-License-Identifier: GPL-2.0
/*
 * The listener: raw_tp programs on plait.ko's own tracepoints, which write what
 * the module tells into the maps. One instance a host, whatever the interfaces.
 */

#include "maps.h"

/* A window as a new lane finds it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct plait_filter_window);
} plait_empty SEC(".maps");

/*
 * What a filter remembers of the sockets holds no longer. An atomic operation
 * whose result is used is a full barrier: what has changed is seen before.
 */
static __always_inline void sockets_changed(void)
{
	struct plait_filter_state *s = state();
	volatile u32 before = 0;

	if (s)
		before = __sync_fetch_and_add(&s->sockets, 1);
	(void)before;
}

/* Without room for a socket its datagrams pass. */
static __always_inline void add_socket(const struct plait_filter_socket *socket,
				       const struct plait_filter_handshake *h)
{
	u32 port = __builtin_bswap16(socket->port), *ways;
	const struct plait_filter_handshake *old;

	/* To replace an element is to take it away for a moment: only if it differs. */
	old = bpf_map_lookup_elem(&plait_sockets, socket);
	if (!(old && !old->tags && !h->tags) &&
	    bpf_map_update_elem(&plait_sockets, socket, h, BPF_ANY))
		return;
	ways = bpf_map_lookup_elem(&plait_ports, &port);
	if (ways)
		*ways |= plait_filter_way(socket);
	if (!old)
		sockets_changed();
}

static __always_inline void del_socket(const struct plait_filter_socket *socket)
{
	bpf_map_delete_elem(&plait_sockets, socket);
	sockets_changed();
}

/* A session without room: whoever has an index unknown to us may be it. */
static __always_inline void add_session(const struct plait_filter_session *session,
					const struct plait_filter_epochs *epochs)
{
	struct plait_filter_state *s;
	u64 *old;

	/* In place, by one store: a reader finds the old ones or the new. */
	old = bpf_map_lookup_elem(&plait_sessions, session);
	if (old) {
		*(volatile u64 *)old = *(const u64 *)epochs;
		return;
	}
	if (!bpf_map_update_elem(&plait_sessions, session, epochs, BPF_NOEXIST))
		return;
	s = state();
	if (s) {
		s->complete = 0;
		s->failed = 1;
	}
}

/* False if there is no such window. */
static __always_inline bool clear_window(u32 slot)
{
	u32 zero = 0;
	void *empty = bpf_map_lookup_elem(&plait_empty, &zero);

	return empty && !bpf_map_update_elem(&plait_windows, &slot, empty,
					     BPF_ANY);
}

/* A lane's keys never change: what is there and differs is another's. */
static __always_inline void add_lane(const struct plait_filter_lane *lane,
				     struct plait_filter_keys *keys)
{
	struct plait_filter_keys *old = bpf_map_lookup_elem(&plait_lanes, lane);

	if (old) {
		if (old->tag_key.k0 == keys->tag_key.k0 &&
		    old->tag_key.k1 == keys->tag_key.k1 &&
		    old->secret == keys->secret)
			return;
		bpf_map_delete_elem(&plait_lanes, lane);
	}
	if (!clear_window(keys->slot))
		keys->slot = PLAIT_FILTER_NO_SLOT;
	/* Without room the lane's datagrams pass: its session is known. */
	bpf_map_update_elem(&plait_lanes, lane, keys, BPF_NOEXIST);
}

static __always_inline void all_told(u32 hz)
{
	struct plait_filter_state *s = state();

	if (!s)
		return;
	sockets_changed();
	s->complete = !s->failed;
	s->failed = 0;
	s->patience = (u64)hz * PLAIT_FILTER_PATIENCE_S;
	s->heard_ns = bpf_ktime_get_ns();
	s->heard = bpf_jiffies64();
}

SEC("raw_tp.w/plait_tell_tp")
int plait_on_tell(struct bpf_raw_tracepoint_args *ctx)
{
	struct plait_tell *t = (struct plait_tell *)ctx->args[0];
	struct plait_filter_handshake handshake;
	struct plait_filter_session session;
	struct plait_filter_socket socket;
	struct plait_filter_epochs epochs __attribute__((aligned(8)));
	struct plait_filter_lane lane;
	struct plait_filter_keys keys;

	if (t->version != PLAIT_FILTER_ABI)
		return 0;
	/* A tracepoint's buffer cannot be given to map functions. */
	switch (t->kind) {
	case PLAIT_TELL_SOCKET:
	case PLAIT_TELL_SOCKET_GONE:
		socket = t->socket;
		handshake = t->handshake;
		if (t->kind == PLAIT_TELL_SOCKET)
			add_socket(&socket, &handshake);
		else
			del_socket(&socket);
		break;
	case PLAIT_TELL_LANE:
		lane = t->lane;
		keys = t->keys;
		add_lane(&lane, &keys);
		break;
	case PLAIT_TELL_LANE_GONE:
		lane = t->lane;
		bpf_map_delete_elem(&plait_lanes, &lane);
		break;
	case PLAIT_TELL_SESSION:
		session = t->session;
		epochs = t->epochs;
		add_session(&session, &epochs);
		break;
	case PLAIT_TELL_SESSION_GONE:
		session = t->session;
		bpf_map_delete_elem(&plait_sessions, &session);
		break;
	case PLAIT_TELL_ALL:
		all_told(t->hz);
		break;
	}
	t->heard = 1;
	return 0;
}

SEC("raw_tp.w/plait_tell_window_tp")
int plait_on_window(struct bpf_raw_tracepoint_args *ctx)
{
	struct plait_tell_window *t = (struct plait_tell_window *)ctx->args[0];
	struct plait_filter_window *w;
	u32 slot, count, i;
	u64 block;

	if (t->version != PLAIT_FILTER_ABI)
		return 0;
	slot = t->slot;
	w = bpf_map_lookup_elem(&plait_windows, &slot);
	t->heard = 1;
	if (!w)
		return 0;
	count = t->count;
	block = t->block;
	/* The buffer is read at constant offsets only. */
#pragma unroll
	for (i = 0; i < PLAIT_TELL_WORDS; i++)
		if (i < count)
			*(volatile u64 *)&w->word[(block + i) &
				(PLAIT_FILTER_WORDS - 1)] = t->word[i];
	if (t->top > w->top)
		w->top = t->top;
#pragma unroll
	for (i = 0; i < PLAIT_STRANDS; i++)
		t->copies[i] = w->copies[i];
	return 0;
}

char _license[] SEC("license") = "GPL";
