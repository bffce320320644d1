// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing and opening datagrams: ChaCha20-Poly1305 (RFC 8439) here, by the
 * kernel's ChaCha20 and Poly1305; AES-256-GCM in gcm.c. Both of ChaCha's look
 * after the FPU themselves, and use their scalar code where it cannot be had;
 * results are the same.
 *
 * One ChaCha call covers keystream block 0, which is the Poly1305 key, and the
 * payload: 64 zero octets stand in front of the plaintext for that while. A
 * call of its own for block 0 would cost 1,600 instructions, as calls of up to
 * 64 octets run scalar. A plaintext whose end lies elsewhere is read there, with
 * what stands in front of it, whatever that is: XOR makes up for the difference.
 *
 * Each Poly1305 update enters and leaves the FPU and turns the accumulator
 * from one base to another and back, some 300 instructions. So what is sealed
 * takes one update, over associated data, ciphertext, padding and lengths,
 * which stand behind the ciphertext for that while; what is opened, which is
 * not ours to write to, takes two.
 *
 * Kernels with INIT_STACK_ALL_ZERO clear what is on the stack. What is written before
 * it is read, for each datagram, is marked __uninitialized, here and in receive.c.
 */

#include <crypto/algapi.h>
#include <crypto/poly1305.h>
#include <linux/kmsan-checks.h>

#include "plait.h"

/**
 * plait_aead_init - key an AEAD
 * @a: filled in
 * @cipher: which
 * @key: PLAIT_AEAD_KEY_LEN octets
 *
 * Context: process. Return: 0, or a negative errno if this kernel cannot.
 */
int plait_aead_init(struct plait_aead *a, enum plait_cipher cipher,
		    const u8 *key)
{
	unsigned int i;

	a->cipher = cipher;
	for (i = 0; i < ARRAY_SIZE(a->key); i++)
		a->key[i] = get_unaligned_le32(key + 4 * i);
	return cipher == PLAIT_CIPHER_AES256GCM ? plait_gcm_init(a, key) : 0;
}

/* The key's own octets are the caller's to wipe. Context: process. */
void plait_aead_destroy(struct plait_aead *a)
{
	if (a->cipher == PLAIT_CIPHER_AES256GCM)
		plait_gcm_destroy(a);
}

/* Which of the kernel's implementations it is. */
const char *plait_aead_driver(const struct plait_aead *a)
{
	if (a->cipher == PLAIT_CIPHER_AES256GCM)
		return plait_gcm_driver(a);
	return "chacha20poly1305-lib";
}

/* Block counter, then the nonce: 4 zero octets and the PN, RFC 8439 §2.3. */
static void chacha_start(struct chacha_state *state,
			 const struct plait_aead *a, u64 pn, u32 block)
{
	u8 iv[CHACHA_IV_SIZE];

	put_unaligned_le64(block, iv);
	put_unaligned_le64(pn, iv + 8);
	plait_compat_chacha_init(state, a->key, iv);
}

/* Padding to a block, and the lengths: RFC 8439 §2.8. Return: octets written. */
static u32 poly_trailer(u8 *at, u32 len)
{
	u32 pad = -len & (POLY1305_BLOCK_SIZE - 1);

	memset(at, 0, POLY1305_BLOCK_SIZE);
	put_unaligned_le64(PLAIT_AAD_LEN, at + pad);
	put_unaligned_le64(len, at + pad + 8);
	return pad + POLY1305_BLOCK_SIZE;
}

