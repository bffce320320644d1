/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The filter in front of a receiver: what the module tells it, how it keeps
 * that, and what it concludes. Header-only: module, XDP program and tests
 * compile it. docs/xdp.md has the whole picture.
 */
#ifndef PLAIT_CORE_FILTER_H
#define PLAIT_CORE_FILTER_H

#include "check.h"

/* Of everything in this file: module and filter must have the same. */
#define PLAIT_FILTER_ABI 1u

/* The newest counters of a lane that a filter remembers, in words of 32. */
#define PLAIT_FILTER_SPAN (1u << 13)
#define PLAIT_FILTER_WORDS (PLAIT_FILTER_SPAN / 32)

/* A filter that has heard nothing for so long lets everything pass. */
#define PLAIT_FILTER_PATIENCE_S 30u

/* How often the module tells its sockets and key epochs again. */
#define PLAIT_FILTER_RETELL_S 10u

/* One in 2^5 copies of what was accepted goes to the AEAD all the same. */
#define PLAIT_FILTER_SHARE_BITS 5

/* No window for this lane: more lanes than the filter has room for. */
#define PLAIT_FILTER_NO_SLOT 0xffffffffu

/* --- what the filter keeps: keys and values of its maps ---------------------- */

/**
 * struct plait_filter_socket - key: where datagrams of plait's arrive
 * @net: cookie of the network namespace
 * @addr: local address, IPv4 in the first 4 octets; all zero: any
 * @link: ifindex that the socket is bound to, or 0
 * @port: UDP port, network byte order
 * @family: 4 or 6
 * @zero: zero
 */
struct plait_filter_socket {
	u64 net;
	u8 addr[16];
	u32 link;
	u16 port;
	u8 family;
	u8 zero;
};

/* Handshake tag keys of a port, and cookie secrets: a few each. */
#define PLAIT_FILTER_KEYS 2u

/**
 * struct plait_filter_handshake - value: how handshakes to a socket are checked
 * @tags: how many tag keys; 0: nobody answers handshakes
 * @secrets: how many cookie secrets
 * @tag: tag keys
 * @secret: cookie secrets
 */
struct plait_filter_handshake {
	u32 tags;
	u32 secrets;
	struct plait_tag_key tag[PLAIT_FILTER_KEYS];
	struct plait_tag_key secret[PLAIT_FILTER_KEYS];
};

/* Ways in which sockets of a port are bound; the filter looks for those it met. */
#define PLAIT_FILTER_BOUND 1u		/* to an address */
#define PLAIT_FILTER_BOUND_LINK 2u	/* to an address and an interface */
#define PLAIT_FILTER_ANY 4u		/* to any address */
#define PLAIT_FILTER_ANY_LINK 8u	/* to any address of an interface */

/**
 * struct plait_filter_session - key: a receiver index
 * @net: cookie of the network namespace
 * @index: receiver index
 * @zero: zero
 */
struct plait_filter_session {
	u64 net;
	u32 index;
	u32 zero;
};

/**
 * struct plait_filter_epochs - value: the key epochs of a session
 * @id: their numbers, epoch e in slot e & 1
 * @there: which slots hold one
 * @lanes: how many lanes the device has
 */
struct plait_filter_epochs {
	u16 id[2];
	u8 there[2];
	u8 lanes;
	u8 zero;
};

/**
 * struct plait_filter_lane - key: one lane of a key epoch
 * @net: cookie of the network namespace
 * @index: receiver index
 * @epoch: key epoch
 * @lane: lane
 * @zero: zero
 */
struct plait_filter_lane {
	u64 net;
	u32 index;
	u16 epoch;
	u8 lane;
	u8 zero;
};

/**
 * struct plait_filter_keys - value: what a datagram of a lane is checked with
 * @tag_key: header tag key from the peer
 * @secret: keys the share of copies that go on
 * @span: the engine's replay window
 * @slot: which window, or PLAIT_FILTER_NO_SLOT
 *
 * Written once, before the epoch is in force; never changed.
 */
struct plait_filter_keys {
	struct plait_tag_key tag_key;
	u64 secret;
	u32 span;
	u32 slot;
};

/**
 * struct plait_filter_window - value: what is known to be accepted
 * @top: highest counter accepted, as far as told
 * @copies: datagrams dropped as already accepted, by strand: arrivals that the
 *	module does not see
 * @opened: bucket of the copies that go on to be opened
 * @word: block number (counter / 32, its low 32 bits) above 32 bits of that
 *	block, at block % PLAIT_FILTER_WORDS. Always written whole: a reader
 *	finds the block that it looks for or another one, never a mixture
 */
struct plait_filter_window {
	u64 top;
	u64 copies[PLAIT_STRANDS];
	u64 opened;
	u64 word[PLAIT_FILTER_WORDS];
};

