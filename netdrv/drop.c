// SPDX-License-Identifier: GPL-2.0
/*
 * The ends of packets: counted by verdict, traced, and freed with the nearest
 * of the kernel's own drop reasons.
 */

#include "plait.h"
#include "trace.h"

static const enum skb_drop_reason reasons[PLAIT_VERDICTS] = {
	[PLAIT_DROP_PORT_SHORT] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[PLAIT_DROP_PORT_VERSION] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[PLAIT_DROP_PORT_HANDSHAKE] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[PLAIT_DROP_PORT_INDEX] = SKB_DROP_REASON_NO_SOCKET,
	[PLAIT_DROP_PORT_NOMEM] = SKB_DROP_REASON_NOMEM,
	[PLAIT_DROP_RX_EPOCH] = SKB_DROP_REASON_DEV_HDR,
	[PLAIT_DROP_RX_LANE] = SKB_DROP_REASON_DEV_HDR,
	[PLAIT_DROP_RX_TAG] = SKB_DROP_REASON_DEV_HDR,
	[PLAIT_DROP_RX_OLD] = SKB_DROP_REASON_DEV_HDR,
	[PLAIT_DROP_RX_DUPLICATE] = SKB_DROP_REASON_DEV_HDR,
	[PLAIT_DROP_RX_QUEUE] = SKB_DROP_REASON_FULL_RING,
	[PLAIT_DROP_RX_DOWN] = SKB_DROP_REASON_DEV_READY,
	[PLAIT_DROP_RX_NOMEM] = SKB_DROP_REASON_NOMEM,
	[PLAIT_DROP_RX_LONG] = SKB_DROP_REASON_PKT_TOO_BIG,
	[PLAIT_DROP_RX_AUTH] = SKB_DROP_REASON_DEV_HDR,
	[PLAIT_DROP_RX_LIMIT] = SKB_DROP_REASON_DEV_READY,
	[PLAIT_DROP_RX_TYPE] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[PLAIT_DROP_RX_INNER] = SKB_DROP_REASON_IP_INHDR,
	[PLAIT_DROP_RX_ECN] = PLAIT_SKB_DROP_TUNNEL_ECN,
	[PLAIT_DROP_RX_SOURCE] = PLAIT_SKB_DROP_SOURCE,
	[PLAIT_DROP_TX_PROTOCOL] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[PLAIT_DROP_TX_NOKEY] = SKB_DROP_REASON_DEV_READY,
	[PLAIT_DROP_TX_LIMIT] = SKB_DROP_REASON_DEV_READY,
	[PLAIT_DROP_TX_NOSTRAND] = SKB_DROP_REASON_DEV_READY,
	[PLAIT_DROP_TX_TOO_BIG] = SKB_DROP_REASON_PKT_TOO_BIG,
	[PLAIT_DROP_TX_QUEUE] = SKB_DROP_REASON_FULL_RING,
	[PLAIT_DROP_TX_NOMEM] = SKB_DROP_REASON_NOMEM,
	[PLAIT_DROP_TX_NOROUTE] = SKB_DROP_REASON_IP_OUTNOROUTES,
	[PLAIT_DROP_TX_LOOP] = PLAIT_SKB_DROP_RECURSION,
};

/**
 * plait_drop_count - count what a device drops
 * @p: the device
 * @why: the verdict
 * @n: datagrams or packets
 */
void plait_drop_count(struct plait_dev *p, enum plait_verdict why,
		      unsigned int n)
{
	this_cpu_add(p->stats->drop[why], n);
	trace_plait_drop(p->dev, why, n);
}

/* The same for a buffer that holds all of them, and dies here. */
void plait_drop(struct plait_dev *p, struct sk_buff *skb,
		enum plait_verdict why, unsigned int n)
{
	plait_drop_count(p, why, n);
	kfree_skb_reason(skb, reasons[why]);
}

/**
 * plait_drop_port - count and free what came to a port and is no device's
 * @ps: the socket
 * @skb: the buffer; NULL if it lives on, for the sake of others in it
 * @why: the verdict
 * @n: datagrams
 */
void plait_drop_port(struct plait_socket *ps, struct sk_buff *skb,
		     enum plait_verdict why, unsigned int n)
{
	this_cpu_add(ps->stats->drop[why], n);
	trace_plait_drop(NULL, why, n);
	if (skb)
		kfree_skb_reason(skb, reasons[why]);
}

/* Free a buffer whose one datagram was judged so; it has been counted. */
void plait_drop_free(struct sk_buff *skb, enum plait_verdict why)
{
	kfree_skb_reason(skb, reasons[why]);
}
