// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions and which key epoch seals: installed and removed under RTNL, found
 * by receiver index under RCU. A device keeps two sessions, so that what is
 * under way on the old one still arrives when the new one seals.
 */

#include <crypto/algapi.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "plait.h"
#include "tell.h"
#include "trace.h"

const struct rhashtable_params plait_session_params = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct plait_session, local_index),
	.head_offset = offsetof(struct plait_session, node),
	.automatic_shrinking = true,
};

/* Context: RCU read side. */
struct plait_session *plait_session_lookup(struct plait_net *pn, u32 index)
{
	return rhashtable_lookup(&pn->sessions, &index, plait_session_params);
}

/* Tell user space, and whoever traces. */
static void tell(struct plait_epoch *e, enum plait_event_kind kind)
{
	trace_plait_epoch(e, kind);
	plait_notify(e->session->p, kind, NULL, e);
}

/* Let @e, or nothing, seal. */
static void set_tx(struct plait_dev *p, struct plait_epoch *e)
{
	if (e)
		WRITE_ONCE(p->tx_lanes, min(p->lane_count,
					    e->session->peer_lanes));
	rcu_assign_pointer(p->tx, e);
	plait_update_carrier(p);
}

/* Make a session of @c, not yet found by anybody. */
static struct plait_session *session_alloc(struct plait_dev *p,
					   const struct plait_key_config *c)
{
	struct plait_session *s;

	s = kvzalloc(struct_size(s, lanes, p->lane_count), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	s->p = p;
	s->number = c->session;
	s->local_index = c->local_index;
	s->remote_index = c->remote_index;
	s->peer_lanes = c->peer_lanes;
	return s;
}

static void take_epoch(struct plait_session *s, unsigned int slot)
{
	struct plait_epoch *e = rtnl_dereference(s->epochs[slot]);

	if (!e)
		return;
	if (rtnl_dereference(s->p->tx) == e)
		set_tx(s->p, NULL);
	RCU_INIT_POINTER(s->epochs[slot], NULL);
	plait_tell_epoch_gone(e);
	tell(e, PLAIT_EVENT_KIND_KEY_REMOVED);
	plait_epoch_free(e);
}

/* End the session in a slot, if there is one. */
static void session_remove(struct plait_dev *p, unsigned int slot)
{
	struct plait_session *s = rtnl_dereference(p->sessions[slot]);
	unsigned int i;

	if (!s)
		return;
	rhashtable_remove_fast(&p->pn->sessions, &s->node,
			       plait_session_params);
	RCU_INIT_POINTER(p->sessions[slot], NULL);
	for (i = 0; i < ARRAY_SIZE(s->epochs); i++)
		take_epoch(s, i);
	plait_tell_session_gone(s);
	kvfree_rcu(s, rcu);
}

/* Must be called with RTNL held. */
void plait_session_remove_all(struct plait_dev *p)
{
	unsigned int i;

	for (i = 0; i < PLAIT_SESSIONS; i++)
		session_remove(p, i);
}

static struct plait_session *session_find(struct plait_dev *p, u32 number)
{
	struct plait_session *s;
	unsigned int i;

	for (i = 0; i < PLAIT_SESSIONS; i++) {
		s = rtnl_dereference(p->sessions[i]);
		if (s && s->number == number)
			return s;
	}
	return NULL;
}

/**
 * plait_key_at - one of a device's key epochs
 * @p: the device
 * @at: which place, below PLAIT_EPOCHS
 *
 * Must be called with RTNL held. Return: the epoch there, or NULL.
 */
struct plait_epoch *plait_key_at(const struct plait_dev *p, unsigned int at)
{
	struct plait_session *s = rtnl_dereference(p->sessions[at / 2]);

	return s ? rtnl_dereference(s->epochs[at & 1]) : NULL;
}

/*
 * Where a new session goes: a free place, or that of the session which does
 * not seal; of two that do not, the older one.
 */
static unsigned int session_place(struct plait_dev *p)
{
	struct plait_epoch *tx = rtnl_dereference(p->tx);
	unsigned int i;

	for (i = 0; i < PLAIT_SESSIONS; i++)
		if (!rcu_access_pointer(p->sessions[i]))
			return i;
	if (!tx)
		return !p->newest;
	return tx->session == rtnl_dereference(p->sessions[0]) ? 1 : 0;
}

static bool same_key(const struct plait_aead *a, const struct plait_aead *b)
{
	return !crypto_memneq(a->key, b->key, sizeof(a->key));
}

/* Does the device have either key of @e already, for either direction? */
static bool key_is_installed(struct plait_dev *p, const struct plait_epoch *e)
{
	unsigned int i;

	for (i = 0; i < PLAIT_EPOCHS; i++) {
		const struct plait_epoch *o = plait_key_at(p, i);

		if (o && (same_key(&o->tx, &e->tx) || same_key(&o->rx, &e->rx) ||
			  same_key(&o->tx, &e->rx) || same_key(&o->rx, &e->tx)))
			return true;
	}
	return false;
}

/* A key epoch of a live session must agree with the session. */
static int check_same(const struct plait_session *s,
		      const struct plait_key_config *c,
		      struct netlink_ext_ack *extack)
{
	struct plait_epoch *e = rtnl_dereference(s->epochs[c->epoch & 1]);

	if (s->local_index != c->local_index ||
	    s->remote_index != c->remote_index ||
	    s->peer_lanes != c->peer_lanes) {
		NL_SET_ERR_MSG(extack,
			       "receiver indices and lanes belong to the session: a new epoch cannot change them");
		return -EINVAL;
	}
	if (e && e->id == c->epoch) {
		NL_SET_ERR_MSG(extack,
			       "key epoch is installed: keys cannot be replaced, only followed by the next epoch");
		return -EEXIST;
	}
	if (e && e == rtnl_dereference(s->p->tx) &&
	    c->active != PLAIT_KEY_ACTIVE) {
		NL_SET_ERR_MSG(extack,
			       "the epoch that transmit uses stands in the way: activate the other one first");
		return -EBUSY;
	}
	return 0;
}

/* A new session's receiver index is nobody else's, not even ours of before. */
static int check_index(struct plait_dev *p, u32 index,
		       struct netlink_ext_ack *extack)
{
	bool taken;

	rcu_read_lock();
	taken = plait_session_lookup(p->pn, index);
	rcu_read_unlock();
	if (!taken)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "local receiver index is in use, here or by another device: take a random one for each session");
	return -EEXIST;
}

