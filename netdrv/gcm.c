// SPDX-License-Identifier: GPL-2.0
/*
 * AES-256-GCM (NIST SP 800-38D) of datagrams, by the kernel's AEADs, always
 * synchronous, so that order is kept by itself.
 *
 * On x86 older kernels register "gcm(aes)" as asynchronous: a wrapper that
 * hands a request to a worker, -EINPROGRESS, when the FPU is taken. Batches
 * would then leave out of order, or wait for each other. So the wrapped
 * implementation is used directly where the FPU can be had, which is nearly
 * always, and the generic one where not. Hardware that answers later is not
 * chosen: for it a datagram is too small to be worth the wait.
 */

#include <asm/simd.h>
#include <crypto/aead.h>
#include <crypto/internal/simd.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "plait.h"

#define GCM_IV_LEN 12u

static struct crypto_aead *alloc(const char *name, u32 type, u32 mask,
				 const u8 *key)
{
	struct crypto_aead *tfm;
	int err;

	tfm = crypto_alloc_aead(name, type, mask | CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm))
		return tfm;
	err = crypto_aead_setkey(tfm, key, PLAIT_AEAD_KEY_LEN);
	if (!err)
		err = crypto_aead_setauthsize(tfm, PLAIT_AUTH_LEN);
	if (!err)
		return tfm;
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}

/* Context: process. Return: 0 or a negative errno with nothing to destroy. */
int plait_gcm_init(struct plait_aead *a, const u8 *key)
{
	struct crypto_aead *tfm;

	/* What the wrapper wraps: needs the FPU, and to be asked for by name. */
	tfm = alloc("__gcm(aes)", CRYPTO_ALG_INTERNAL, CRYPTO_ALG_INTERNAL,
		    key);
	if (PTR_ERR(tfm) == -ENOMEM)
		return -ENOMEM;
	a->gcm = IS_ERR(tfm) ? NULL : tfm;

	tfm = ERR_PTR(-ENOENT);
	if (!a->gcm)
		tfm = alloc("gcm(aes)", 0, 0, key);
	if (IS_ERR(tfm))
		tfm = alloc("gcm_base(ctr(aes-generic),ghash-generic)", 0, 0,
			    key);
	if (IS_ERR(tfm)) {
		plait_gcm_destroy(a);
		return PTR_ERR(tfm);
	}
	a->gcm_plain = tfm;
	return 0;
}

void plait_gcm_destroy(struct plait_aead *a)
{
	/* crypto_free_aead() takes an error pointer, but no NULL on 6.1. */
	if (a->gcm)
		crypto_free_aead(a->gcm);
	if (a->gcm_plain)
		crypto_free_aead(a->gcm_plain);
	a->gcm = NULL;
	a->gcm_plain = NULL;
}

const char *plait_gcm_driver(const struct plait_aead *a)
{
	struct crypto_aead *tfm = a->gcm ?: a->gcm_plain;

	return crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm));
}

/* Memory for one request at a time, for kfree_sensitive(); NULL without. */
struct aead_request *plait_gcm_request(const struct plait_aead *a)
{
	unsigned int size = crypto_aead_reqsize(a->gcm_plain);

	if (a->gcm)
		size = max(size, crypto_aead_reqsize(a->gcm));
	return kzalloc(sizeof(struct aead_request) + size, GFP_KERNEL_ACCOUNT);
}

static void begin(const struct plait_aead *a, struct aead_request *req)
{
	aead_request_set_tfm(req, a->gcm && crypto_simd_usable() ?
				  a->gcm : a->gcm_plain);
	aead_request_set_callback(req, 0, NULL, NULL);
	aead_request_set_ad(req, PLAIT_AAD_LEN);
}

/* The nonce: 4 zero octets and the PN, docs/protocol.md section 4. */
static void set_nonce(u8 *iv, u64 pn)
{
	memset(iv, 0, 4);
	plait_put_be64(iv + 4, pn);
}

/**
 * plait_gcm_seal - seal datagrams where they lie
 * @a: key
 * @req: the lane's request
 * @d: datagrams with headers in place, and plaintext but for each one's rest,
 *	which is copied: the kernel's walk over two places was tried, and costs as much
 * @count: how many
 *
 * Context: BHs off, or softirq. Return: false if the cipher failed.
 */
bool plait_gcm_seal(const struct plait_aead *a, struct aead_request *req,
		    const struct plait_tx_dgram *d, unsigned int count)
{
	struct scatterlist sg = {};
	u8 iv[GCM_IV_LEN];
	unsigned int i;

	begin(a, req);
	/* As sg_init_table() leaves it, without a call and a memset(). */
	sg_mark_end(&sg);
	for (i = 0; i < count; i++) {
		u32 len = d[i].len - PLAIT_HDR_LEN - PLAIT_AUTH_LEN;

		if (d[i].rest)
			memcpy(d[i].at + PLAIT_HDR_LEN + len - d[i].rest_len,
			       d[i].rest, d[i].rest_len);
		sg_set_buf(&sg, d[i].at + PLAIT_STRAND_HALF,
			   d[i].len - PLAIT_STRAND_HALF);
		set_nonce(iv, d[i].pn);
		aead_request_set_crypt(req, &sg, &sg, len, iv);
		if (unlikely(crypto_aead_encrypt(req)))
			return false;
	}
	return true;
}

/**
 * plait_gcm_open - open a datagram
 * @a: key
 * @req: the lane's request
 * @plain: where the plaintext goes; PLAIT_AAD_LEN octets in front of it may be
 *	overwritten; not the ciphertext's own place
 * @dgram: the datagram
 * @len: its length, at least PLAIT_PROTECTED_MIN
 * @pn: its packet number
 *
 * Context: BHs off, or softirq. Return: whether it is authentic.
 */
bool plait_gcm_open(const struct plait_aead *a, struct aead_request *req,
		    u8 *plain, const u8 *dgram, u32 len, u64 pn)
{
	struct scatterlist src = {}, dst = {};
	u8 iv[GCM_IV_LEN];

	begin(a, req);
	sg_mark_end(&src);
	sg_mark_end(&dst);
	sg_set_buf(&src, dgram + PLAIT_STRAND_HALF, len - PLAIT_STRAND_HALF);
	sg_set_buf(&dst, plain - PLAIT_AAD_LEN,
		   PLAIT_AAD_LEN + len - PLAIT_PROTECTED_MIN);
	set_nonce(iv, pn);
	aead_request_set_crypt(req, &src, &dst, len - PLAIT_HDR_LEN, iv);
	return !crypto_aead_decrypt(req);
}
