// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the counters: `ip -s link` (sums and, named, IFLA_INFO_XSTATS),
 * `ethtool -S` and generic netlink. All name them as core/verdict.h does.
 */

#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "plait.h"
#include "uapi/plait.h"

struct counter {
	const char *name;
	u16 attr;
	u16 offset; /* in struct plait_stats, octets */
};

/* Drops first, in the order of enum plait_verdict. */
static const struct counter counters[] = {
#define PLAIT_X(NAME, id, meaning)                                            \
	{ #id, PLAIT_A_STATS_##NAME,                                          \
	  offsetof(struct plait_stats, drop[PLAIT_DROP_##NAME]) },
	PLAIT_DROPS(PLAIT_X)
#undef PLAIT_X
#define PLAIT_X(NAME, id, meaning)                                            \
	{ #id, PLAIT_A_STATS_##NAME,                                          \
	  offsetof(struct plait_stats, event[PLAIT_EVENT_##NAME]) },
	PLAIT_EVENTS(PLAIT_X)
#undef PLAIT_X
};

static u64 sum(const struct plait_stats __percpu *stats, u16 offset)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += READ_ONCE(*(u64 *)((u8 *)per_cpu_ptr(stats, cpu) +
					    offset));
	return total;
}

/* What the rings count for themselves. */
static u64 sum_pages(const struct plait_dev *p, u16 attr)
{
	u64 total = 0;
	unsigned int i;

	for (i = 0; i < p->lane_count; i++) {
		const struct plait_lane *lane = &p->lanes[i];

		if (attr == PLAIT_A_STATS_PAGES_FRESH)
			total += lane->tx.pages.fresh + lane->rx.pages.fresh;
		if (attr == PLAIT_A_STATS_PAGES_REUSED)
			total += lane->tx.pages.reused + lane->rx.pages.reused;
	}
	return total;
}

/*
 * A counter of the device. What is found before the device is known counts for
 * the UDP port of its strand, and is shown by every device on that port.
 */
static u64 counter_read(const struct plait_dev *p, const struct counter *c)
{
	u64 total = sum(p->stats, c->offset) + sum_pages(p, c->attr);
	struct plait_strand *strand;

	if (c->offset < offsetof(struct plait_stats, event)) {
		rcu_read_lock();
		strand = rcu_dereference(p->strands[0]);
		if (strand)
			total += sum(strand->socket->stats, c->offset);
		/* What the socket had no room for died before we saw it. */
		if (strand && c->attr == PLAIT_A_STATS_PORT_NOMEM)
			total += plait_compat_sk_drops(strand->socket->sk);
		rcu_read_unlock();
	}
	return total;
}

/**
 * plait_get_stats64 - ndo_get_stats64: sums by the kernel's categories
 * @dev: the device
 * @s: filled in
 *
 * Errors are what was wrong with a datagram or packet, dropped what we had no
 * room for; the named counters tell more.
 */
void plait_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	const struct plait_dev *p = netdev_priv(dev);
	enum plait_verdict why;

	dev_get_tstats64(dev, s);
	for (why = PLAIT_OK + 1; why < PLAIT_VERDICTS; why++) {
		u64 n = counter_read(p, &counters[why - 1]);

		switch (why) {
		case PLAIT_DROP_PORT_NOMEM:
		case PLAIT_DROP_RX_QUEUE:
		case PLAIT_DROP_RX_DOWN:
		case PLAIT_DROP_RX_NOMEM:
			s->rx_dropped += n;
			break;
		case PLAIT_DROP_TX_QUEUE:
		case PLAIT_DROP_TX_NOMEM:
			s->tx_dropped += n;
			break;
		case PLAIT_DROP_TX_NOKEY:
		case PLAIT_DROP_TX_NOSTRAND:
		case PLAIT_DROP_TX_NOROUTE:
			s->tx_carrier_errors += n;
			s->tx_errors += n;
			break;
		case PLAIT_DROP_PORT_SHORT:
		case PLAIT_DROP_RX_LONG:
			s->rx_length_errors += n;
			s->rx_errors += n;
			break;
		case PLAIT_DROP_RX_TAG:
		case PLAIT_DROP_RX_AUTH:
			s->rx_crc_errors += n;
			s->rx_errors += n;
			break;
		default:
			if (why >= PLAIT_DROP_TX_PROTOCOL)
				s->tx_errors += n;
			else
				s->rx_errors += n;
		}
	}
}

/* Put all counters into a nest. Return: 0 or -EMSGSIZE. */
int plait_stats_fill(struct sk_buff *skb, const struct plait_dev *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (nla_put_u64_64bit(skb, counters[i].attr,
				      counter_read(p, &counters[i]),
				      PLAIT_A_STATS_PAD))
			return -EMSGSIZE;
	return 0;
}

static int plait_get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? ARRAY_SIZE(counters) : -EOPNOTSUPP;
}

static void plait_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	unsigned int i;

	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		strscpy_pad((char *)data + i * ETH_GSTRING_LEN,
			    counters[i].name, ETH_GSTRING_LEN);
}

static void plait_get_ethtool_stats(struct net_device *dev,
				    struct ethtool_stats *stats, u64 *data)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		data[i] = counter_read(netdev_priv(dev), &counters[i]);
}

static void plait_get_drvinfo(struct net_device *dev,
			      struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->version, PLAIT_MODULE_VERSION, sizeof(info->version));
}

/* A lane is a channel; fixed when the device is made. */
static void plait_get_channels(struct net_device *dev,
			       struct ethtool_channels *c)
{
	const struct plait_dev *p = netdev_priv(dev);

	c->max_combined = p->lane_count;
	c->combined_count = p->lane_count;
}

const struct ethtool_ops plait_ethtool_ops = {
	.get_drvinfo = plait_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_channels = plait_get_channels,
	.get_sset_count = plait_get_sset_count,
	.get_strings = plait_get_strings,
	.get_ethtool_stats = plait_get_ethtool_stats,
};
