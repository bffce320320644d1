// SPDX-License-Identifier: GPL-2.0
/*
 * Telling the filter: sockets, sessions and key epochs under RTNL, accepted
 * counters from the receive NAPIs. What was missed is told again: all that
 * there is, every PLAIT_FILTER_RETELL_S seconds while somebody listens.
 */

#include <linux/rtnetlink.h>

#include "plait.h"
#define CREATE_TRACE_POINTS
#include "tell.h"

static void retell(struct work_struct *work);
static DECLARE_DELAYED_WORK(retell_work, retell);

/*
 * A raw tracepoint's program that is at work on this CPU is not run again, so
 * BHs are off: else what a NAPI tells meanwhile would be lost.
 */
static bool tell(struct plait_tell *t)
{
	t->version = PLAIT_FILTER_ABI;
	t->heard = 0;
	local_bh_disable();
	trace_plait_tell_tp(t);
	local_bh_enable();
	return t->heard;
}

static void name_socket(struct plait_filter_socket *to,
			const struct plait_socket *ps)
{
	to->net = ps->pn->net->net_cookie;
	to->link = ps->link;
	to->port = (__force u16)ps->local.port;
	if (ps->local.family == AF_INET) {
		to->family = 4;
		memcpy(to->addr, &ps->local.addr.v4, 4);
	} else {
		to->family = 6;
		memcpy(to->addr, &ps->local.addr.v6, 16);
	}
}

/**
 * plait_tell_socket - datagrams arrive, or no longer arrive, at a socket
 * @ps: the socket
 * @there: it is there; else it is about to go
 *
 * Must be called with RTNL held.
 */
void plait_tell_socket(const struct plait_socket *ps, bool there)
{
	struct plait_tell t = {
		.kind = there ? PLAIT_TELL_SOCKET : PLAIT_TELL_SOCKET_GONE,
	};

	if (!plait_tell_heard_by_some())
		return;
	name_socket(&t.socket, ps);
	tell(&t);
}

static void name_session(struct plait_filter_session *to,
			 const struct plait_session *s)
{
	to->net = s->p->pn->net->net_cookie;
	to->index = s->local_index;
}

/* Which epochs a session has; @coming is one of them already. */
static void tell_session(const struct plait_session *s,
			 const struct plait_epoch *coming)
{
	struct plait_tell t = { .kind = PLAIT_TELL_SESSION };
	const struct plait_epoch *e;
	unsigned int i;

	name_session(&t.session, s);
	t.epochs.lanes = s->p->lane_count;
	for (i = 0; i < ARRAY_SIZE(s->epochs); i++) {
		e = rtnl_dereference(s->epochs[i]);
		if (coming && (coming->id & 1) == i)
			e = coming;
		if (!e)
			continue;
		t.epochs.there[i] = 1;
		t.epochs.id[i] = e->id;
	}
	tell(&t);
}

static void tell_lane(const struct plait_epoch *e, unsigned int id, bool there)
{
	const struct plait_session *s = e->session;
	const struct plait_epoch_lane *el = &e->lanes[id];
	struct plait_tell t = {
		.kind = there ? PLAIT_TELL_LANE : PLAIT_TELL_LANE_GONE,
		.lane = {
			.net = s->p->pn->net->net_cookie,
			.index = s->local_index,
			.epoch = e->id,
			.lane = id,
		},
	};

	if (there) {
		t.keys.tag_key = el->rx.tag_key;
		t.keys.secret = e->copy_secret;
		t.keys.span = (el->rx.window.mask + 1) * 64;
		t.keys.slot = el->slot;
	}
	tell(&t);
	memzero_explicit(&t.keys, sizeof(t.keys));
}

static void tell_lanes(const struct plait_epoch *e, bool there)
{
	unsigned int i;

	for (i = 0; i < e->lane_count; i++)
		tell_lane(e, i, there);
}

