/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, in tracefs under events/plait: batches sent, polls received,
 * drops by verdict, key epochs. No key ever stands in one.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM plait

#if !defined(PLAIT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PLAIT_TRACE_H

#include <linux/tracepoint.h>

#include "plait.h"

#define PLAIT_TRACE_X(NAME, name, meaning) { PLAIT_DROP_##NAME, #name },
#define plait_show_verdict(v) \
	__print_symbolic(v, PLAIT_DROPS(PLAIT_TRACE_X) { PLAIT_OK, "ok" })

#define plait_show_kind(k)                                                    \
	__print_symbolic(k,                                                   \
		{ PLAIT_EVENT_KIND_KEY_INSTALLED, "installed" },              \
		{ PLAIT_EVENT_KIND_KEY_ACTIVATED, "activated" },              \
		{ PLAIT_EVENT_KIND_KEY_REMOVED, "removed" },                  \
		{ PLAIT_EVENT_KIND_KEY_LIMIT_NEAR, "limit near" },            \
		{ PLAIT_EVENT_KIND_KEY_LIMIT_REACHED, "limit reached" })

/* One outer skb on its way to the underlay. */
TRACE_EVENT(plait_transmit,
	TP_PROTO(const struct plait_lane *lane, u8 strand, unsigned int count,
		 unsigned int bytes),
	TP_ARGS(lane, strand, count, bytes),
	TP_STRUCT__entry(
		__string(name, lane->p->dev->name)
		__field(u8, lane)
		__field(u8, strand)
		__field(unsigned int, count)
		__field(unsigned int, bytes)
	),
	TP_fast_assign(
		plait_assign_str(name, lane->p->dev->name);
		__entry->lane = lane->id;
		__entry->strand = strand;
		__entry->count = count;
		__entry->bytes = bytes;
	),
	TP_printk("dev=%s lane=%u strand=%u datagrams=%u bytes=%u",
		  __get_str(name), __entry->lane, __entry->strand,
		  __entry->count, __entry->bytes)
);

/* A poll of a lane's receive NAPI, of datagrams accepted or not. */
TRACE_EVENT(plait_receive,
	TP_PROTO(const struct plait_lane *lane, unsigned int datagrams,
		 unsigned int packets),
	TP_ARGS(lane, datagrams, packets),
	TP_STRUCT__entry(
		__string(name, lane->p->dev->name)
		__field(u8, lane)
		__field(unsigned int, datagrams)
		__field(unsigned int, packets)
	),
	TP_fast_assign(
		plait_assign_str(name, lane->p->dev->name);
		__entry->lane = lane->id;
		__entry->datagrams = datagrams;
		__entry->packets = packets;
	),
	TP_printk("dev=%s lane=%u datagrams=%u packets=%u", __get_str(name),
		  __entry->lane, __entry->datagrams, __entry->packets)
);

/* @dev is NULL for what came to a port and is no device's. */
TRACE_EVENT(plait_drop,
	TP_PROTO(const struct net_device *dev, enum plait_verdict why,
		 unsigned int count),
	TP_ARGS(dev, why, count),
	TP_STRUCT__entry(
		__string(name, dev ? dev->name : "-")
		__field(u8, why)
		__field(unsigned int, count)
	),
	TP_fast_assign(
		plait_assign_str(name, dev ? dev->name : "-");
		__entry->why = why;
		__entry->count = count;
	),
	TP_printk("dev=%s reason=%s count=%u", __get_str(name),
		  plait_show_verdict(__entry->why), __entry->count)
);

TRACE_EVENT(plait_epoch,
	TP_PROTO(const struct plait_epoch *e, enum plait_event_kind kind),
	TP_ARGS(e, kind),
	TP_STRUCT__entry(
		__string(name, e->session->p->dev->name)
		__field(u32, session)
		__field(u16, epoch)
		__field(u8, kind)
	),
	TP_fast_assign(
		plait_assign_str(name, e->session->p->dev->name);
		__entry->session = e->session->number;
		__entry->epoch = e->id;
		__entry->kind = kind;
	),
	TP_printk("dev=%s session=%u epoch=%u %s", __get_str(name),
		  __entry->session, __entry->epoch,
		  plait_show_kind(__entry->kind))
);

#endif /* PLAIT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
