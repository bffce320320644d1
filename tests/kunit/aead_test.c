// SPDX-License-Identifier: GPL-2.0
/*
 * Sealing and opening, as the data path does it, against the kernel's own AEADs: every kind
 * of length, with vector instructions and without, in place and out of place; and that no
 * octet is touched which is not theirs. What those AEADs are worth, and our own code, is
 * held against published vectors in aead_published_test.c.
 */

#include "aead.h"

/*
 * Lengths of datagrams: two of ChaCha20's blocks and a bit, all of them, and then in steps
 * that fall on every part of a block.
 */
#define LENGTH_ALL 200u
#define LENGTH_STEP 37u
#define LENGTH_MAX 2000u

static u32 next_length(u32 len)
{
	return len + (len < LENGTH_ALL ? 1 : LENGTH_STEP);
}

struct way {
	const char *name;
	enum plait_cipher cipher;
	bool fpu;
};

static const struct way ways[] = {
	{ "ChaCha20-Poly1305", PLAIT_CIPHER_CHACHA20POLY1305, true },
	{ "ChaCha20-Poly1305, scalar", PLAIT_CIPHER_CHACHA20POLY1305, false },
	{ "AES-256-GCM", PLAIT_CIPHER_AES256GCM, true },
	{ "AES-256-GCM, scalar", PLAIT_CIPHER_AES256GCM, false },
};

KUNIT_ARRAY_PARAM_DESC(way, ways, name);

/**
 * struct bench - what one way is tried with
 * @a: our key
 * @ref: the reference's
 * @way: cipher and FPU
 * @rnd: for contents
 */
struct bench {
	struct pk_aead *a;
	struct pk_ref *ref;
	const struct way *way;
	struct rnd_state rnd;
};

static struct bench bench(struct kunit *test)
{
	struct bench b = { .way = test->param_value };
	u8 key[PLAIT_AEAD_KEY_LEN];

	prandom_seed_state(&b.rnd, 1);
	prandom_bytes_state(&b.rnd, key, sizeof(key));
	b.a = pk_aead(test, b.way->cipher, key);
	b.ref = pk_ref(test, b.way->cipher, key);
	return b;
}

/* Memory that ends where it is said to, as KASAN sees it. */
static u8 *exact(struct kunit *test, u32 len)
{
	u8 *at = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, at);
	return at;
}

/* What a sealed datagram has in front, and behind. */
#define FRONT (PLAIT_LEAD - PLAIT_HDR_LEN)

/*
 * Sealed from where the end of the plaintext lies. @clear: a datagram with its
 * plaintext, and FRONT octets; @sealed: what must come of it.
 */
static void from_elsewhere(struct kunit *test, struct bench *b, u64 pn,
			   const u8 *clear, const u8 *sealed, u32 len)
{
	u32 plain_len = len - PLAIT_PROTECTED_MIN;
	u32 words = min(plain_len, PLAIT_FRONT_MAX) / 8;
	u32 front = 8 * (prandom_u32_state(&b->rnd) % (words + 1));
	u8 *source = exact(test, PLAIT_LEAD + plain_len);
	u8 *kept = exact(test, PLAIT_LEAD + plain_len);
	u8 *out = exact(test, FRONT + len + PLAIT_TRAIL);
	struct plait_tx_dgram d = {
		.at = out + FRONT,
		.rest = source + PLAIT_LEAD + front,
		.rest_len = plain_len - front,
		.len = len,
		.pn = pn,
	};
	bool ok;

	/* In front of it there may be anything. */
	prandom_bytes_state(&b->rnd, source, PLAIT_LEAD + plain_len);
	memcpy(source + PLAIT_LEAD + front,
	       clear + FRONT + PLAIT_HDR_LEN + front, plain_len - front);
	memcpy(kept, source, PLAIT_LEAD + plain_len);
	memcpy(out, clear, FRONT + len + PLAIT_TRAIL);
	memset(out + FRONT + PLAIT_HDR_LEN + front, 0xee, plain_len - front);

	pk_aead_begin(b->way->fpu);
	ok = plait_seal_batch(&b->a->a, b->a->req, &d, 1);
	pk_aead_end(b->way->fpu);
	KUNIT_ASSERT_TRUE(test, ok);
	KUNIT_ASSERT_MEMEQ_MSG(test, out, sealed, FRONT + len + PLAIT_TRAIL,
			       "sealed from elsewhere, %u octets, %u in place",
			       len, front);
	KUNIT_ASSERT_MEMEQ(test, source, kept, PLAIT_LEAD + plain_len);

	kunit_kfree(test, out);
	kunit_kfree(test, kept);
	kunit_kfree(test, source);
}

