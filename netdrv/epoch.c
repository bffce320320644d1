// SPDX-License-Identifier: GPL-2.0
/*
 * Key epochs by themselves: made, wiped, and how much each lane may seal. The
 * hard limit is the epoch's, so lanes take shares of it; that way they meet at
 * one counter once in thousands of datagrams.
 */

#include <crypto/aead.h>
#include <linux/idr.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "plait.h"

/* Where filters keep windows: one of each lane of each epoch. */
static DEFINE_IDA(slots);

/* Datagrams that a lane takes leave to seal at a time, at most. */
#define SHARE_MAX 4096u

static struct plait_limits limits_of(enum plait_cipher cipher)
{
	return cipher == PLAIT_CIPHER_AES256GCM ?
	       plait_limits_aes256gcm() : plait_limits_chacha20poly1305();
}

/**
 * plait_epoch_set_limits - say how much may be sealed
 * @e: the epoch
 * @soft: soft limit, 0: the cipher's, or the hard one if that is lower
 * @hard: hard limit, 0: the cipher's
 * @extack: says what is wrong
 *
 * Must be called with RTNL held, or before @e is published. Return: 0 or
 * -EINVAL.
 */
int plait_epoch_set_limits(struct plait_epoch *e, u64 soft, u64 hard,
			   struct netlink_ext_ack *extack)
{
	struct plait_limits l = limits_of(e->tx.cipher);

	if (hard > l.hard) {
		NL_SET_ERR_MSG(extack,
			       "hard limit is above what the cipher allows");
		return -EINVAL;
	}
	hard = hard ?: l.hard;
	if (soft > hard) {
		NL_SET_ERR_MSG(extack, "soft limit is above the hard one");
		return -EINVAL;
	}
	WRITE_ONCE(e->soft, soft ?: min(l.soft, hard));
	WRITE_ONCE(e->hard, hard);
	WRITE_ONCE(e->share, clamp_t(u64, hard >> 10, 1, SHARE_MAX));
	/* Told again if the new limits are reached. */
	clear_bit(PLAIT_EPOCH_TOLD_NEAR, &e->flags);
	clear_bit(PLAIT_EPOCH_TOLD_SPENT, &e->flags);
	clear_bit(PLAIT_EPOCH_NEAR, &e->flags);
	clear_bit(PLAIT_EPOCH_SPENT, &e->flags);
	/* What has failed to open stays. */
	if (atomic64_read(&e->open_failures) >= e->open_failures_max)
		set_bit(PLAIT_EPOCH_SPENT, &e->flags);
	return 0;
}

/**
 * plait_epoch_lease - let a lane seal more
 * @e: the epoch
 * @el: what the lane has of it
 * @count: how many datagrams it is about to seal
 *
 * Context: the lane's sender. Return: false if the hard limit, or the last
 * packet number, stands before that.
 */
bool plait_epoch_lease(struct plait_epoch *e, struct plait_epoch_lane *el,
		       unsigned int count)
{
	u64 hard = READ_ONCE(e->hard), take;
	s64 leased = atomic64_read(&e->leased);

	do {
		if ((u64)leased >= hard) {
			plait_epoch_raise(e, PLAIT_EPOCH_SPENT);
			return false;
		}
		take = min_t(u64, max_t(u64, count, READ_ONCE(e->share)),
			     hard - leased);
	} while (!atomic64_try_cmpxchg(&e->leased, &leased, leased + take));

	el->tx_end = min(el->tx_end + take, PLAIT_COUNTER_MAX + 1);
	if (leased + take >= READ_ONCE(e->soft))
		plait_epoch_raise(e, PLAIT_EPOCH_NEAR);
	if (el->tx_end - el->tx_counter >= count)
		return true;
	plait_epoch_raise(e, PLAIT_EPOCH_SPENT);
	return false;
}

/* Datagrams sealed with @e, roughly: its lanes may be at work. */
u64 plait_epoch_sealed(const struct plait_epoch *e)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < e->lane_count; i++)
		sum += READ_ONCE(e->lanes[i].tx_counter) - e->first;
	return sum;
}

/**
 * plait_epoch_raise - note something that user space, or we, must act on
 * @e: the epoch
 * @flag: what
 *
 * Context: RCU read side, any; plait_session_work() goes on from here.
 */
