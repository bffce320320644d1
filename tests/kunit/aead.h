/* SPDX-License-Identifier: GPL-2.0 */
/* Keys for the AEAD suites: ours, and a reference's. */
#ifndef PLAIT_KUNIT_AEAD_H
#define PLAIT_KUNIT_AEAD_H

#include "plait_kunit.h"

/**
 * struct pk_aead - a key as the driver has it
 * @a: the key
 * @req: for AES-GCM
 */
struct pk_aead {
	struct plait_aead a;
	struct aead_request *req;
};

/**
 * struct pk_ref - the same key with the kernel's crypto API
 * @tfm: its AEAD
 * @big_endian: how a packet number stands in the nonce
 */
struct pk_ref {
	struct crypto_aead *tfm;
	bool big_endian;
};

struct pk_aead *pk_aead(struct kunit *test, enum plait_cipher cipher,
			const u8 *key);
struct pk_ref *pk_ref(struct kunit *test, enum plait_cipher cipher,
		      const u8 *key);
int pk_crypt(struct crypto_aead *tfm, bool encrypt, const u8 *nonce, u8 *at,
	     u32 aad_len, u32 len);
void pk_ref_seal(struct kunit *test, const struct pk_ref *ref, u64 pn, u8 *at,
		 u32 len);
void pk_ref_open(struct kunit *test, const struct pk_ref *ref, u64 pn, u8 *at,
		 u32 len);

/* As in the data path: BHs off; and the FPU to be had, or not. */
void pk_aead_begin(bool fpu);
void pk_aead_end(bool fpu);

#endif /* PLAIT_KUNIT_AEAD_H */
