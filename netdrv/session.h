/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions and key epochs, and the AEADs that they are keyed for. A device has
 * two sessions at most, a session two key epochs, and one of the four seals.
 */
#ifndef PLAIT_SESSION_H
#define PLAIT_SESSION_H

#include <linux/rhashtable.h>
#include <linux/workqueue.h>

#include "core/check.h"
#include "core/lifetime.h"
#include "core/number.h"
#include "uapi/plait.h"

struct aead_request;
struct crypto_aead;
struct plait_dev;
struct plait_net;

/* Octets that ChaCha's first block needs in front of the ciphertext. */
#define PLAIT_LEAD 64u

/*
 * Octets of plaintext, whole words, that may stand in place while the rest is read
 * where it lies: an inner header and a packet's headers.
 */
#define PLAIT_FRONT_MAX 128u

/* Octets behind a datagram that Poly1305's padding and lengths may need. */
#define PLAIT_TRAIL 16u

/**
 * struct plait_aead - one direction's AEAD key
 * @cipher: which AEAD
 * @key: the key; ChaCha20's state takes it as little-endian words
 * @gcm: AES-256-GCM in vector instructions, usable where the FPU is; or NULL
 * @gcm_plain: AES-256-GCM anywhere
 */
struct plait_aead {
	enum plait_cipher cipher;
	u32 key[PLAIT_AEAD_KEY_LEN / 4];
	struct crypto_aead *gcm;
	struct crypto_aead *gcm_plain;
};

/**
 * struct plait_epoch_lane - what one lane has of a key epoch
 * @epoch: the epoch
 * @tx_counter: next packet-number counter; owned by the lane's sender
 * @tx_end: the first counter that the lane may not use yet; likewise
 * @seal: for AES-GCM; likewise
 * @rx: what the checks before the AEAD need; owned by the receive NAPI
 * @open: for AES-GCM; likewise
 * @slot: where a filter keeps the lane's window
 * @told: newest block of 32 counters that a filter was told of; as @rx
 * @tell_lock: protects @copies; taken with BHs off
 * @copies: what a filter has counted so far: struct plait_filter_window
 * @opened: bucket of the copies that are opened; as @rx
 */
struct plait_epoch_lane {
	struct plait_epoch *epoch;
	u64 tx_counter;
	u64 tx_end;
	struct aead_request *seal;
	struct plait_rx_keys rx ____cacheline_aligned_in_smp;
	struct aead_request *open;
	u32 slot;
	u64 told;
	spinlock_t tell_lock; /* protects copies */
	u64 copies[PLAIT_STRANDS];
	u64 opened;
} ____cacheline_aligned_in_smp;

/* What plait_epoch.flags say; any context. */
enum plait_epoch_flag {
	PLAIT_EPOCH_ON_RECEIPT,	/* seals once something arrived on it */
	PLAIT_EPOCH_ARRIVED,	/* something did */
	PLAIT_EPOCH_NEAR,	/* its soft limit is reached */
	PLAIT_EPOCH_SPENT,	/* its hard limit is */
	PLAIT_EPOCH_TOLD_NEAR,	/* user space knows */
	PLAIT_EPOCH_TOLD_SPENT,
};

/**
 * struct plait_epoch - the keys in force, docs/protocol.md section 2
 * @session: whose
 * @rx: opens what the peer sealed
 * @tx: seals
 * @tx_tag: header tag key towards the peer
 * @leased: datagrams that lanes have leave to seal, or have sealed
 * @soft: sealed datagrams after which the next epoch is asked for
 * @hard: sealed datagrams after which it seals no more
 * @share: how many the lanes take of @hard at a time
 * @copy_secret: keys plait_copy_is_checked()
 * @first: counter that its lanes began with
 * @open_failures: datagrams that the AEAD refused
 * @open_failures_max: after which it opens no more
 * @flags: enum plait_epoch_flag
 * @id: the epoch's number
 * @lane_count: how many lanes
 * @rwork: for freeing, in process context
 * @size: octets of this structure, @lanes and replay windows included
 * @lanes: what each lane has
 */
struct plait_epoch {
	struct plait_session *session;
	struct plait_aead rx;
	struct plait_aead tx;
	struct plait_tag_key tx_tag;
	atomic64_t leased;
	u64 soft;
	u64 hard;
	u64 share;
	u64 copy_secret;
	u64 first;
	atomic64_t open_failures;
	u64 open_failures_max;
	unsigned long flags;
	u16 id;
	u8 lane_count;
	struct rcu_work rwork;
	size_t size;
	struct plait_epoch_lane lanes[];
};

