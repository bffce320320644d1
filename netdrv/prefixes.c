// SPDX-License-Identifier: GPL-2.0
/*
 * Source addresses that a device takes from its peer: a list under RTNL, and
 * built from it a set that receive looks packets up in. A change makes a new
 * one of both.
 */

#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "plait.h"

static struct plait_prefixes *prefixes_alloc(u32 count)
{
	struct plait_prefixes *x;
	size_t size = struct_size(x, list, count);

	/* The ranges stand behind the list, aligned. */
	size = ALIGN(size, __alignof__(struct plait_range));
	x = kvzalloc(size + count * sizeof(struct plait_range),
		     GFP_KERNEL_ACCOUNT);
	if (x)
		x->count = count;
	return x;
}

/* Build the set of a list that is complete, and put it in force. */
static void prefixes_publish(struct plait_dev *p, struct plait_prefixes *x)
{
	struct plait_prefixes *old = rtnl_dereference(p->prefixes);

	plait_prefix_set_build(&x->set,
			       PTR_ALIGN((struct plait_range *)&x->list[x->count],
					 __alignof__(struct plait_range)),
			       x->list, x->count);
	rcu_assign_pointer(p->prefixes, x);
	plait_nl_changed();
	if (old)
		kvfree_rcu(old, rcu);
}

/**
 * plait_prefixes_replace - put a list in the place of the present one
 * @p: the device
 * @list: valid prefixes; those that are there twice are kept once
 * @count: how many, PLAIT_PREFIXES_MAX at most
 *
 * Must be called with RTNL held. Return: 0 or -ENOMEM.
 */
int plait_prefixes_replace(struct plait_dev *p, const struct plait_prefix *list,
			   u32 count)
{
	struct plait_prefixes *x = prefixes_alloc(count);
	u32 i, j, n = 0;

	if (!x)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		for (j = 0; j < n; j++)
			if (plait_prefix_equal(&list[i], &x->list[j]))
				break;
		if (j == n)
			x->list[n++] = list[i];
	}
	x->count = n;
	prefixes_publish(p, x);
	return 0;
}

/* A new device takes every address. */
int plait_prefixes_init(struct plait_dev *p)
{
	static const struct plait_prefix any[] = {
		{ .version = 4 },
		{ .version = 6 },
	};

	return plait_prefixes_replace(p, any, ARRAY_SIZE(any));
}

/**
 * plait_prefixes_find - is a prefix on the list?
 * @p: the device
 * @prefix: a valid prefix
 *
 * Must be called with RTNL held. Return: its place, or -ENOENT.
 */
int plait_prefixes_find(struct plait_dev *p, const struct plait_prefix *prefix)
{
	const struct plait_prefixes *x = rtnl_dereference(p->prefixes);
	u32 i;

	for (i = 0; i < x->count; i++)
		if (plait_prefix_equal(&x->list[i], prefix))
			return i;
	return -ENOENT;
}

/* Must be called with RTNL held. Return: 0 or a negative errno. */
int plait_prefixes_add(struct plait_dev *p, const struct plait_prefix *prefix,
		       struct netlink_ext_ack *extack)
{
	const struct plait_prefixes *old = rtnl_dereference(p->prefixes);
	struct plait_prefixes *x;

	if (plait_prefixes_find(p, prefix) >= 0) {
		NL_SET_ERR_MSG(extack, "the device has this prefix");
		return -EEXIST;
	}
	if (old->count == PLAIT_PREFIXES_MAX) {
		NL_SET_ERR_MSG(extack, "the device has 1024 prefixes: no more");
		return -ENOSPC;
	}
	x = prefixes_alloc(old->count + 1);
	if (!x)
		return -ENOMEM;
	memcpy(x->list, old->list, old->count * sizeof(*x->list));
	x->list[old->count] = *prefix;
	prefixes_publish(p, x);
	return 0;
}

/* Must be called with RTNL held. Return: 0 or a negative errno. */
int plait_prefixes_del(struct plait_dev *p, const struct plait_prefix *prefix,
		       struct netlink_ext_ack *extack)
{
	const struct plait_prefixes *old = rtnl_dereference(p->prefixes);
	int at = plait_prefixes_find(p, prefix);
	struct plait_prefixes *x;

	if (at < 0) {
		NL_SET_ERR_MSG(extack, "the device has no such prefix");
		return -ENOENT;
	}
	x = prefixes_alloc(old->count - 1);
	if (!x)
		return -ENOMEM;
	memcpy(x->list, old->list, at * sizeof(*x->list));
	memcpy(x->list + at, old->list + at + 1,
	       (x->count - at) * sizeof(*x->list));
	prefixes_publish(p, x);
	return 0;
}