/* Put a session with its first epoch where it is found. */
static int session_publish(struct plait_dev *p, struct plait_session *s)
{
	unsigned int slot = session_place(p);
	int err;

	err = rhashtable_insert_fast(&p->pn->sessions, &s->node,
				     plait_session_params);
	if (err)
		return err;
	session_remove(p, slot);
	rcu_assign_pointer(p->sessions[slot], s);
	p->newest = slot;
	return 0;
}

/**
 * plait_key_install - install a key epoch, with its session if that is new
 * @p: the device
 * @c: what it is made of
 * @extack: says what is wrong
 *
 * Must be called with RTNL held. Return: 0, or a negative errno with nothing
 * changed.
 */
int plait_key_install(struct plait_dev *p, const struct plait_key_config *c,
		      struct netlink_ext_ack *extack)
{
	struct plait_session *s = session_find(p, c->session);
	struct plait_epoch *e, *old = NULL;
	int err;

	ASSERT_RTNL();
	if (!p->pn) {
		NL_SET_ERR_MSG(extack,
			       "the device's first namespace is gone: nothing to receive on");
		return -ENODEV;
	}
	err = s ? check_same(s, c, extack) :
		  check_index(p, c->local_index, extack);
	if (err)
		return err;
	e = plait_epoch_alloc(p, c, extack);
	if (IS_ERR(e))
		return PTR_ERR(e);
	if (key_is_installed(p, e)) {
		NL_SET_ERR_MSG(extack,
			       "the key is installed as another epoch: its packet numbers would repeat");
		err = -EEXIST;
		goto err_epoch;
	}