void plait_epoch_raise(struct plait_epoch *e, enum plait_epoch_flag flag)
{
	if (!test_and_set_bit(flag, &e->flags))
		plait_kick(e->session->p);
}

static int init_lane(const struct plait_dev *p, struct plait_epoch *e,
		     unsigned int id, u64 counter, u64 *bits)
{
	struct plait_epoch_lane *el = &e->lanes[id];
	int err;

	err = ida_alloc(&slots, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return err;
	el->slot = err;
	el->epoch = e;
	spin_lock_init(&el->tell_lock);
	el->tx_counter = counter;
	el->tx_end = counter;
	el->rx.tag_key = e->lanes[0].rx.tag_key;
	el->rx.lane = id;
	plait_window_init(&el->rx.window, bits, p->window);
	if (e->tx.cipher != PLAIT_CIPHER_AES256GCM)
		return 0;
	el->seal = plait_gcm_request(&e->tx);
	el->open = plait_gcm_request(&e->rx);
	return el->seal && el->open ? 0 : -ENOMEM;
}

/* Wipe an epoch that nobody uses. Context: process. */
void plait_epoch_destroy(struct plait_epoch *e)
{
	unsigned int i;

	for (i = 0; i < e->lane_count; i++) {
		if (e->lanes[i].epoch)
			ida_free(&slots, e->lanes[i].slot);
		kfree_sensitive(e->lanes[i].seal);
		kfree_sensitive(e->lanes[i].open);
	}
	plait_aead_destroy(&e->rx);
	plait_aead_destroy(&e->tx);
	kvfree_sensitive(e, e->size);
}

static void destroy_work(struct work_struct *work)
{
	plait_epoch_destroy(container_of(to_rcu_work(work), struct plait_epoch,
					 rwork));
}

/* Wipe an epoch that readers may still have found. @e may be NULL. */
void plait_epoch_free(struct plait_epoch *e)
{
	if (!e)
		return;
	INIT_RCU_WORK(&e->rwork, destroy_work);
	queue_rcu_work(plait_wq, &e->rwork);
}

/**
 * plait_epoch_alloc - make a key epoch
 * @p: the device
 * @c: what it is made of
 * @extack: says what is wrong
 *
 * Context: process; may load a cipher's module. Return: the epoch, not yet
 * found by anybody, or an ERR_PTR.
 */
struct plait_epoch *plait_epoch_alloc(const struct plait_dev *p,
				      const struct plait_key_config *c,
				      struct netlink_ext_ack *extack)
{
	size_t words = plait_window_bytes(p->window) / sizeof(u64);
	struct plait_epoch *e;
	unsigned int i;
	size_t size;
	u64 *bits;
	int err;

	size = struct_size(e, lanes, p->lane_count);
	size += p->lane_count * words * sizeof(u64);
	e = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!e)
		return ERR_PTR(-ENOMEM);
	e->size = size;
	e->lane_count = p->lane_count;
	e->id = c->epoch;
	e->first = c->tx_counter;
	e->open_failures_max = limits_of(c->cipher).open_failures;
	if (c->active == PLAIT_KEY_ON_RECEIPT)
		__set_bit(PLAIT_EPOCH_ON_RECEIPT, &e->flags);
	err = plait_aead_init(&e->rx, c->cipher, c->rx);
	if (!err)
		err = plait_aead_init(&e->tx, c->cipher, c->tx);
	if (err) {
		NL_SET_ERR_MSG(extack,
			       "this kernel cannot provide the cipher: for AES-GCM the modules gcm, ctr and ghash-generic are needed");
		goto err_destroy;
	}
	err = plait_epoch_set_limits(e, c->soft, c->hard, extack);
	if (err)
		goto err_destroy;
	get_random_bytes(&e->copy_secret, sizeof(e->copy_secret));
	plait_tag_key_load(&e->tx_tag, c->tx + PLAIT_AEAD_KEY_LEN);
	plait_tag_key_load(&e->lanes[0].rx.tag_key, c->rx + PLAIT_AEAD_KEY_LEN);
	bits = (u64 *)&e->lanes[p->lane_count];
	for (i = 0; i < p->lane_count; i++, bits += words) {
		err = init_lane(p, e, i, c->tx_counter, bits);
		if (err)
			goto err_destroy;
	}
	return e;

err_destroy:
	plait_epoch_destroy(e);
	return ERR_PTR(err);
}