/* DSN and buckets of one lane; owned by the lane's sender. */
struct plait_session_lane {
	struct plait_dsn_state dsn;
} ____cacheline_aligned_in_smp;

/**
 * struct plait_session - the result of one key agreement
 * @node: in plait_net.sessions
 * @p: the device
 * @number: how netlink names it
 * @local_index: receiver index of this end
 * @remote_index: receiver index of the peer
 * @peer_lanes: how many lanes the peer has
 * @epochs: key epoch e stands in slot e & 1
 * @rcu: for freeing
 * @lanes: what each lane has
 */
struct plait_session {
	struct rhash_head node;
	struct plait_dev *p;
	u32 number;
	u32 local_index;
	u32 remote_index;
	u32 peer_lanes;
	struct plait_epoch __rcu *epochs[2];
	struct rcu_head rcu;
	struct plait_session_lane lanes[];
};

/**
 * struct plait_key_config - what a key epoch is made of
 * @session: the session's number
 * @local_index: receiver index of this end
 * @remote_index: receiver index of the peer
 * @peer_lanes: how many lanes the peer has
 * @cipher: which AEAD
 * @active: when it begins to seal
 * @tx_counter: first packet-number counter
 * @soft: soft limit, or 0: the cipher's
 * @hard: hard limit, or 0: the cipher's
 * @tx: key material to seal with
 * @rx: key material to open with
 * @epoch: the epoch's number
 */
struct plait_key_config {
	u32 session;
	u32 local_index;
	u32 remote_index;
	u32 peer_lanes;
	enum plait_cipher cipher;
	enum plait_key_active active;
	u64 tx_counter;
	u64 soft;
	u64 hard;
	const u8 *tx;
	const u8 *rx;
	u16 epoch;
};

/* session.c: sessions, and whose receiver index is whose. */
extern const struct rhashtable_params plait_session_params;
int plait_key_install(struct plait_dev *p, const struct plait_key_config *config,
		      struct netlink_ext_ack *extack);
void plait_key_activate(struct plait_epoch *epoch);
void plait_key_remove(struct plait_epoch *epoch);
struct plait_epoch *plait_key_at(const struct plait_dev *p, unsigned int at);
struct plait_epoch *plait_key_find(struct plait_dev *p, u32 session, u32 epoch);
void plait_session_remove_all(struct plait_dev *p);
struct plait_session *plait_session_lookup(struct plait_net *pn, u32 index);
void plait_session_work(struct plait_dev *p);

/* epoch.c: key epochs by themselves, and how much may be sealed. */
struct plait_epoch *plait_epoch_alloc(const struct plait_dev *p,
				      const struct plait_key_config *c,
				      struct netlink_ext_ack *extack);
void plait_epoch_destroy(struct plait_epoch *e);
void plait_epoch_free(struct plait_epoch *e);
bool plait_epoch_lease(struct plait_epoch *e, struct plait_epoch_lane *el,
		       unsigned int count);
int plait_epoch_set_limits(struct plait_epoch *e, u64 soft, u64 hard,
			   struct netlink_ext_ack *extack);
u64 plait_epoch_sealed(const struct plait_epoch *e);
void plait_epoch_raise(struct plait_epoch *e, enum plait_epoch_flag flag);

/* crypto.c: sealing and opening, by either AEAD. */
int plait_aead_init(struct plait_aead *a, enum plait_cipher cipher,
		    const u8 *key);
void plait_aead_destroy(struct plait_aead *a);
const char *plait_aead_driver(const struct plait_aead *a);
bool plait_seal_batch(const struct plait_aead *a, struct aead_request *req,
		      const struct plait_tx_dgram *d, unsigned int count);
bool plait_open(const struct plait_aead *a, struct aead_request *req, u8 *plain,
		const u8 *dgram, u32 len, u64 pn, bool lead);

/* gcm.c: AES-256-GCM. */
int plait_gcm_init(struct plait_aead *a, const u8 *key);
void plait_gcm_destroy(struct plait_aead *a);
const char *plait_gcm_driver(const struct plait_aead *a);
struct aead_request *plait_gcm_request(const struct plait_aead *a);
bool plait_gcm_seal(const struct plait_aead *a, struct aead_request *req,
		    const struct plait_tx_dgram *d, unsigned int count);
bool plait_gcm_open(const struct plait_aead *a, struct aead_request *req,
		    u8 *plain, const u8 *dgram, u32 len, u64 pn);

#endif /* PLAIT_SESSION_H */