/* One length: sealed in both ways, opened in both ways, spoilt. */
static void try(struct kunit *test, struct bench *b, u32 len)
{
	u32 plain_len = len - PLAIT_PROTECTED_MIN;
	u8 *before = exact(test, FRONT + len + PLAIT_TRAIL);
	u8 *after = exact(test, FRONT + len + PLAIT_TRAIL);
	u8 *alone = exact(test, len);
	u8 *plain = exact(test, PLAIT_LEAD + plain_len);
	struct plait_tx_dgram d = { .at = after + FRONT, .len = len };
	u64 pn = (u64)prandom_u32_state(&b->rnd) << 32 | len;
	bool sealed, with_lead, without, right, spoilt;
	u32 bit;

	prandom_bytes_state(&b->rnd, before, FRONT + len + PLAIT_TRAIL);
	memcpy(after, before, FRONT + len + PLAIT_TRAIL);
	d.pn = pn;
	pk_aead_begin(b->way->fpu);
	sealed = plait_seal_batch(&b->a->a, b->a->req, &d, 1);
	pk_aead_end(b->way->fpu);
	KUNIT_ASSERT_TRUE(test, sealed);
	from_elsewhere(test, b, pn, before, after, len);
	/* The reference seals the copy in place. */
	pk_ref_seal(test, b->ref, pn, before + FRONT + PLAIT_STRAND_HALF,
		    plain_len);
	KUNIT_ASSERT_MEMEQ_MSG(test, before, after, FRONT + len + PLAIT_TRAIL,
			       "sealed, %u octets", len);

	/* With the octets in front of it, and where there are none. */
	memcpy(alone, after + FRONT, len);
	pk_aead_begin(b->way->fpu);
	with_lead = plait_open(&b->a->a, b->a->req, plain + PLAIT_LEAD,
			       after + FRONT, len, pn, true);
	pk_aead_end(b->way->fpu);
	pk_ref_open(test, b->ref, pn, before + FRONT + PLAIT_STRAND_HALF,
		    plain_len);
	right = !memcmp(plain + PLAIT_LEAD, before + FRONT + PLAIT_HDR_LEN,
			plain_len);
	KUNIT_ASSERT_TRUE_MSG(test, with_lead && right,
			      "opened with a lead, %u octets", len);
	memset(plain, 0xee, PLAIT_LEAD + plain_len);
	pk_aead_begin(b->way->fpu);
	without = plait_open(&b->a->a, b->a->req, plain + PLAIT_LEAD, alone,
			     len, pn, false);
	pk_aead_end(b->way->fpu);
	right = !memcmp(plain + PLAIT_LEAD, before + FRONT + PLAIT_HDR_LEN,
			plain_len);
	KUNIT_ASSERT_TRUE_MSG(test, without && right,
			      "opened without a lead, %u octets", len);
	/* Opening changes nothing of what came in. */
	KUNIT_ASSERT_MEMEQ(test, alone, after + FRONT, len);

	/* A bit in the common half, the ciphertext or the tag. */
	bit = 8 * PLAIT_STRAND_HALF +
	      prandom_u32_state(&b->rnd) % (8 * (len - PLAIT_STRAND_HALF));
	alone[bit / 8] ^= 1 << bit % 8;
	after[FRONT + bit / 8] ^= 1 << bit % 8;
	pk_aead_begin(b->way->fpu);
	spoilt = plait_open(&b->a->a, b->a->req, plain + PLAIT_LEAD, alone,
			    len, pn, false) ||
		 plait_open(&b->a->a, b->a->req, plain + PLAIT_LEAD,
			    after + FRONT, len, pn, true);
	pk_aead_end(b->way->fpu);
	KUNIT_ASSERT_FALSE_MSG(test, spoilt, "%u octets, bit %u", len, bit);

	kunit_kfree(test, plain);
	kunit_kfree(test, alone);
	kunit_kfree(test, after);
	kunit_kfree(test, before);
}

static void every_length_is_as_the_reference_has_it(struct kunit *test)
{
	struct bench b = bench(test);
	u32 len;

	for (len = PLAIT_PROTECTED_MIN; len <= LENGTH_MAX;
	     len = next_length(len))
		try(test, &b, len);
}

