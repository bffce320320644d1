// SPDX-License-Identifier: GPL-2.0
/*
 * Published vectors: of RFC 8439, of the GCM paper by McGrew and Viega, of Project
 * Wycheproof. Those whose nonce and associated data have the form of ours go through the
 * driver's own code, the others through what it calls and what it is compared with.
 * And the datagrams of tests/vectors/sealed.txt.
 */

#include <linux/hex.h>

#include "aead.h"
#include "vector_tables.h"

/* Room for the longest. */
#define OCTETS 2048u

struct published {
	const char *name;
	enum plait_cipher cipher;
	const char *key;
	const char *nonce;
	const char *aad;
	const char *text;
	const char *sealed;
};

static const struct published vectors[] = {
	{
		.name = "RFC 8439 section 2.8.2",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.nonce = "070000004041424344454647",
		.aad = "50515253c0c1c2c3c4c5c6c7",
		.text =
			"4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
			"73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
			"6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
			"637265656e20776f756c642062652069742e",
		.sealed =
			"d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
			"3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
			"92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
			"3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
			"0691",
	},
	{
		.name = "RFC 8439 appendix A.5",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
		.nonce = "000000000102030405060708",
		.aad = "f33388860000000000004e91",
		.text =
			"496e7465726e65742d4472616674732061726520647261667420646f63756d65"
			"6e74732076616c696420666f722061206d6178696d756d206f6620736978206d"
			"6f6e74687320616e64206d617920626520757064617465642c207265706c6163"
			"65642c206f72206f62736f6c65746564206279206f7468657220646f63756d65"
			"6e747320617420616e792074696d652e20497420697320696e617070726f7072"
			"6961746520746f2075736520496e7465726e65742d4472616674732061732072"
			"65666572656e6365206d6174657269616c206f7220746f206369746520746865"
			"6d206f74686572207468616e206173202fe2809c776f726b20696e2070726f67"
			"726573732e2fe2809d",
		.sealed =
			"64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2"
			"4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
			"332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
			"9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
			"b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e"
			"af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
			"0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10"
			"49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
			"a6ad5cb4022b02709beead9d67890cbb22392336fea1851f38",
	},
	{
		.name = "McGrew and Viega, GCM test case 13",
		.cipher = PLAIT_CIPHER_AES256GCM,
		.key =
			"0000000000000000000000000000000000000000000000000000000000000000",
		.nonce = "000000000000000000000000",
		.aad = "",
		.text = "",
		.sealed = "530f8afbc74536b9a963b4f1c4cb738b",
	},
	{
		.name = "McGrew and Viega, GCM test case 14",
		.cipher = PLAIT_CIPHER_AES256GCM,
		.key =
			"0000000000000000000000000000000000000000000000000000000000000000",
		.nonce = "000000000000000000000000",
		.aad = "",
		.text = "00000000000000000000000000000000",
		.sealed =
			"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
	},
	{
		.name = "McGrew and Viega, GCM test case 15",
		.cipher = PLAIT_CIPHER_AES256GCM,
		.key =
			"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		.nonce = "cafebabefacedbaddecaf888",
		.aad = "",
		.text =
			"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
			"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
		.sealed =
			"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
			"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
			"b094dac5d93471bdec1a502270e3cc6c",
	},
	{
		.name = "McGrew and Viega, GCM test case 16",
		.cipher = PLAIT_CIPHER_AES256GCM,
		.key =
			"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
		.nonce = "cafebabefacedbaddecaf888",
		.aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
		.text =
			"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
			"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		.sealed =
			"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
			"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece"
			"0f4e1768cddf8853bb2d551b",
	},
	{
		.name = "Wycheproof, zeros, 32",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.nonce = "000000000000000001ee3200",
		.aad = "00000000000000000000000000000000",
		.text =
			"256d40888094178355d304846443fee8df99470303fb3b7b80e030beebd329be",
		.sealed =
			"0000000000000000000000000000000000000000000000000000000000000000"
			"e6d3d7324a1cbba777bbb0ecdda37807",
	},
	{
		.name = "Wycheproof, zeros, 64",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.nonce = "000000000000000001ee3200",
		.aad = "00000000000000000000000000000000",
		.text =
			"256d40888094178355d304846443fee8df99470303fb3b7b80e030beebd329be"
			"e3bcdb5b1edefcfe8bcda1b6a15c8c2b0869ffd2ec5e26e553b7b227fe87fdbd",
		.sealed =
			"0000000000000000000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000000000000000000000000000000"
			"062de6795f274fd2a305d76980bc9cce",
	},
	{
		.name = "Wycheproof, zeros, 128",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.nonce = "000000000000000001ee3200",
		.aad = "00000000000000000000000000000000",
		.text =
			"256d40888094178355d304846443fee8df99470303fb3b7b80e030beebd329be"
			"e3bcdb5b1edefcfe8bcda1b6a15c8c2b0869ffd2ec5e26e553b7b227fe87fdbd"
			"7ada44424269bffa5527f270acf68502b74c5ae2e60c0580981a4938459392c4"
			"9bb2f284b646efc7f3f0b1361dc348ed77d30bc57692ed38fbac0188380488c7",
		.sealed =
			"0000000000000000000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000000000000000000000000000000"
			"d8b47902baaeafb34203051529af282e",
	},
	{
		.name = "Wycheproof, 7fffffff, 32",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.nonce = "000000000000000001ee3200",
		.aad = "7fffffff7fffffff7fffffff7fffffff",
		.text =
			"5a92bf77ff6be87c2a2cfb7b1bbc0117a066b8fc7c04c484ff1fcf41942cd641",
		.sealed =
			"7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff7fffffff"
			"bede9083ceb36ddfe5fa811f95471c67",
	},
	{
		.name = "Wycheproof, 00000000ffffffff, 32",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.nonce = "000000000000000001ee3200",
		.aad = "00000000ffffffff00000000ffffffff",
		.text =
			"256d40887f6be87c55d304849bbc0117df994703fc04c48480e030be142cd641",
		.sealed =
			"00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff"
			"8bbe145272e7c2d9a1891a3ab0983d9d",
	},
	{
		.name = "Wycheproof, ffffffff00000000, 32",
		.cipher = PLAIT_CIPHER_CHACHA20POLY1305,
		.key =
			"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		.nonce = "000000000000000001ee3200",
		.aad = "ffffffff00000000ffffffff00000000",
		.text =
			"da92bf7780941783aa2cfb7b6443fee82066b8fc03fb3b7b7f1fcf41ebd329be",
		.sealed =
			"ffffffff00000000ffffffff00000000ffffffff00000000ffffffff00000000"
			"139fdf6474ea24f549b075825f2c7620",
	},
};

