// SPDX-License-Identifier: GPL-2.0
/*
 * Makes calls in plait.ko fail without the callee's being asked: a probe on the
 * call instruction of each site counts, and for the sites that are chosen puts
 * the callee's error in place of the call. What is failed is the site itself,
 * also where the kernel's own fault injection has no say (per-CPU memory) or a
 * second attempt hides it (kvmalloc). allocations_fail.sh has the story.
 */
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/text-patching.h>

#define SITES_MAX 64
#define VICTIM "plait"

/**
 * struct site - a call instruction
 * @probe: on it
 * @where: address, or offset in the text that runs once, at load
 * @value: what the callee returns when it fails
 * @calls: how often it was reached
 * @init: it is in the text that runs once
 * @probed: @probe is registered
 */
struct site {
	struct kprobe probe;
	unsigned long where;
	long value;
	atomic_t calls;
	bool init;
	bool probed;
};

static struct site sites[SITES_MAX];
static unsigned int count;
static DEFINE_MUTEX(lock); /* protects what is registered */

static unsigned long long fail;
module_param(fail, ullong, 0600);
MODULE_PARM_DESC(fail, "mask of sites that fail");

static unsigned int nth;
module_param(nth, uint, 0600);
MODULE_PARM_DESC(nth, "which of a site's calls fails, 0: all");

static bool again;
module_param(again, bool, 0600);
MODULE_PARM_DESC(again, "each nth call of a site fails, and not only that one");

static atomic_t failed;

/* Called with interrupts off, in any context. */
static int reached(struct kprobe *probe, struct pt_regs *regs)
{
	struct site *s = container_of(probe, struct site, probe);
	unsigned int call = atomic_inc_return(&s->calls);
	unsigned int n = READ_ONCE(nth);

	if (!(READ_ONCE(fail) & 1ULL << (s - sites)))
		return 0;
	if (n && call != n && (!READ_ONCE(again) || call % n))
		return 0;
	atomic_inc(&failed);
	regs->ax = s->value;
	if (probe->opcode == CALL_INSN_OPCODE)
		regs->ip = (unsigned long)probe->addr + CALL_INSN_SIZE;
	else
		int3_emulate_ret(regs); /* a call as the last act, so a jump */
	return 1;
}

NOKPROBE_SYMBOL(reached);

/* Keeps the probe from being turned into a jump, which cannot skip the call. */
static void passed(struct kprobe *probe, struct pt_regs *regs,
		   unsigned long flags)
{
}

NOKPROBE_SYMBOL(passed);

static int probe_site(struct site *s, unsigned long address)
{
	int err;

	memset(&s->probe, 0, sizeof(s->probe));
	s->probe.addr = (kprobe_opcode_t *)address;
	s->probe.pre_handler = reached;
	s->probe.post_handler = passed;
	err = register_kprobe(&s->probe);
	if (err)
		return err;
	s->probed = true;
	if (s->probe.opcode == CALL_INSN_OPCODE ||
	    s->probe.opcode == JMP32_INSN_OPCODE)
		return 0;
	pr_err("no call at %pS\n", (void *)address);
	return -EINVAL;
}

static void forget(void)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (sites[i].probed)
			unregister_kprobe(&sites[i].probe);
	memset(sites, 0, sizeof(sites));
	count = 0;
}

/* "text ADDRESS VALUE" or "init OFFSET VALUE", separated by commas. */
static int set_sites(const char *text, const struct kernel_param *kp)
{
	char *copy = kstrdup(text, GFP_KERNEL), *rest = copy, *word;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	mutex_lock(&lock);
	forget();
	while (!err && (word = strsep(&rest, ",\n"))) {
		struct site *s = &sites[count];
		char kind[5];

		if (!*word)
			continue;
		if (count == SITES_MAX ||
		    sscanf(word, "%4s %li %li", kind, (long *)&s->where,
			   &s->value) != 3) {
			err = -EINVAL;
			break;
		}
		s->init = !strcmp(kind, "init");
		count++;
		if (!s->init)
			err = probe_site(s, s->where);
	}
	if (err)
		forget();
	mutex_unlock(&lock);
	kfree(copy);
	return err;
}

static const struct kernel_param_ops sites_ops = { .set = set_sites };
module_param_cb(sites, &sites_ops, NULL, 0200);
MODULE_PARM_DESC(sites, "the sites");

/* Calls of each site, since this was last written. */
static int get_calls(char *buffer, const struct kernel_param *kp)
{
	unsigned int i;
	int at = 0;

	mutex_lock(&lock);
	for (i = 0; i < count; i++)
		at += sysfs_emit_at(buffer, at, "%d ",
				    atomic_read(&sites[i].calls));
	mutex_unlock(&lock);
	return at;
}

static int set_calls(const char *text, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < SITES_MAX; i++)
		atomic_set(&sites[i].calls, 0);
	atomic_set(&failed, 0);
	return 0;
}

static const struct kernel_param_ops calls_ops = {
	.set = set_calls,
	.get = get_calls,
};
module_param_cb(calls, &calls_ops, NULL, 0600);
MODULE_PARM_DESC(calls, "how often each site was reached; writing sets to 0");

static int get_failed(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&failed));
}

static const struct kernel_param_ops failed_ops = { .get = get_failed };
module_param_cb(failed, &failed_ops, NULL, 0400);
MODULE_PARM_DESC(failed, "calls that were made to fail since then");

/* The victim begins to be loaded: its first steps are sites too. */
static int module_event(struct notifier_block *nb, unsigned long what,
			void *data)
{
	struct module *mod = data;
	unsigned long base;
	unsigned int i;

	if (strcmp(mod->name, VICTIM))
		return NOTIFY_DONE;
	base = (unsigned long)mod->mem[MOD_INIT_TEXT].base;
	mutex_lock(&lock);
	for (i = 0; i < count; i++) {
		struct site *s = &sites[i];

		if (what == MODULE_STATE_COMING && s->init && !s->probed &&
		    probe_site(s, base + s->where))
			pr_err("cannot probe what runs at load\n");
		/* All of its text is going, or only what runs once. */
		if (s->probed && (what == MODULE_STATE_GOING ||
				  (what == MODULE_STATE_LIVE && s->init))) {
			unregister_kprobe(&s->probe);
			s->probed = false;
		}
	}
	mutex_unlock(&lock);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = module_event,
	.priority = 1, /* before kprobes' own */
};

static int __init failsite_init(void)
{
	return register_module_notifier(&notifier);
}
module_init(failsite_init);

static void __exit failsite_exit(void)
{
	unregister_module_notifier(&notifier);
	forget();
}
module_exit(failsite_exit);

MODULE_DESCRIPTION("Calls that fail to order, to test plait.ko");
MODULE_LICENSE("GPL");
