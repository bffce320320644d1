/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the filter hears: bare tracepoints, which tracefs does not show, so that
 * nothing prints a key. Writable: the filter says in the argument that it heard.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM plait_tell

#if !defined(PLAIT_TELL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define PLAIT_TELL_TRACE_H

#include <linux/tracepoint.h>

#include "core/filter.h"

#undef PLAIT_DECLARE_TRACE_WRITABLE
#ifdef DECLARE_TRACE_WRITABLE
#define PLAIT_DECLARE_TRACE_WRITABLE(name, proto, args, size) \
	PLAIT_COMPAT_TRACE_WRITABLE(name, PARAMS(proto), PARAMS(args), size)
#else
#define PLAIT_DECLARE_TRACE_WRITABLE(name, proto, args, size) \
	PLAIT_DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#endif

PLAIT_DECLARE_TRACE_WRITABLE(plait_tell,
	TP_PROTO(struct plait_tell *t),
	TP_ARGS(t),
	sizeof(struct plait_tell));

PLAIT_DECLARE_TRACE_WRITABLE(plait_tell_window,
	TP_PROTO(struct plait_tell_window *t),
	TP_ARGS(t),
	sizeof(struct plait_tell_window));

#endif /* PLAIT_TELL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE tell_trace
#include <trace/define_trace.h>
