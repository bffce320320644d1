// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions and key epochs: installed and removed under RTNL, found by receiver
 * index under RCU. Key bytes are wiped when freed and never read back.
 */

#include <crypto/algapi.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "plait.h"

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

static struct plait_epoch *epoch_alloc(const struct plait_dev *p,
				       const struct plait_key_config *c)
{
	size_t bytes = plait_window_bytes(p->window);
	struct plait_epoch *e;
	unsigned int i;
	size_t size;

	size = struct_size(e, bits, p->lane_count * bytes / sizeof(u64));
	e = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!e)
		return NULL;
	e->size = size;
	e->id = c->epoch;
	plait_aead_init(&e->rx, c->rx);
	plait_aead_init(&e->tx, c->tx);
	plait_tag_key_load(&e->tx_tag, c->tx + PLAIT_AEAD_KEY_LEN);
	plait_tag_key_load(&e->rx_keys.tag_key, c->rx + PLAIT_AEAD_KEY_LEN);
	e->rx_keys.windows = e->windows;
	e->rx_keys.lanes = p->lane_count;
	for (i = 0; i < p->lane_count; i++) {
		e->tx_counter[i] = c->tx_counter;
		plait_window_init(&e->windows[i],
				  e->bits + i * bytes / sizeof(u64), p->window);
	}
	return e;
}

static void epoch_wipe(struct plait_epoch *e)
{
	kvfree_sensitive(e, e->size);
}

static void epoch_free_rcu(struct rcu_head *rcu)
{
	epoch_wipe(container_of(rcu, struct plait_epoch, rcu));
}

static void epoch_free(struct plait_epoch *e)
{
	if (e)
		call_rcu(&e->rcu, epoch_free_rcu);
}

/* Make a session of @c, not yet found by anybody. */
static struct plait_session *session_alloc(struct plait_dev *p,
					   const struct plait_key_config *c)
{
	struct plait_session *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	s->p = p;
	s->number = c->session;
	s->local_index = c->local_index;
	s->remote_index = c->remote_index;
	s->peer_lanes = c->peer_lanes;
	return s;
}

/* End a session that the device no longer points to. */
static void session_retire(struct plait_dev *p, struct plait_session *s)
{
	unsigned int i;

	rhashtable_remove_fast(&p->pn->sessions, &s->node,
			       plait_session_params);
	for (i = 0; i < ARRAY_SIZE(s->epochs); i++)
		epoch_free(rtnl_dereference(s->epochs[i]));
	kfree_rcu(s, rcu);
}

/* Must be called with RTNL held: take the live session, if any, away. */
void plait_session_remove(struct plait_dev *p)
{
	struct plait_session *s = rtnl_dereference(p->session);

	if (!s)
		return;
	RCU_INIT_POINTER(p->session, NULL);
	plait_update_carrier(p);
	session_retire(p, s);
}

/* Does the live session seal with, or open with, either key of @e already? */
static bool key_is_installed(const struct plait_session *s,
			     const struct plait_epoch *e)
{
	const size_t len = sizeof(e->tx.key);
	unsigned int i;

	for (i = 0; s && i < ARRAY_SIZE(s->epochs); i++) {
		const struct plait_epoch *o = rtnl_dereference(s->epochs[i]);

		if (o && (!crypto_memneq(o->tx.key, e->tx.key, len) ||
			  !crypto_memneq(o->rx.key, e->rx.key, len)))
			return true;
	}
	return false;
}

/* A key epoch of the live session must agree with the session. */
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
	if (e && e == rtnl_dereference(s->tx) && !c->active) {
		NL_SET_ERR_MSG(extack,
			       "the epoch that transmit uses stands in the way: activate the other one first");
		return -EBUSY;
	}
	return 0;
}

/*
 * Put a new session into the look-up table and into the device, in the place
 * of the live one, which may have the same receiver index.
 */
static int session_publish(struct plait_dev *p, struct plait_session *s,
			   struct netlink_ext_ack *extack)
{
	struct plait_session *other, *old = rtnl_dereference(p->session);
	int err;

	rcu_read_lock();
	other = plait_session_lookup(p->pn, s->local_index);
	err = other && other->p != p ? -EEXIST : 0;
	rcu_read_unlock();
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "another device has this local receiver index");
		return err;
	}
	err = rhashtable_insert_fast(&p->pn->sessions, &s->node,
				     plait_session_params);
	if (err)
		return err;
	rcu_assign_pointer(p->session, s);
	if (old)
		session_retire(p, old);
	return 0;
}

/**
 * plait_key_install - install a key epoch, of the live session or a new one
 * @p: the device
 * @c: what it is made of
 * @extack: says what is wrong
 *
 * Another session's number replaces the live session. Must be called with RTNL
 * held. Return: 0, or a negative errno with nothing changed.
 */
int plait_key_install(struct plait_dev *p, const struct plait_key_config *c,
		      struct netlink_ext_ack *extack)
{
	struct plait_session *s = rtnl_dereference(p->session);
	struct plait_epoch *e;
	int err;

	ASSERT_RTNL();
	if (!p->pn) {
		NL_SET_ERR_MSG(extack,
			       "the device's first namespace is gone: nothing to receive on");
		return -ENODEV;
	}
	if (s && s->number == c->session) {
		err = check_same(s, c, extack);
		if (err)
			return err;
	}
	e = epoch_alloc(p, c);
	if (!e)
		return -ENOMEM;
	if (key_is_installed(s, e)) {
		NL_SET_ERR_MSG(extack,
			       "this key is installed as another epoch: its packet numbers would repeat");
		epoch_wipe(e);
		return -EEXIST;
	}

	if (!s || s->number != c->session) {
		s = session_alloc(p, c);
		if (!s) {
			epoch_wipe(e);
			return -ENOMEM;
		}
		e->session = s;
		rcu_assign_pointer(s->epochs[c->epoch & 1], e);
		if (c->active)
			rcu_assign_pointer(s->tx, e);
		err = session_publish(p, s, extack);
		if (err) {
			kfree(s);
			epoch_wipe(e);
			return err;
		}
	} else {
		struct plait_epoch *old;

		e->session = s;
		old = rtnl_dereference(s->epochs[c->epoch & 1]);
		rcu_assign_pointer(s->epochs[c->epoch & 1], e);
		if (c->active)
			rcu_assign_pointer(s->tx, e);
		epoch_free(old);
	}
	plait_update_carrier(p);
	return 0;
}

/* Must be called with RTNL held: transmit uses @e from now on. */
void plait_key_activate(struct plait_epoch *e)
{
	rcu_assign_pointer(e->session->tx, e);
	plait_update_carrier(e->session->p);
}

/* Must be called with RTNL held. The last epoch takes its session with it. */
void plait_key_remove(struct plait_epoch *e)
{
	struct plait_session *s = e->session;

	if (!rtnl_dereference(s->epochs[~e->id & 1])) {
		plait_session_remove(s->p);
		return;
	}
	RCU_INIT_POINTER(s->epochs[e->id & 1], NULL);
	if (rtnl_dereference(s->tx) == e) {
		RCU_INIT_POINTER(s->tx, NULL);
		plait_update_carrier(s->p);
	}
	epoch_free(e);
}

/* Must be called with RTNL held. Return: the epoch, or NULL. */
struct plait_epoch *plait_key_find(struct plait_dev *p, u32 session, u32 epoch)
{
	struct plait_session *s = rtnl_dereference(p->session);
	struct plait_epoch *e;

	if (!s || s->number != session)
		return NULL;
	e = rtnl_dereference(s->epochs[epoch & 1]);
	return e && e->id == epoch ? e : NULL;
}
