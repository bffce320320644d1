// SPDX-License-Identifier: GPL-2.0
/*
 * Keys for the AEAD suites. The reference is what "rfc7539(chacha20,poly1305)" and
 * "gcm(aes)" of the kernel's crypto API give, in process context and waited for.
 */

#include <asm/fpu/api.h>
#include <crypto/aead.h>
#include <linux/scatterlist.h>

#include "aead.h"

#define NONCE_LEN 12u

void pk_aead_begin(bool fpu)
{
	local_bh_disable();
	if (!fpu)
		kernel_fpu_begin();
}

void pk_aead_end(bool fpu)
{
	if (!fpu)
		kernel_fpu_end();
	local_bh_enable();
}

static void aead_gone(void *data)
{
	struct pk_aead *a = data;

	kfree_sensitive(a->req);
	plait_aead_destroy(&a->a);
}

struct pk_aead *pk_aead(struct kunit *test, enum plait_cipher cipher,
			const u8 *key)
{
	struct pk_aead *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_EQ(test, plait_aead_init(&a->a, cipher, key), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, aead_gone, a), 0);
	if (cipher == PLAIT_CIPHER_AES256GCM) {
		a->req = plait_gcm_request(&a->a);
		KUNIT_ASSERT_NOT_NULL(test, a->req);
	}
	return a;
}

static void ref_gone(void *data)
{
	crypto_free_aead(data);
}

struct pk_ref *pk_ref(struct kunit *test, enum plait_cipher cipher,
		      const u8 *key)
{
	struct pk_ref *ref = kunit_kzalloc(test, sizeof(*ref), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ref);
	ref->big_endian = cipher == PLAIT_CIPHER_AES256GCM;
	ref->tfm = crypto_alloc_aead(ref->big_endian ? "gcm(aes)" :
				     "rfc7539(chacha20,poly1305)", 0, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ref->tfm));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ref_gone,
							ref->tfm), 0);
	KUNIT_ASSERT_EQ(test, crypto_aead_setkey(ref->tfm, key,
						 PLAIT_AEAD_KEY_LEN), 0);
	KUNIT_ASSERT_EQ(test, crypto_aead_setauthsize(ref->tfm, PLAIT_AUTH_LEN),
			0);
	return ref;
}

/**
 * pk_crypt - seal or open in place, by a key of the crypto API
 * @tfm: the key
 * @encrypt: seal
 * @nonce: 12 octets
 * @at: associated data, text, tag, one after the other
 * @aad_len: octets of associated data
 * @len: octets of text
 *
 * Return: 0 or a negative errno, -EBADMSG if it is not authentic.
 */
int pk_crypt(struct crypto_aead *tfm, bool encrypt, const u8 *nonce, u8 *at,
	     u32 aad_len, u32 len)
{
	struct aead_request *req = aead_request_alloc(tfm, GFP_KERNEL);
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;
	u8 iv[NONCE_LEN];
	int err;

	if (!req)
		return -ENOMEM;
	memcpy(iv, nonce, sizeof(iv));
	sg_init_one(&sg, at, aad_len + len + PLAIT_AUTH_LEN);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP |
				  CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done,
				  &wait);
	aead_request_set_ad(req, aad_len);
	aead_request_set_crypt(req, &sg, &sg,
			       len + (encrypt ? 0 : PLAIT_AUTH_LEN), iv);
	err = crypto_wait_req(encrypt ? crypto_aead_encrypt(req) :
					crypto_aead_decrypt(req), &wait);
	aead_request_free(req);
	return err;
}

/* The nonce of docs/protocol.md section 4. */
static void set_nonce(const struct pk_ref *ref, u8 *nonce, u64 pn)
{
	memset(nonce, 0, 4);
	if (ref->big_endian)
		plait_put_be64(nonce + 4, pn);
	else
		plait_put_le64(nonce + 4, pn);
}

/* In place: @at is the common half, @len octets of text stand behind it. */
void pk_ref_seal(struct kunit *test, const struct pk_ref *ref, u64 pn, u8 *at,
		 u32 len)
{
	u8 nonce[NONCE_LEN];

	set_nonce(ref, nonce, pn);
	KUNIT_ASSERT_EQ(test, pk_crypt(ref->tfm, true, nonce, at, PLAIT_AAD_LEN,
				       len), 0);
}

void pk_ref_open(struct kunit *test, const struct pk_ref *ref, u64 pn, u8 *at,
		 u32 len)
{
	u8 nonce[NONCE_LEN];

	set_nonce(ref, nonce, pn);
	KUNIT_ASSERT_EQ(test, pk_crypt(ref->tfm, false, nonce, at,
				       PLAIT_AAD_LEN, len), 0);
}
