// SPDX-License-Identifier: GPL-2.0
/*
 * Does on purpose what the debug kernel must see: selftest.sh loads it with
 * some of the deeds and expects the guest to fail.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *do_these = "";
module_param_named(deeds, do_these, charp, 0444);
MODULE_PARM_DESC(deeds, "leak, overrun, cycle, nap: any of them, in order");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

/* kmemleak: nothing points to it any more. */
static int leak(void)
{
	return kmalloc(1000, GFP_KERNEL) ? 0 : -ENOMEM;
}

/* KASAN: one byte behind the end. */
static int overrun(void)
{
	char *room = kmalloc(100, GFP_KERNEL);

	if (!room)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(room);
	room[100] = 1;
	kfree(room);
	return 0;
}

/* lockdep: two orders, though nobody waits for anybody here. */
static int cycle(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return 0;
}

/* DEBUG_ATOMIC_SLEEP: might sleep, under a spinlock. */
static int nap(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
	return 0;
}

static const struct {
	const char *name;
	int (*commit)(void);
} deeds[] = {
	{ "leak", leak },
	{ "overrun", overrun },
	{ "cycle", cycle },
	{ "nap", nap },
};

static int commit(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(deeds); i++)
		if (!strcmp(deeds[i].name, name))
			return deeds[i].commit();
	return -EINVAL;
}

static int __init misdeeds_init(void)
{
	char *name;
	int err;

	while ((name = strsep(&do_these, ","))) {
		err = commit(name);
		if (err)
			return err;
	}
	return 0;
}
module_init(misdeeds_init);

static void __exit misdeeds_exit(void)
{
}
module_exit(misdeeds_exit);

MODULE_DESCRIPTION("Bugs on purpose, to try the guest tests' harness");
MODULE_LICENSE("GPL");