/* Tag of what is being sealed; PLAIT_TRAIL octets behind it are borrowed. */
static void poly_seal(const u8 *key, u8 *text, u32 len)
{
	struct poly1305_desc_ctx ctx __uninitialized;
	u8 trail[PLAIT_TRAIL] __uninitialized;
	u32 trailer;

	BUILD_BUG_ON(PLAIT_AAD_LEN != POLY1305_BLOCK_SIZE);
	BUILD_BUG_ON(PLAIT_AUTH_LEN + PLAIT_TRAIL < 2 * POLY1305_BLOCK_SIZE);
	memcpy(trail, text + len + PLAIT_AUTH_LEN, PLAIT_TRAIL);
	trailer = poly_trailer(text + len, len);
	poly1305_init(&ctx, key);
	poly1305_update(&ctx, text - PLAIT_AAD_LEN,
			PLAIT_AAD_LEN + len + trailer);
	poly1305_final(&ctx, text + len);
	memcpy(text + len + PLAIT_AUTH_LEN, trail, PLAIT_TRAIL);
}

/* Tag of what is being opened: four-block strides, then all that is left. */
static void poly_check(const u8 *key, const u8 *text, u32 len, u8 *tag)
{
	const u32 stride = 4 * POLY1305_BLOCK_SIZE;
	u32 whole = round_down(PLAIT_AAD_LEN + len, stride);
	u32 rest = PLAIT_AAD_LEN + len - whole;
	u8 tail[6 * POLY1305_BLOCK_SIZE] __uninitialized;
	struct poly1305_desc_ctx ctx __uninitialized;

	text -= PLAIT_AAD_LEN;
	memcpy(tail, text + whole, rest);
	poly1305_init(&ctx, key);
	poly1305_update(&ctx, text, whole);
	poly1305_update(&ctx, tail, rest + poly_trailer(tail + rest, len));
	poly1305_final(&ctx, tag);
}

/* Ciphertext, where the plaintext is, and the Poly1305 key. */
static void chacha_in_place(struct chacha_state *state, u8 *text, u32 len,
			    u8 *key)
{
	memset(text - PLAIT_LEAD, 0, PLAIT_LEAD);
	plait_compat_chacha20(state, text - PLAIT_LEAD, text - PLAIT_LEAD,
			      PLAIT_LEAD + len);
	memcpy(key, text - PLAIT_LEAD, POLY1305_KEY_SIZE);
}

/* @to = @a ^ @b, of whole words. */
static void xor_words(u8 *to, const u8 *a, const u8 *b, u32 len)
{
	u32 i;

	for (i = 0; i < len; i += sizeof(u64))
		put_unaligned(get_unaligned((const u64 *)(a + i)) ^
			      get_unaligned((const u64 *)(b + i)),
			      (u64 *)(to + i));
}

/* The same, of a plaintext whose front alone is in place. */
static void chacha_from(struct chacha_state *state, u8 *text, u32 len,
			const u8 *rest, u32 rest_len, u8 *key)
{
	u32 front_len = len - rest_len;
	const u8 *from = rest - front_len - PLAIT_LEAD;
	u8 front[PLAIT_FRONT_MAX] __uninitialized;

	xor_words(front, text, from + PLAIT_LEAD, front_len);
	plait_compat_chacha20(state, text - PLAIT_LEAD, from, PLAIT_LEAD + len);
	xor_words(text, text, front, front_len);
	crypto_xor_cpy(key, text - PLAIT_LEAD, from, POLY1305_KEY_SIZE);
	/* KMSAN cannot know that what stood in front, headroom say, is gone. */
	kmsan_unpoison_memory(text, front_len);
	kmsan_unpoison_memory(key, POLY1305_KEY_SIZE);
}

/**
 * plait_seal_batch - seal datagrams where they lie
 * @a: key
 * @req: the lane's request, for AES-GCM
 * @d: datagrams with headers in place, and plaintext but for each one's rest;
 *	PLAIT_LEAD octets in front of each plaintext and PLAIT_TRAIL behind each
 *	datagram can be written, and are given back as they were. In front of a
 *	rest as many octets as of the plaintext are in place, PLAIT_FRONT_MAX at
 *	most, and PLAIT_LEAD more can be read, and nobody writes to them
 * @count: how many
 *
 * Context: BHs off, or softirq. Return: false if the cipher failed.
 */