	if (s) {
		e->session = s;
		old = rtnl_dereference(s->epochs[e->id & 1]);
		plait_tell_epoch(e);
		rcu_assign_pointer(s->epochs[e->id & 1], e);
	} else {
		s = session_alloc(p, c);
		err = -ENOMEM;
		if (!s)
			goto err_epoch;
		e->session = s;
		plait_tell_epoch(e);
		RCU_INIT_POINTER(s->epochs[e->id & 1], e);
		err = session_publish(p, s);
		if (err) {
			RCU_INIT_POINTER(s->epochs[e->id & 1], NULL);
			plait_tell_epoch_gone(e);
			plait_tell_session_gone(s);
			kvfree(s);
			goto err_epoch;
		}
	}
	tell(e, PLAIT_EVENT_KIND_KEY_INSTALLED);
	if (c->active == PLAIT_KEY_ACTIVE)
		plait_key_activate(e);
	if (old) {
		plait_tell_epoch_gone(old);
		tell(old, PLAIT_EVENT_KIND_KEY_REMOVED);
		plait_epoch_free(old);
	}
	return 0;

err_epoch:
	plait_epoch_destroy(e);
	return err;
}

/* Did @o come after @e? RTNL is held. */
static bool is_newer(const struct plait_epoch *o, const struct plait_epoch *e)
{
	const struct plait_dev *p = e->session->p;

	if (o->session == e->session)
		return (s16)(o->id - e->id) > 0;
	return o->session == rtnl_dereference(p->sessions[p->newest]);
}

/**
 * plait_key_activate - have transmit use an epoch from now on
 * @e: the epoch
 *
 * What waits for a datagram to be used, and is older, waits no more: one that
 * was under way for long would take transmit back. Must be called with RTNL
 * held.
 */
void plait_key_activate(struct plait_epoch *e)
{
	struct plait_dev *p = e->session->p;
	unsigned int i;

	for (i = 0; i < PLAIT_EPOCHS; i++) {
		struct plait_epoch *o = plait_key_at(p, i);

		if (o && !is_newer(o, e))
			clear_bit(PLAIT_EPOCH_ON_RECEIPT, &o->flags);
	}
	set_tx(p, e);
	tell(e, PLAIT_EVENT_KIND_KEY_ACTIVATED);
}

/* Must be called with RTNL held. The last epoch takes its session with it. */
void plait_key_remove(struct plait_epoch *e)
{
	struct plait_session *s = e->session;
	struct plait_dev *p = s->p;

	if (rtnl_dereference(s->epochs[~e->id & 1]))
		take_epoch(s, e->id & 1);
	else
		session_remove(p, rtnl_dereference(p->sessions[1]) == s);
}

/* Must be called with RTNL held. Return: the epoch, or NULL. */
struct plait_epoch *plait_key_find(struct plait_dev *p, u32 session, u32 epoch)
{
	struct plait_session *s = session_find(p, session);
	struct plait_epoch *e;

	if (!s)
		return NULL;
	e = rtnl_dereference(s->epochs[epoch & 1]);
	return e && e->id == epoch ? e : NULL;
}

static void epoch_work(struct plait_epoch *e)
{
	if (test_bit(PLAIT_EPOCH_NEAR, &e->flags) &&
	    !test_and_set_bit(PLAIT_EPOCH_TOLD_NEAR, &e->flags))
		tell(e, PLAIT_EVENT_KIND_KEY_LIMIT_NEAR);
	if (test_bit(PLAIT_EPOCH_SPENT, &e->flags) &&
	    !test_and_set_bit(PLAIT_EPOCH_TOLD_SPENT, &e->flags))
		tell(e, PLAIT_EVENT_KIND_KEY_LIMIT_REACHED);
	if (test_bit(PLAIT_EPOCH_ARRIVED, &e->flags) &&
	    test_bit(PLAIT_EPOCH_ON_RECEIPT, &e->flags))
		plait_key_activate(e);
}

/* What the data path has noticed of the key epochs. RTNL is held. */
void plait_session_work(struct plait_dev *p)
{
	unsigned int i;

	for (i = 0; i < PLAIT_EPOCHS; i++) {
		struct plait_epoch *e = plait_key_at(p, i);

		if (e)
			epoch_work(e);
	}
}
