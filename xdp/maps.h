/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The maps that the listener writes and the filter reads; libplait pins them,
 * so that both programs have the same. Sizes are what one host may need: a
 * thousand devices with a few lanes.
 */
#ifndef PLAIT_XDP_MAPS_H
#define PLAIT_XDP_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "core/filter.h"

#define SOCKETS_MAX 4096
#define SESSIONS_MAX 4096
#define LANES_MAX 8192
#define WINDOWS_MAX 4096

/* By port number, in host byte order: in which ways somebody is bound to it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, u32);
} plait_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SOCKETS_MAX);
	__type(key, struct plait_filter_socket);
	__type(value, struct plait_filter_handshake);
} plait_sockets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SESSIONS_MAX);
	__type(key, struct plait_filter_session);
	__type(value, struct plait_filter_epochs);
} plait_sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LANES_MAX);
	__type(key, struct plait_filter_lane);
	__type(value, struct plait_filter_keys);
} plait_lanes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WINDOWS_MAX);
	__type(key, u32);
	__type(value, struct plait_filter_window);
} plait_windows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct plait_filter_state);
} plait_state SEC(".maps");

static __always_inline struct plait_filter_state *state(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&plait_state, &zero);
}

#endif /* PLAIT_XDP_MAPS_H */