bool plait_seal_batch(const struct plait_aead *a, struct aead_request *req,
		      const struct plait_tx_dgram *d, unsigned int count)
{
	struct chacha_state state __uninitialized;
	u8 lead[PLAIT_LEAD] __uninitialized;
	u8 key[POLY1305_KEY_SIZE] __uninitialized;
	unsigned int i;

	if (a->cipher == PLAIT_CIPHER_AES256GCM)
		return plait_gcm_seal(a, req, d, count);
	for (i = 0; i < count; i++) {
		u8 *text = d[i].at + PLAIT_HDR_LEN;
		u32 len = d[i].len - PLAIT_HDR_LEN - PLAIT_AUTH_LEN;

		memcpy(lead, text - PLAIT_LEAD, PLAIT_LEAD);
		chacha_start(&state, a, d[i].pn, 0);
		if (d[i].rest)
			chacha_from(&state, text, len, d[i].rest,
				    d[i].rest_len, key);
		else
			chacha_in_place(&state, text, len, key);
		memcpy(text - PLAIT_LEAD, lead, PLAIT_LEAD);
		poly_seal(key, text, len);
	}
	memzero_explicit(&state, sizeof(state));
	memzero_explicit(key, sizeof(key));
	return true;
}

/* The Poly1305 key by itself; 128 octets, so that the call is not scalar. */
static void poly_key(const struct plait_aead *a, u64 pn, u8 *key)
{
	struct chacha_state state;
	u8 stream[2 * CHACHA_BLOCK_SIZE] = {};

	chacha_start(&state, a, pn, 0);
	plait_compat_chacha20(&state, stream, stream, sizeof(stream));
	memcpy(key, stream, POLY1305_KEY_SIZE);
	memzero_explicit(stream, sizeof(stream));
	memzero_explicit(&state, sizeof(state));
}

/**
 * plait_open - open a datagram
 * @a: key
 * @req: the lane's request, for AES-GCM
 * @plain: where the plaintext goes; PLAIT_LEAD octets in front of it are
 *	overwritten; not the ciphertext's own place
 * @dgram: the datagram
 * @len: its length, at least PLAIT_PROTECTED_MIN
 * @pn: its packet number
 * @lead: PLAIT_LEAD octets in front of the ciphertext can be read
 *
 * Return: whether it is authentic; if not, what stands at @plain is garbage.
 * Context: BHs off, or softirq.
 */
bool plait_open(const struct plait_aead *a, struct aead_request *req, u8 *plain,
		const u8 *dgram, u32 len, u64 pn, bool lead)
{
	const u8 *text = dgram + PLAIT_HDR_LEN;
	u8 tag[POLY1305_DIGEST_SIZE] __uninitialized;
	u8 key[POLY1305_KEY_SIZE] __uninitialized;
	struct chacha_state state __uninitialized;
	bool ok;

	if (a->cipher == PLAIT_CIPHER_AES256GCM)
		return plait_gcm_open(a, req, plain, dgram, len, pn);
	len -= PLAIT_HDR_LEN + PLAIT_AUTH_LEN;
	if (likely(lead)) {
		chacha_start(&state, a, pn, 0);
		plait_compat_chacha20(&state, plain - PLAIT_LEAD,
				      text - PLAIT_LEAD, PLAIT_LEAD + len);
		crypto_xor_cpy(key, plain - PLAIT_LEAD, text - PLAIT_LEAD,
			       sizeof(key));
		memset(plain - PLAIT_LEAD, 0, sizeof(key));
	} else {
		poly_key(a, pn, key);
		chacha_start(&state, a, pn, 1);
		plait_compat_chacha20(&state, plain, text, len);
	}
	poly_check(key, text, len, tag);
	ok = !crypto_memneq(tag, text + len, PLAIT_AUTH_LEN);
	memzero_explicit(&state, sizeof(state));
	memzero_explicit(key, sizeof(key));
	return ok;
}