KUNIT_ARRAY_PARAM_DESC(vector, vectors, name);

/* Return: how many octets the digits are. */
static u32 octets(struct kunit *test, const char *digits, u8 *to)
{
	u32 len = strlen(digits) / 2;

	KUNIT_ASSERT_LE(test, len, OCTETS);
	KUNIT_ASSERT_EQ(test, hex2bin(to, digits, len), 0);
	return len;
}

static u8 *room(struct kunit *test)
{
	u8 *at = kunit_kzalloc(test, OCTETS, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, at);
	return at;
}

/* Both ways, by a key of the crypto API. */
static void crypt_one(struct kunit *test, const struct published *v,
		      struct crypto_aead *tfm)
{
	u8 *at = room(test), *expected = room(test), nonce[12];
	u32 aad_len, len, sealed_len;

	octets(test, v->nonce, nonce);
	aad_len = octets(test, v->aad, at);
	len = octets(test, v->text, at + aad_len);
	sealed_len = octets(test, v->sealed, expected);
	KUNIT_ASSERT_EQ(test, sealed_len, len + PLAIT_AUTH_LEN);

	KUNIT_EXPECT_EQ(test, pk_crypt(tfm, true, nonce, at, aad_len, len), 0);
	KUNIT_EXPECT_MEMEQ(test, at + aad_len, expected, sealed_len);
	KUNIT_EXPECT_EQ(test, pk_crypt(tfm, false, nonce, at, aad_len, len), 0);
	octets(test, v->text, expected);
	KUNIT_EXPECT_MEMEQ(test, at + aad_len, expected, len);

	at[aad_len + len] ^= 1;
	KUNIT_EXPECT_EQ(test, pk_crypt(tfm, false, nonce, at, aad_len, len),
			-EBADMSG);
}

static void kernels_aeads_hold_to_it(struct kunit *test)
{
	const struct published *v = test->param_value;
	struct pk_aead *a;
	u8 *key = room(test);

	octets(test, v->key, key);
	crypt_one(test, v, pk_ref(test, v->cipher, key)->tfm);
	if (v->cipher != PLAIT_CIPHER_AES256GCM)
		return;
	/* The two that the driver has made for itself. */
	a = pk_aead(test, v->cipher, key);
	KUNIT_ASSERT_NOT_NULL(test, a->a.gcm);
	KUNIT_ASSERT_NOT_NULL(test, a->a.gcm_plain);
	crypt_one(test, v, a->a.gcm);
	crypt_one(test, v, a->a.gcm_plain);
}

/**
 * struct form - a datagram as sealed and opened by the driver
 * @at: room for it, PLAIT_LEAD octets in front and PLAIT_TRAIL behind
 * @plain: room for its plaintext, PLAIT_LEAD octets in front
 * @expected: what it must be
 * @len: its length
 * @pn: its packet number
 */