/**
 * plait_tell_epoch - a key epoch is about to be in force
 * @e: the epoch, its session named
 *
 * Must be called with RTNL held, before @e can be found.
 */
void plait_tell_epoch(const struct plait_epoch *e)
{
	if (!plait_tell_heard_by_some())
		return;
	tell_lanes(e, true);
	tell_session(e->session, e);
}

/* It cannot be found any more. Must be called with RTNL held. */
void plait_tell_epoch_gone(const struct plait_epoch *e)
{
	if (!plait_tell_heard_by_some())
		return;
	tell_session(e->session, NULL);
	tell_lanes(e, false);
}

/* Its epochs are gone. Must be called with RTNL held. */
void plait_tell_session_gone(const struct plait_session *s)
{
	struct plait_tell t = { .kind = PLAIT_TELL_SESSION_GONE };

	if (!plait_tell_heard_by_some())
		return;
	name_session(&t.session, s);
	tell(&t);
}

/* --- accepted counters -------------------------------------------------------- */

/* Arrivals that the filter has dropped, since it was asked last. */
static void take_copies(struct plait_epoch_lane *el,
			const struct plait_tell_window *t)
{
	struct plait_dev *p = el->epoch->session->p;
	struct plait_strand *strand;
	unsigned int i;
	u64 n;

	for (i = 0; i < PLAIT_STRANDS; i++) {
		n = t->copies[i];
		/* A filter that has begun anew counts from 0. */
		if (n >= el->copies[i])
			n -= el->copies[i];
		el->copies[i] = t->copies[i];
		strand = rcu_dereference(p->strands[i]);
		if (n && strand)
			this_cpu_add(strand->stats->rx_copies, n);
	}
}

/*
 * Tell the words from @block to before @end, PLAIT_TELL_WORDS at most, as far
 * as a filter remembers them, and take its counts. Context: RCU, BHs off.
 */
static void tell_words(struct plait_epoch_lane *el, u64 block, u64 end)
{
	const struct plait_window *w = &el->rx.window;
	struct plait_tell_window t = {
		.version = PLAIT_FILTER_ABI,
		.slot = el->slot,
	};

	/* Before the bits: pairs with the release in window_advance(). */
	t.top = smp_load_acquire(&w->top);
	t.block = max(block, plait_filter_oldest(t.top));
	for (block = t.block; block < end; block++)
		t.word[t.count++] = plait_filter_word(w, block);
	spin_lock(&el->tell_lock);
	trace_plait_tell_window_tp(&t);
	if (t.heard)
		take_copies(el, &t);
	spin_unlock(&el->tell_lock);
}

/* The newest blocks of a window, as far as a filter remembers. */
static void tell_window(struct plait_epoch_lane *el)
{
	const struct plait_window *w = &el->rx.window;
	u64 top = READ_ONCE(w->top), end = (top >> 5) + 1;
	u64 span = min_t(u64, (w->mask + 1) * 2, PLAIT_FILTER_WORDS);
	u64 block = end - min(end, span);

	for (; block < end; block += PLAIT_TELL_WORDS)
		tell_words(el, block, min(block + PLAIT_TELL_WORDS, end));
}

/**
 * plait_tell_flush - tell what the lane has accepted and not told
 * @lane: the lane
 *
 * Context: the lane's receive NAPI.
 */
void plait_tell_flush(struct plait_lane *lane)
{
	struct plait_untold *u = &lane->rx.untold;

	if (likely(!u->el))
		return;
	/* After a leap, words of long ago could pass for the new ones. */
	if (unlikely(u->last > u->el->told + PLAIT_FILTER_WORDS))
		tell_window(u->el);
	else
		tell_words(u->el, u->first, u->last + 1);
	u->el->told = max(u->el->told, u->last);
	u->el = NULL;
}

