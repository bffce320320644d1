// SPDX-License-Identifier: GPL-2.0
/*
 * What the AEAD of a datagram costs by itself, by plait.ko's own crypto.c and
 * gcm.c, in a kernel whose clock counts instructions. Writing "CIPHER LENGTH"
 * to the parameter "run" measures, reading tells: ns to seal one datagram with
 * an inner packet of so many octets, and to open it. Datagrams are sealed as
 * the driver does it, a UDP-GSO skb's worth side by side, and opened one by one.
 */
#include <crypto/aead.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "plait.h"

/* Least of so many rounds: the others have a timer's tick in them. */
#define ROUNDS 16
#define RUN_BYTES_MAX 65000u

/**
 * struct run - datagrams that are sealed and opened again
 * @aead: the key, which is nobody's
 * @req: for AES-GCM
 * @d: the datagrams
 * @count: how many
 * @pn: of the first one
 * @memory: where they lie
 * @plain: where they are opened to
 */
struct run {
	struct plait_aead aead;
	struct aead_request *req;
	struct plait_tx_dgram d[PLAIT_BATCH];
	unsigned int count;
	u64 pn;
	u8 *memory;
	u8 *plain;
};

static DEFINE_MUTEX(lock); /* protects what follows */
static u64 seal_ns, open_ns;

static void destroy(struct run *r)
{
	plait_aead_destroy(&r->aead);
	kfree_sensitive(r->req);
	kfree(r->memory);
	kfree(r->plain);
	kfree(r);
}

static struct run *create(enum plait_cipher cipher, u32 len)
{
	u8 key[PLAIT_AEAD_KEY_LEN];
	struct run *r = kzalloc(sizeof(*r), GFP_KERNEL);
	unsigned int i;
	int err;

	if (!r)
		return ERR_PTR(-ENOMEM);
	get_random_bytes(key, sizeof(key));
	err = plait_aead_init(&r->aead, cipher, key);
	if (err) {
		kfree(r);
		return ERR_PTR(err);
	}
	if (cipher == PLAIT_CIPHER_AES256GCM)
		r->req = plait_gcm_request(&r->aead);
	r->count = min(RUN_BYTES_MAX / len, (u32)PLAIT_BATCH);
	r->memory = kzalloc(PLAIT_LEAD + r->count * len + PLAIT_TRAIL,
			    GFP_KERNEL);
	r->plain = kzalloc(PLAIT_LEAD + len, GFP_KERNEL);
	if (!r->memory || !r->plain ||
	    (cipher == PLAIT_CIPHER_AES256GCM && !r->req)) {
		destroy(r);
		return ERR_PTR(-ENOMEM);
	}
	for (i = 0; i < r->count; i++) {
		r->d[i].at = r->memory + PLAIT_LEAD + i * len;
		r->d[i].len = len;
	}
	return r;
}

/* Context: BHs off, as in the driver. */
static bool seal(struct run *r, u64 *ns)
{
	u64 start = ktime_get_ns();
	bool ok = plait_seal_batch(&r->aead, r->req, r->d, r->count);

	*ns = ktime_get_ns() - start;
	return ok;
}

static bool open(struct run *r, u64 *ns)
{
	u64 start = ktime_get_ns();
	bool ok = true;
	unsigned int i;

	for (i = 0; i < r->count; i++)
		ok &= plait_open(&r->aead, r->req, r->plain + PLAIT_LEAD,
				 r->d[i].at, r->d[i].len, r->d[i].pn, true);
	*ns = ktime_get_ns() - start;
	return ok;
}

static bool measure(struct run *r)
{
	u64 sealed, opened;
	unsigned int round, i;
	bool ok = true;

	seal_ns = U64_MAX;
	open_ns = U64_MAX;
	for (round = 0; ok && round < ROUNDS; round++) {
		for (i = 0; i < r->count; i++)
			r->d[i].pn = r->pn++;
		local_bh_disable();
		ok = seal(r, &sealed) && open(r, &opened);
		local_bh_enable();
		seal_ns = min(seal_ns, sealed);
		open_ns = min(open_ns, opened);
	}
	do_div(seal_ns, r->count);
	do_div(open_ns, r->count);
	return ok;
}

static int set_run(const char *text, const struct kernel_param *kp)
{
	enum plait_cipher cipher;
	char name[20];
	struct run *r;
	int err = 0;
	u32 len;

	if (sscanf(text, "%19s %u", name, &len) != 2 ||
	    len > RUN_BYTES_MAX - PLAIT_SOURCE_OVERHEAD)
		return -EINVAL;
	if (!strcmp(name, "chacha20-poly1305"))
		cipher = PLAIT_CIPHER_CHACHA20POLY1305;
	else if (!strcmp(name, "aes-256-gcm"))
		cipher = PLAIT_CIPHER_AES256GCM;
	else
		return -EINVAL;
	r = create(cipher, len + PLAIT_SOURCE_OVERHEAD);
	if (IS_ERR(r))
		return PTR_ERR(r);
	mutex_lock(&lock);
	if (!measure(r))
		err = -EBADMSG;
	mutex_unlock(&lock);
	destroy(r);
	return err;
}

static int get_run(char *buffer, const struct kernel_param *kp)
{
	int len;

	mutex_lock(&lock);
	len = sysfs_emit(buffer, "seal=%llu open=%llu\n", seal_ns, open_ns);
	mutex_unlock(&lock);
	return len;
}

static const struct kernel_param_ops run_ops = {
	.set = set_run,
	.get = get_run,
};
module_param_cb(run, &run_ops, NULL, 0600);
MODULE_PARM_DESC(run, "write CIPHER PACKET_LENGTH to measure, read ns a datagram");

MODULE_DESCRIPTION("plait's AEADs alone, for its benchmark");
MODULE_LICENSE("GPL");