/**
 * struct plait_filter_prefix - key: where handshakes come from
 * @net: cookie of the network namespace
 * @prefix: IPv4 /24 or IPv6 /56, the rest zero
 * @family: 4 or 6
 */
struct plait_filter_prefix {
	u64 net;
	u8 prefix[7];
	u8 family;
};

/**
 * struct plait_filter_state - value: can the maps be relied on?
 * @heard: jiffies when the module last told all
 * @heard_ns: the same by the monotonic clock, for people
 * @patience: how long that is good for, in jiffies
 * @complete: every session was told and kept
 * @failed: something could not be kept since the module began to tell all
 * @sockets: how often the sockets have changed
 * @zero: zero
 */
struct plait_filter_state {
	u64 heard;
	u64 heard_ns;
	u64 patience;
	u32 complete;
	u32 failed;
	u32 sockets;
	u32 zero;
};

/* --- what the module tells: arguments of its two tracepoints ------------------ */

/* struct plait_tell.kind */
enum plait_tell_kind {
	PLAIT_TELL_SOCKET,	/* there is a socket */
	PLAIT_TELL_SOCKET_GONE,
	PLAIT_TELL_LANE,	/* a lane of a key epoch is about to be in force */
	PLAIT_TELL_LANE_GONE,	/* it is no longer */
	PLAIT_TELL_SESSION,	/* which key epochs a session has */
	PLAIT_TELL_SESSION_GONE,
	PLAIT_TELL_LINK_GONE,	/* an interface leaves its namespace */
	PLAIT_TELL_ALL,		/* everything that there is has been told */
};

/**
 * struct plait_tell - argument of tracepoint plait_tell
 * @version: PLAIT_FILTER_ABI
 * @kind: enum plait_tell_kind
 * @heard: set by the filter once it has done what follows from it
 * @hz: ALL: jiffies a second
 * @socket: SOCKET, SOCKET_GONE; LINK_GONE, of which only net and link count
 * @handshake: SOCKET
 * @lane: LANE, LANE_GONE
 * @keys: LANE
 * @session: SESSION, SESSION_GONE
 * @epochs: SESSION
 *
 * Not a union: no kind leaves octets of another in what BPF can read.
 */
struct plait_tell {
	u32 version;
	u32 kind;
	u32 heard;
	u32 hz;
	struct plait_filter_socket socket;
	struct plait_filter_handshake handshake;
	struct plait_filter_lane lane;
	struct plait_filter_keys keys;
	struct plait_filter_session session;
	struct plait_filter_epochs epochs;
};

#define PLAIT_TELL_WORDS 16u

/**
 * struct plait_tell_window - argument of tracepoint plait_tell_window
 * @version: PLAIT_FILTER_ABI
 * @slot: which window
 * @top: highest counter accepted
 * @block: the first word's block
 * @count: how many words, at most PLAIT_TELL_WORDS
 * @heard: set by the filter
 * @copies: set by the filter: see struct plait_filter_window
 * @word: what to store
 */
struct plait_tell_window {
	u32 version;
	u32 slot;
	u64 top;
	u64 block;
	u32 count;
	u32 heard;
	u64 copies[PLAIT_STRANDS];
	u64 word[PLAIT_TELL_WORDS];
};

/* The way in which a socket is bound: one of PLAIT_FILTER_BOUND and so on. */
PLAIT_INLINE u32 plait_filter_way(const struct plait_filter_socket *s)
{
	if (plait_get_le64(s->addr) | plait_get_le64(s->addr + 8))
		return s->link ? PLAIT_FILTER_BOUND_LINK : PLAIT_FILTER_BOUND;
	return s->link ? PLAIT_FILTER_ANY_LINK : PLAIT_FILTER_ANY;
}

/* --- what the filter counts -------------------------------------------------- */

/* X(NAME, name, meaning) */
#define PLAIT_FILTER_PASSES(X)                                                \
	X(PASS_VALID, pass_valid, "may be accepted")                          \
	X(PASS_COPY, pass_copy, "already accepted, in the share to be opened") \
	X(PASS_HANDSHAKE, pass_handshake, "handshake within its limit")       \
	X(PASS_UNSURE, pass_unsure, "not judged: too little is known")        \
	X(PASS_FOREIGN, pass_foreign, "to this port of another host")

#define PLAIT_FILTER_DROPS(X)                                                 \
	X(SHORT, short, "shorter than header and tag")                        \
	X(VERSION, version, "another protocol version")                       \
	X(HANDSHAKE, handshake, "handshake without a controller")             \
	X(HANDSHAKE_TAG, handshake_tag, "handshake with a wrong header tag")  \
	X(HANDSHAKE_LIMIT, handshake_limit, "more handshakes than its prefix may send") \
	X(INDEX, index, "no session has this receiver index")                 \
	X(EPOCH, epoch, "key epoch not installed")                            \
	X(LANE, lane, "lane that the device does not have")                   \
	X(TAG, tag, "wrong header tag")                                       \
	X(OLD, old, "older than the replay window")                           \
	X(DUPLICATE, duplicate, "already accepted")