struct form {
	u8 *at;
	u8 *plain;
	u8 *expected;
	u32 len;
	u64 pn;
};

static struct form form(struct kunit *test)
{
	struct form f = {
		.at = room(test) + PLAIT_LEAD,
		.plain = room(test) + PLAIT_LEAD,
		.expected = room(test),
	};

	return f;
}

/* Seal what is at @f->at, and open it, each with the FPU and without. */
static void seal_and_open(struct kunit *test, const struct form *f,
			  enum plait_cipher cipher, const u8 *key)
{
	struct pk_aead *a = pk_aead(test, cipher, key);
	struct plait_tx_dgram d = { .at = f->at, .len = f->len, .pn = f->pn };
	u32 len = f->len - PLAIT_PROTECTED_MIN;
	u8 *text = room(test);
	bool sealed, opened;
	unsigned int i;

	memcpy(text, f->at + PLAIT_HDR_LEN, len);
	for (i = 0; i < 4; i++) {
		bool fpu = i & 1, lead = i & 2;

		memcpy(f->at + PLAIT_HDR_LEN, text, len);
		pk_aead_begin(fpu);
		sealed = plait_seal_batch(&a->a, a->req, &d, 1);
		opened = plait_open(&a->a, a->req, f->plain, f->at, f->len,
				    f->pn, lead);
		pk_aead_end(fpu);
		KUNIT_EXPECT_TRUE(test, sealed);
		KUNIT_EXPECT_TRUE(test, opened);
		KUNIT_EXPECT_MEMEQ(test, f->at, f->expected, f->len);
		KUNIT_EXPECT_MEMEQ(test, f->plain, text, len);
	}
}

/* The next of those that have the form of a datagram. */
static const void *next_of_our_form(const void *prev, char *desc)
{
	const struct published *v = prev ?: vectors - 1;

	while (++v < vectors + ARRAY_SIZE(vectors)) {
		if (strlen(v->aad) != 2 * PLAIT_AAD_LEN ||
		    strncmp(v->nonce, "00000000", 8))
			continue;
		strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
		return v;
	}
	return NULL;
}

static void driver_holds_to_it(struct kunit *test)
{
	const struct published *v = test->param_value;
	struct form f = form(test);
	u8 nonce[12], *key = room(test);

	octets(test, v->key, key);
	octets(test, v->nonce, nonce);
	f.pn = v->cipher == PLAIT_CIPHER_AES256GCM ? plait_get_be64(nonce + 4) :
						     plait_get_le64(nonce + 4);
	octets(test, v->aad, f.at + PLAIT_STRAND_HALF);
	f.len = PLAIT_PROTECTED_MIN +
		octets(test, v->text, f.at + PLAIT_HDR_LEN);
	octets(test, v->aad, f.expected + PLAIT_STRAND_HALF);
	octets(test, v->sealed, f.expected + PLAIT_HDR_LEN);
	seal_and_open(test, &f, v->cipher, key);
}

static const void *next_sealed(const void *prev, char *desc)
{
	const struct vec_table *t = vec_table_named("sealed");
	const struct vec_case *c = prev ? (const struct vec_case *)prev + 1 :
					  t->cases;

	if (c == t->cases + t->count)
		return NULL;
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
	return c;
}

static void seals_vector(struct kunit *test, const char *name,
			 enum plait_cipher cipher)
{
	const struct vec_case *c = test->param_value;
	struct form f = form(test);
	u8 *key = room(test);

	vec_hex(c, "aead_key", key, PLAIT_AEAD_KEY_LEN);
	f.pn = plait_pn(vec_num(c, "lane"), vec_num(c, "counter"));
	f.len = vec_hex(c, name, f.expected, OCTETS);
	memcpy(f.at, f.expected, PLAIT_HDR_LEN);
	vec_hex(c, "plaintext", f.at + PLAIT_HDR_LEN,
		f.len - PLAIT_PROTECTED_MIN);
	seal_and_open(test, &f, cipher, key);
}

static void driver_seals_as_the_protocol_says(struct kunit *test)
{
	seals_vector(test, "datagram", PLAIT_CIPHER_CHACHA20POLY1305);
	seals_vector(test, "datagram_2", PLAIT_CIPHER_AES256GCM);
}

static struct kunit_case published_cases[] = {
	KUNIT_CASE_PARAM(kernels_aeads_hold_to_it, vector_gen_params),
	KUNIT_CASE_PARAM(driver_holds_to_it, next_of_our_form),
	KUNIT_CASE_PARAM(driver_seals_as_the_protocol_says, next_sealed),
	{}
};

static struct kunit_suite published_suite = {
	.name = "plait_aead_published",
	.test_cases = published_cases,
};

kunit_test_suite(published_suite);
