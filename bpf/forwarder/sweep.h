/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Visiting every slot: what expired is freed, or reported where both sides are to hear of it. */
#ifndef TRUEPEER_FORWARDER_SWEEP_H
#define TRUEPEER_FORWARDER_SWEEP_H

#include "table.h"

#define SWEEP_REPORTS 64

/* One at a time, by the one control plane there is: the stack has no room for it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sweep);
} sweeps SEC(".maps");

static __always_inline struct sweep *current_sweep(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&sweeps, &zero);
}

enum visit {
	VISIT_FREE,
	VISIT_LEAVE,
};

/*
 * Whose sides may both believe in it is reported first, and freed only when nobody reset it after that. A client that
 * was answered believes so although its acknowledgement was lost, and may wait for ever; but of a flood's there are too
 * many to tell them all.
 */
static __always_inline enum visit report(struct sweep *sweep, struct connection *connection, __u32 slot,
					 __u32 generation, enum connection_state state)
{
	__u32 at = sweep->reported, service = connection->service;
	bool is_embryo = state == STATE_SYN_RECEIVED;

	if (connection->flags & CONNECTION_REPORTED)
		return VISIT_FREE;
	if (at >= SWEEP_REPORTS)
		return is_embryo ? VISIT_FREE : VISIT_LEAVE;
	if (change_flags(connection, generation, 0, CONNECTION_REPORTED, CONNECTION_REPORTED)) {
		count(service, is_embryo ? COUNT_EXPIRED_EMBRYO : COUNT_EXPIRED_ESTABLISHED);
		sweep->expired[at & (SWEEP_REPORTS - 1)] = slot;
		sweep->reported = at + 1;
	}
	return VISIT_LEAVE;
}

static long visit(__u32 index, void *unused)
{
	struct sweep *sweep = current_sweep();
	struct connection *connection;
	enum connection_state state;
	__u32 slot, generation;

	(void)unused;
	if (!sweep)
		return 1;
	slot = sweep->from + index;
	connection = connection_at(slot);
	if (!connection)
		return 1;
	generation = *(volatile __u32 *)&connection->generation;
	state = connection_state(*(volatile __u32 *)&connection->flags);
	if (state < STATE_COUNT)
		sweep->by_state[state]++;
	if (!is_expired(connection, sweep->now))
		return 0;
	if ((state == STATE_SYN_RECEIVED || state == STATE_ESTABLISHED || state == STATE_CLOSING) &&
	    report(sweep, connection, slot, generation, state) == VISIT_LEAVE)
		return 0;
	expire(slot, connection, generation);
	sweep->freed++;
	return 0;
}

SEC("syscall")
int sweep(struct sweep *ctx)
{
	struct sweep *own = current_sweep();

	if (!own)
		return 1;
	__builtin_memset(own, 0, sizeof(*own));
	own->from = ctx->from;
	own->now = bpf_ktime_get_ns() >> TICK_SHIFT;
	bpf_loop(ctx->count, visit, NULL, 0);
	__builtin_memcpy(ctx, own, sizeof(*own));
	return 0;
}

#endif
