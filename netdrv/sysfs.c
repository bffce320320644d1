// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/net/DEV/plait: a few facts for scripts that have no netlink, one
 * a file, all read-only. Nothing secret: receiver indices are not among them.
 */

#include <linux/device.h>
#include <linux/sysfs.h>

#include "plait.h"

static struct plait_dev *to_plait(struct device *d)
{
	return netdev_priv(to_net_dev(d));
}

static ssize_t lanes_show(struct device *d, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n", to_plait(d)->lane_count);
}
static DEVICE_ATTR_RO(lanes);

static ssize_t window_show(struct device *d, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_plait(d)->window));
}
static DEVICE_ATTR_RO(window);

/* Session and key epoch that seal, and by what; "none" without. */
static ssize_t sealing_show(struct device *d, struct device_attribute *attr,
			    char *buf)
{
	const struct plait_epoch *e;
	ssize_t n;

	rcu_read_lock();
	e = rcu_dereference(to_plait(d)->tx);
	n = e ? sysfs_emit(buf, "session %u epoch %u %s\n", e->session->number,
			   e->id, plait_aead_driver(&e->tx)) :
		sysfs_emit(buf, "none\n");
	rcu_read_unlock();
	return n;
}
static DEVICE_ATTR_RO(sealing);

/* Octets that the strand's path takes, outer headers included; 0: unknown. */
static ssize_t path_mtu_show(struct device *d, struct device_attribute *attr,
			     char *buf)
{
	const struct plait_strand *strand;
	u32 mtu = 0;

	rcu_read_lock();
	strand = rcu_dereference(to_plait(d)->strands[0]);
	if (strand)
		mtu = READ_ONCE(strand->path_mtu);
	rcu_read_unlock();
	return sysfs_emit(buf, "%u\n", mtu);
}
static DEVICE_ATTR_RO(path_mtu);

static struct attribute *plait_attrs[] = {
	&dev_attr_lanes.attr,
	&dev_attr_window.attr,
	&dev_attr_sealing.attr,
	&dev_attr_path_mtu.attr,
	NULL
};

const struct attribute_group plait_sysfs_group = {
	.name = KBUILD_MODNAME,
	.attrs = plait_attrs,
};
