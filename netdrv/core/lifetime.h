/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * How long a key epoch may be used, by cipher: docs/protocol.md section 8.
 */
#ifndef PLAIT_CORE_LIFETIME_H
#define PLAIT_CORE_LIFETIME_H

#include "wire.h"

/**
 * struct plait_limits - limits of a key epoch, in datagrams
 * @soft: sealed, after which the next epoch is asked for
 * @hard: sealed, after which it seals no more
 * @open_failures: refused by the AEAD, after which it opens no more
 */
struct plait_limits {
	u64 soft;
	u64 hard;
	u64 open_failures;
};

/*
 * ChaCha20-Poly1305: RFC 9001 section 6.6 puts sealing beyond 2^62, more than
 * there are packet numbers, and failures at 2^36.
 */
PLAIT_INLINE struct plait_limits plait_limits_chacha20poly1305(void)
{
	return (struct plait_limits){
		.soft = PLAIT_COUNTER_MAX / 2,
		.hard = PLAIT_COUNTER_MAX + 1,
		.open_failures = 1ULL << 36,
	};
}

/*
 * AES-256-GCM: RFC 9001 section 6.6 asks for the next key at 2^23 and puts
 * failures at 2^52. Beyond the first an observer's advantage grows with the
 * square of the blocks: at 2^28 datagrams of 30,000 octets, 2^39 blocks, it is
 * 2^-51, and there the epoch stops.
 */
PLAIT_INLINE struct plait_limits plait_limits_aes256gcm(void)
{
	return (struct plait_limits){
		.soft = 1ULL << 23,
		.hard = 1ULL << 28,
		.open_failures = 1ULL << 52,
	};
}

#endif /* PLAIT_CORE_LIFETIME_H */