void __plait_tell_accepted(struct plait_lane *lane, struct plait_epoch_lane *el,
			   u64 counter)
{
	struct plait_untold *u = &lane->rx.untold;
	u64 block = counter >> 5;

	if (u->el == el) {
		u64 first = min(u->first, block), last = max(u->last, block);

		if (last - first < PLAIT_TELL_WORDS) {
			u->first = first;
			u->last = last;
			return;
		}
	}
	plait_tell_flush(lane);
	u->el = el;
	u->first = block;
	u->last = block;
}

/* --- all of it ------------------------------------------------------------------ */

/* The windows of an epoch's lanes, or none and only take the filter's counts. */
static void tell_windows(struct plait_epoch *e, bool windows)
{
	unsigned int lane;

	local_bh_disable();
	rcu_read_lock();
	for (lane = 0; lane < e->lane_count; lane++) {
		if (windows)
			tell_window(&e->lanes[lane]);
		else
			tell_words(&e->lanes[lane], 0, 0);
	}
	rcu_read_unlock();
	local_bh_enable();
}

static void tell_device(struct plait_dev *p, struct plait_told_all *told,
			bool windows)
{
	struct plait_epoch *e;
	unsigned int i;

	for (i = 0; i < PLAIT_EPOCHS; i++) {
		e = plait_key_at(p, i);
		if (!e)
			continue;
		plait_tell_epoch(e);
		told->lanes += e->lane_count;
		tell_windows(e, windows);
	}
}

static void tell_everything(struct plait_told_all *told, bool windows)
{
	struct plait_tell all = { .kind = PLAIT_TELL_ALL, .hz = HZ };
	struct plait_socket *ps;
	struct plait_dev *p;
	struct net *net;

	ASSERT_RTNL();
	down_read(&net_rwsem);
	for_each_net(net) {
		struct plait_net *pn = plait_pernet(net);

		list_for_each_entry(p, &pn->devices, node)
			tell_device(p, told, windows);
		list_for_each_entry(ps, &pn->sockets, node) {
			plait_tell_socket(ps, true);
			told->sockets++;
		}
	}
	up_read(&net_rwsem);
	told->heard = tell(&all);
}

static void listen_again(void)
{
	if (plait_tell_heard_by_some())
		mod_delayed_work(plait_wq, &retell_work,
				 PLAIT_FILTER_RETELL_S * HZ);
}

/**
 * plait_tell_all - tell everything that there is, to one who has just come
 * @told: what that was
 *
 * Must be called with RTNL held.
 */
void plait_tell_all(struct plait_told_all *told)
{
	tell_everything(told, true);
	listen_again();
}

static void retell(struct work_struct *work)
{
	struct plait_told_all told = {};

	if (!plait_tell_heard_by_some())
		return;
	rtnl_lock();
	tell_everything(&told, false);
	rtnl_unlock();
	listen_again();
}

/**
 * plait_tell_counts - have the filter's counts of a device's copies
 * @p: the device
 *
 * Must be called with RTNL held.
 */
void plait_tell_counts(struct plait_dev *p)
{
	struct plait_epoch *e;
	unsigned int i;

	if (!plait_tell_heard_by_some())
		return;
	for (i = 0; i < PLAIT_EPOCHS; i++) {
		e = plait_key_at(p, i);
		if (e)
			tell_windows(e, false);
	}
}

/* An interface leaves its namespace, with the filter that is attached to it. */
static int netdev_event(struct notifier_block *nb, unsigned long event,
			void *info)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct plait_tell t = { .kind = PLAIT_TELL_LINK_GONE };

	if (event != NETDEV_UNREGISTER || !plait_tell_heard_by_some())
		return NOTIFY_DONE;
	t.socket.net = dev_net(dev)->net_cookie;
	t.socket.link = dev->ifindex;
	tell(&t);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
};

int plait_tell_init(void)
{
	return register_netdevice_notifier(&netdev_notifier);
}

void plait_tell_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
	cancel_delayed_work_sync(&retell_work);
}