enum plait_filter_count {
#define PLAIT_X(NAME, name, meaning) PLAIT_FILTER_##NAME,
	PLAIT_FILTER_PASSES(PLAIT_X)
	PLAIT_FILTER_DROPS(PLAIT_X)
#undef PLAIT_X
	PLAIT_FILTER_COUNTS
};

/* --- what follows from it ------------------------------------------------------ */

/**
 * plait_filter_oldest - the oldest block that a filter remembers
 * @top: highest counter accepted
 *
 * A word of an older one must not be told: it would take a newer one's place.
 */
PLAIT_INLINE u64 plait_filter_oldest(u64 top)
{
	u64 block = top >> 5;

	return block < PLAIT_FILTER_WORDS ? 0 : block - PLAIT_FILTER_WORDS + 1;
}

/**
 * plait_filter_word - what a filter shall know of 32 counters
 * @w: the engine's window
 * @block: counter / 32
 */
PLAIT_INLINE u64 plait_filter_word(const struct plait_window *w, u64 block)
{
	u64 bits = w->bits[block >> 1 & w->mask];

	return block << 32 | (u32)(bits >> (block & 1) * 32);
}

/**
 * plait_filter_check - may a datagram with this counter still be accepted?
 * @w: what is known of the lane
 * @span: the engine's replay window
 * @counter: the datagram's
 *
 * As plait_window_check(), but OK for what it does not know. Return: PLAIT_OK,
 * PLAIT_DROP_RX_OLD or PLAIT_DROP_RX_DUPLICATE.
 */
PLAIT_INLINE enum plait_verdict
plait_filter_check(const struct plait_filter_window *w, u32 span, u64 counter)
{
	u64 top = PLAIT_READ_ONCE(w->top), block = counter >> 5, word;

	if (counter > top)
		return PLAIT_OK;
	if ((counter >> 6) + span / 64 <= top >> 6)
		return PLAIT_DROP_RX_OLD;
	if (block < plait_filter_oldest(top))
		return PLAIT_OK;
	word = PLAIT_READ_ONCE(w->word[block & (PLAIT_FILTER_WORDS - 1)]);
	if (word >> 32 == (u32)block && word >> (counter & 31) & 1)
		return PLAIT_DROP_RX_DUPLICATE;
	return PLAIT_OK;
}

/**
 * plait_copy_is_checked - is this copy one of the share that is opened?
 * @secret: unknown to whoever might spoil copies
 * @tag: the copy's header tag
 *
 * There is a limit to their rate too (PLAIT_COPY_RATE): whoever replays one that
 * is drawn would have each of them opened.
 *
 * Multiply-shift hashing (Dietzfelbinger et al., 1997). A copy's strand half is
 * its own, so is its tag: each copy is drawn by itself.
 */
PLAIT_INLINE bool plait_copy_is_checked(u64 secret, u64 tag)
{
	return ((tag ^ secret >> 1) * (secret | 1)) >>
	       (64 - PLAIT_FILTER_SHARE_BITS) == 0;
}

/* Handshakes a second from one prefix, and how many at once. */
#define PLAIT_HANDSHAKE_RATE 20u
#define PLAIT_HANDSHAKE_BURST 20u

/* Copies a second of a lane that are opened, and how many at once. */
#define PLAIT_COPY_RATE 200u
#define PLAIT_COPY_BURST 32u

/**
 * plait_bucket_take - take a token from a bucket, if there is one
 * @full: when the bucket will be full again, in ns; changed
 * @now: the time
 * @rate: tokens that come a second
 * @burst: tokens that it holds
 *
 * The generic cell rate algorithm (ITU-T I.371 annex A): the bucket is one
 * number, so that two CPUs that race give away one token too many at worst.
 */
PLAIT_INLINE bool plait_bucket_take(u64 *full, u64 now, u32 rate, u32 burst)
{
	u64 at = *full > now ? *full : now, gap = 1000000000ULL / rate;

	if (at - now > (burst - 1) * gap)
		return false;
	*full = at + gap;
	return true;
}

/**
 * plait_cookie - the cookie of a source, as far as the cookie tag's key goes
 * @secret: the receiver's, changed every few minutes
 * @addr: source address, 16 octets; IPv4 in the first 4, the rest zero
 * @port: source port
 * @key: filled in
 */
PLAIT_INLINE void plait_cookie(const struct plait_tag_key *secret,
			       const u8 *addr, u16 port,
			       struct plait_tag_key *key)
{
	u64 a = plait_get_le64(addr), b = plait_get_le64(addr + 8);

	key->k0 = plait_siphash32(secret, a, b, port, 0);
	key->k1 = plait_siphash32(secret, a, b, port, 1);
}

#endif /* PLAIT_CORE_FILTER_H */