static void batch_is_as_its_datagrams_alone(struct kunit *test)
{
	struct plait_tx_dgram *d = kunit_kcalloc(test, PLAIT_BATCH, sizeof(*d),
						 GFP_KERNEL);
	struct bench b = bench(test);
	u32 i, total = FRONT + PLAIT_TRAIL, off = FRONT;
	u8 *one, *other;
	bool sealed;

	KUNIT_ASSERT_NOT_NULL(test, d);
	for (i = 0; i < PLAIT_BATCH; i++) {
		d[i].len = PLAIT_PROTECTED_MIN +
			   prandom_u32_state(&b.rnd) % 200;
		d[i].pn = plait_pn(3, (1ULL << 40) + i);
		total += d[i].len;
	}
	one = exact(test, total);
	other = exact(test, total);
	prandom_bytes_state(&b.rnd, one, total);
	memcpy(other, one, total);
	for (i = 0; i < PLAIT_BATCH; i++) {
		d[i].at = one + off;
		pk_ref_seal(test, b.ref, d[i].pn,
			    other + off + PLAIT_STRAND_HALF,
			    d[i].len - PLAIT_PROTECTED_MIN);
		off += d[i].len;
	}
	pk_aead_begin(b.way->fpu);
	sealed = plait_seal_batch(&b.a->a, b.a->req, d, PLAIT_BATCH);
	pk_aead_end(b.way->fpu);
	KUNIT_EXPECT_TRUE(test, sealed);
	KUNIT_EXPECT_MEMEQ(test, one, other, total);
}

static void strand_half_is_not_sealed(struct kunit *test)
{
	struct bench b = bench(test);
	u8 *dgram = exact(test, FRONT + 300 + PLAIT_TRAIL) + FRONT;
	u8 *plain = exact(test, PLAIT_LEAD + 300) + PLAIT_LEAD;
	struct plait_tx_dgram d = { .at = dgram, .len = 300, .pn = 1 };
	unsigned int i, refused = 0;

	prandom_bytes_state(&b.rnd, dgram - FRONT, FRONT + 300 + PLAIT_TRAIL);
	pk_aead_begin(b.way->fpu);
	plait_seal_batch(&b.a->a, b.a->req, &d, 1);
	/* So that a copy for another strand needs no second sealing. */
	for (i = 0; i < PLAIT_STRAND_HALF; i++) {
		dgram[i] ^= 0xff;
		refused += !plait_open(&b.a->a, b.a->req, plain, dgram, 300, 1,
				       true);
	}
	/* The packet number is, as the nonce. */
	refused += 100 * plait_open(&b.a->a, b.a->req, plain, dgram, 300, 2,
				    true);
	pk_aead_end(b.way->fpu);
	KUNIT_EXPECT_EQ(test, refused, 0);
}

static void sealed_by_one_is_opened_by_the_other(struct kunit *test)
{
	/* With vector instructions on one side and without on the other. */
	struct bench b = bench(test);
	u8 *dgram = exact(test, FRONT + LENGTH_MAX + PLAIT_TRAIL) + FRONT;
	u8 *plain = exact(test, PLAIT_LEAD + LENGTH_MAX) + PLAIT_LEAD;
	u32 len, wrong = 0;

	for (len = PLAIT_PROTECTED_MIN; len <= LENGTH_MAX; len += 13) {
		struct plait_tx_dgram d = { .at = dgram, .len = len, .pn = len };
		bool ok;

		memset(dgram - FRONT, len, FRONT + len + PLAIT_TRAIL);
		pk_aead_begin(b.way->fpu);
		ok = plait_seal_batch(&b.a->a, b.a->req, &d, 1);
		pk_aead_end(b.way->fpu);
		pk_aead_begin(!b.way->fpu);
		ok = ok && plait_open(&b.a->a, b.a->req, plain, dgram, len, len,
				      true);
		pk_aead_end(!b.way->fpu);
		wrong += !ok || memchr_inv(plain, len,
					   len - PLAIT_PROTECTED_MIN);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static struct kunit_case aead_cases[] = {
	KUNIT_CASE_PARAM(every_length_is_as_the_reference_has_it,
			 way_gen_params),
	KUNIT_CASE_PARAM(batch_is_as_its_datagrams_alone, way_gen_params),
	KUNIT_CASE_PARAM(strand_half_is_not_sealed, way_gen_params),
	KUNIT_CASE_PARAM(sealed_by_one_is_opened_by_the_other, way_gen_params),
	{}
};

static struct kunit_suite aead_suite = {
	.name = "plait_aead",
	.test_cases = aead_cases,
};

kunit_test_suite(aead_suite);
