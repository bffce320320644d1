/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: devices of kind plait in the first network namespace, peers that
 * seal for them, outer buffers in any form, and a sink that sees what a device hands up.
 * All of it goes when the test case ends.
 */
#ifndef PLAIT_KUNIT_H
#define PLAIT_KUNIT_H

#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/wait.h>

#include "plait.h"

/* UDP port of the tests' sockets, on the loopback interface. */
#define PK_PORT 51990

/**
 * struct pk_key - a key epoch to install, and its key material
 * @c: may be changed before it is installed
 * @tx: what @c points to
 * @rx: likewise
 */
struct pk_key {
	struct plait_key_config c;
	u8 tx[PLAIT_KEY_MATERIAL];
	u8 rx[PLAIT_KEY_MATERIAL];
};

/**
 * struct pk_peer - the other end of a session, as far as it seals
 * @e: the key epoch, with its keys the other way round
 * @index: receiver index of the device
 * @dsn: of each lane
 * @strand_seq: of each lane
 */
struct pk_peer {
	struct plait_epoch *e;
	u32 index;
	struct plait_dsn_state *dsn;
	u32 strand_seq[PLAIT_LANES_MAX];
};

/* What the sink has room for. */
#define PK_SEEN_MAX 4096

/**
 * struct pk_sink - what a device has handed to the stack
 * @lock: protects what follows
 * @wait: told of each packet
 * @count: how many packets
 * @spoilt: how many were not as pk_inner() makes them
 * @lane: their lanes
 * @mark: and their marks
 */
struct pk_sink {
	spinlock_t lock; /* protects everything below; softirq */
	wait_queue_head_t wait;
	unsigned int count;
	unsigned int spoilt;
	u8 lane[PK_SEEN_MAX];
	u32 mark[PK_SEEN_MAX];
};

/* An inner packet's headers and its mark. */
#define PK_INNER_MIN (PLAIT_IPV4_LEN + PLAIT_UDP_LEN + 4)

/* How an outer buffer's data lie. */
enum pk_form {
	PK_LINEAR,
	PK_FRAGS,	/* a linear part, and the rest in page fragments */
	PK_PAGES,	/* in page fragments alone */
	PK_LIST,	/* a list of buffers, each with a linear part */
	PK_FORMS
};

/**
 * struct pk_shape - a form to try
 * @name: in the test case's name
 * @form: how the data lie
 * @piece: octets of a fragment, or of a list's buffer
 */
struct pk_shape {
	const char *name;
	enum pk_form form;
	u32 piece;
};

/* Dropped for a reason, or counted as an event: a number that a test expects. */
struct pk_count {
	unsigned int what;
	u64 n;
};

/* fixture.c */
struct plait_dev *pk_device(struct kunit *test, u32 lanes, u32 window);
void pk_up(struct kunit *test, struct plait_dev *p);
struct plait_socket *pk_socket(struct kunit *test);
void pk_key(struct pk_key *k, u32 session, u16 epoch);
int pk_install(struct plait_dev *p, const struct pk_key *k);
void pk_must_install(struct kunit *test, struct plait_dev *p,
		     const struct pk_key *k);
void pk_add_key(struct kunit *test, struct plait_dev *p, u32 session, u16 epoch,
		enum plait_key_active active);
struct plait_session *pk_lookup(u32 index);
void pk_work(struct plait_dev *p);
u64 pk_drops(const struct plait_dev *p, enum plait_verdict why);
u64 pk_port_drops(const struct plait_socket *ps, enum plait_verdict why);
u64 pk_events(const struct plait_dev *p, enum plait_event what);
void pk_expect_drops(struct kunit *test, const struct plait_dev *p,
		     const struct pk_count *expected, size_t count);

/* traffic.c */
struct pk_peer *pk_peer(struct kunit *test, struct plait_dev *p,
			const struct pk_key *k);
u32 pk_seal(struct pk_peer *peer, unsigned int lane, u8 *at, u32 inner_len,
	    u32 mark);
void pk_inner(u8 *at, u32 len, u32 mark);
struct pk_sink *pk_sink(struct kunit *test, struct plait_dev *p);
void pk_expect_seen(struct kunit *test, struct pk_sink *sink,
		    unsigned int count);
struct sk_buff *pk_skb(struct kunit *test, const u8 *data, u32 len,
		       enum pk_form form, u32 piece);
struct sk_buff *pk_outer(struct kunit *test, const u8 *data, u32 len,
			 u32 gso_size, enum pk_form form, u32 piece);
void pk_receive(struct plait_socket *ps, struct sk_buff *skb);
void pk_settle(struct plait_dev *p);

#endif /* PLAIT_KUNIT_H */
