// SPDX-License-Identifier: GPL-2.0
/*
 * The netdev: its set-up, start, stop and end, and its work. A device lives in
 * any namespace; its sockets stay where it was created.
 */

#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/ip_tunnels.h>

#include "plait.h"

/* What the stack may hand us: super-packets that send_gso() takes apart. */
#define PLAIT_FEATURES                                                        \
	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA |  \
	 NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN | NETIF_F_GSO_UDP_L4)

/*
 * 44 datagrams of an Ethernet's MTU fit into one outer super-packet, so TCP
 * makes ones of 44. What GRO made larger before forwarding, the core segments.
 */
#define PLAIT_GSO_SEGS 44

static int plait_open_dev(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < p->lane_count; i++) {
		plait_tx_open(&p->lanes[i]);
		plait_rx_open(&p->lanes[i]);
	}
	return 0;
}

static int plait_stop_dev(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < p->lane_count; i++) {
		plait_rx_close(&p->lanes[i]);
		plait_tx_close(&p->lanes[i]);
	}
	return 0;
}

/**
 * plait_update_carrier - carrier follows what traffic needs
 * @p: the device
 *
 * A device has carrier when it has a strand and a key that seals. Must be
 * called with RTNL held.
 */
void plait_update_carrier(struct plait_dev *p)
{
	bool on = rcu_access_pointer(p->tx) &&
		  rcu_access_pointer(p->strands[0]);

	if (on == netif_carrier_ok(p->dev))
		return;
	if (on)
		netif_carrier_on(p->dev);
	else
		netif_carrier_off(p->dev);
	plait_notify(p, on ? PLAIT_EVENT_KIND_CARRIER_UP :
			     PLAIT_EVENT_KIND_CARRIER_DOWN, NULL, NULL);
}

/* What the data path noticed and may not do itself. */
static void plait_work(struct work_struct *work)
{
	struct plait_dev *p = container_of(work, struct plait_dev, work);

	rtnl_lock();
	if (p->pn) {
		plait_session_work(p);
		plait_mtu_follow(p);
		plait_strand_work(p);
	}
	rtnl_unlock();
	dev_put(p->dev);
}

/**
 * plait_kick - have the device's work done soon
 * @p: the device
 *
 * Context: any, while the device is registered.
 */
void plait_kick(struct plait_dev *p)
{
	dev_hold(p->dev);
	if (!queue_work(plait_wq, &p->work))
		dev_put(p->dev);
}

/**
 * plait_detach - give back all that belongs to the creation namespace
 * @p: the device
 *
 * Must be called with RTNL held.
 */
void plait_detach(struct plait_dev *p)
{
	unsigned int i;

	if (!p->pn)
		return;
	plait_session_remove_all(p);
	for (i = 0; i < PLAIT_STRANDS; i++)
		plait_strand_remove(p, i);
	list_del(&p->node);
	WRITE_ONCE(p->pn, NULL);
}

static void lane_init(struct plait_dev *p, unsigned int id)
{
	struct plait_lane *lane = &p->lanes[id];

	lane->p = p;
	lane->id = id;
	spin_lock_init(&lane->tx.lock);
	__skb_queue_head_init(&lane->tx.queue);
	skb_queue_head_init(&lane->rx.queue);
	__skb_queue_head_init(&lane->rx.pending);
	INIT_LIST_HEAD(&lane->rx.list);
	netif_napi_add(p->dev, &lane->rx.napi, plait_rx_poll);
	netif_napi_add_tx(p->dev, &lane->tx.napi, plait_tx_poll);
}

/* ndo_init: what plait_free() frees. */
static int plait_init(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	p->stats = alloc_percpu_gfp(struct plait_stats, GFP_KERNEL_ACCOUNT);
	if (!p->stats)
		return -ENOMEM;
	p->lanes = kvcalloc(p->lane_count, sizeof(*p->lanes),
			    GFP_KERNEL_ACCOUNT);
	if (!p->lanes)
		goto err_stats;
	if (plait_prefixes_init(p))
		goto err_lanes;
	for (i = 0; i < p->lane_count; i++)
		lane_init(p, i);
	return 0;

err_lanes:
	kvfree(p->lanes);
err_stats:
	free_percpu(p->stats);
	return -ENOMEM;
}

