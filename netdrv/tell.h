/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Telling the filter: sockets, key epochs and what was accepted. Costs a patched
 * jump where nobody listens. docs/xdp.md.
 */
#ifndef PLAIT_TELL_H
#define PLAIT_TELL_H

#include "plait.h"
#include "tell_trace.h"

static inline bool plait_tell_heard_by_some(void)
{
	return trace_plait_tell_tp_enabled();
}

/**
 * struct plait_told_all - what plait_tell_all() has told
 * @sockets: sockets
 * @lanes: lanes of key epochs
 * @heard: somebody heard it
 */
struct plait_told_all {
	u32 sockets;
	u32 lanes;
	bool heard;
};

int plait_tell_init(void);
void plait_tell_exit(void);
void plait_tell_socket(const struct plait_socket *ps, bool there);
void plait_tell_epoch(const struct plait_epoch *e);
void plait_tell_epoch_gone(const struct plait_epoch *e);
void plait_tell_session_gone(const struct plait_session *s);
void plait_tell_all(struct plait_told_all *told);
void plait_tell_counts(struct plait_dev *p);

/* Data path. */
void plait_tell_flush(struct plait_lane *lane);
void __plait_tell_accepted(struct plait_lane *lane, struct plait_epoch_lane *el,
			   u64 counter);

/* The AEAD has accepted this counter. Context: the lane's receive NAPI. */
static inline void plait_tell_accepted(struct plait_lane *lane,
				       struct plait_epoch_lane *el, u64 counter)
{
	if (trace_plait_tell_window_tp_enabled())
		__plait_tell_accepted(lane, el, counter);
}

#endif /* PLAIT_TELL_H */