/*
 * The NAPIs go here, before the grace period of unregistration, which serves
 * all of them, and those of all devices that go together.
 */
static void plait_uninit(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);
	unsigned int i;

	plait_detach(p);
	for (i = 0; i < p->lane_count; i++) {
		__netif_napi_del(&p->lanes[i].rx.napi);
		__netif_napi_del(&p->lanes[i].tx.napi);
	}
	if (dev->reg_state != NETREG_UNREGISTERING)
		synchronize_net();
}

static void plait_free(struct net_device *dev)
{
	struct plait_dev *p = netdev_priv(dev);

	kvfree(rcu_dereference_protected(p->prefixes, true));
	kvfree(p->lanes);
	free_percpu(p->stats);
}

/* Given from outside: it stays, whatever the path takes. */
static int plait_change_mtu(struct net_device *dev, int mtu)
{
	struct plait_dev *p = netdev_priv(dev);

	p->mtu_fixed = true;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static const struct net_device_ops plait_netdev_ops = {
	.ndo_init = plait_init,
	.ndo_open = plait_open_dev,
	.ndo_stop = plait_stop_dev,
	.ndo_uninit = plait_uninit,
	.ndo_start_xmit = plait_xmit,
	.ndo_select_queue = plait_select_queue,
	.ndo_change_mtu = plait_change_mtu,
	.ndo_get_stats64 = plait_get_stats64,
};

static const struct device_type plait_type = { .name = KBUILD_MODNAME };

bool plait_is_device(const struct net_device *dev)
{
	return dev->netdev_ops == &plait_netdev_ops;
}

void plait_setup(struct net_device *dev)
{
	dev->netdev_ops = &plait_netdev_ops;
	dev->ethtool_ops = &plait_ethtool_ops;
	SET_NETDEV_DEVTYPE(dev, &plait_type);
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->features |= PLAIT_FEATURES;
	dev->hw_features |= PLAIT_FEATURES;
	dev->header_ops = &ip_tunnel_header_ops;
	plait_compat_lltx(dev);
	/* plait_mtu_too_big() tells the route of a packet what fits. */
	netif_keep_dst(dev);
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->mtu = plait_mtu_default(AF_INET6);
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = PLAIT_MTU_MAX;
	netif_set_tso_max_segs(dev, PLAIT_GSO_SEGS);
	dev->needs_free_netdev = true;
	dev->priv_destructor = plait_free;
}

/**
 * plait_configure - make a device of a netdev and register it
 * @dev: from plait_setup()
 * @net: namespace that its sockets will live in
 * @c: what it is made of, as plait_nl_device_overlay() wants it
 *
 * Must be called with RTNL held. Return: 0, or a negative errno with @dev to
 * be freed by the caller.
 */
int plait_configure(struct net_device *dev, struct net *net,
		    const struct plait_device_config *c)
{
	struct plait_dev *p = netdev_priv(dev);
	int err;

	p->dev = dev;
	p->lane_count = c->lanes;
	p->tx_lanes = c->lanes;
	p->window = c->window;
	p->dscp = c->dscp;
	p->path_mtu = PLAIT_MTU_MAX;
	INIT_WORK(&p->work, plait_work);
	netif_carrier_off(dev);
	dev->sysfs_groups[0] = &plait_sysfs_group;
	err = netif_set_real_num_tx_queues(dev, c->lanes);
	if (!err)
		err = netif_set_real_num_rx_queues(dev, c->lanes);
	if (!err)
		err = register_netdevice(dev);
	if (err)
		return err;
	p->pn = plait_pernet(net);
	list_add_tail(&p->node, &p->pn->devices);
	/*
	 * Datagrams of all lanes come in by one flow of the underlay, so on one
	 * CPU: threads let the scheduler spread the lanes. One lane is fastest
	 * without. /sys/class/net/DEV/threaded has the last word.
	 */
	if (c->lanes > 1)
		plait_set_threaded(dev, true);
	return 0;
}
