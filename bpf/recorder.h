/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A flight recorder per CPU: the newest RECORDER_SLOTS decisions of a role,
 * for its `explain`. Refusals are always recorded; the rest only while
 * somebody follows, to keep the common path short.
 *
 * The includer has defined struct decision, which begins with sequence and
 * at_ns and ends with sequence_end.
 */
#ifndef TRUEPEER_RECORDER_H
#define TRUEPEER_RECORDER_H

#include <bpf/bpf_helpers.h>

#define RECORDER_SLOTS 128

struct recorder {
	__u64 head; /* decisions ever written */
	struct decision slots[RECORDER_SLOTS];
};

enum recorder_key {
	RECORDER_REFUSED = 0,
	RECORDER_OTHERS = 1,
	RECORDER_COUNT,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RECORDER_COUNT);
	__type(key, __u32);
	__type(value, struct recorder);
} recorders SEC(".maps");

/* CLOCK_BOOTTIME until which somebody follows. A follower that dies just stops renewing it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} follow_until SEC(".maps");

/* 0 where nobody has followed yet: worth asking before the clock is read. */
static __always_inline __u64 recorder_followed_until(void)
{
	__u32 key = 0;
	__u64 *until = bpf_map_lookup_elem(&follow_until, &key);

	return until ? *until : 0;
}

/* A slot to fill and then hand to recorder_end(); NULL where the decision is not to be recorded. */
static __always_inline struct decision *recorder_begin(enum recorder_key ring)
{
	__u64 now, until = ring == RECORDER_OTHERS ? recorder_followed_until() : ~0ULL;
	struct recorder *recorder;
	struct decision *slot;
	__u32 key = ring;

	if (until == 0)
		return NULL;
	now = bpf_ktime_get_boot_ns();
	if (now > until)
		return NULL;
	recorder = bpf_map_lookup_elem(&recorders, &key);
	if (!recorder)
		return NULL;
	slot = &recorder->slots[recorder->head % RECORDER_SLOTS];
	recorder->head++;
	slot->sequence = recorder->head;
	slot->at_ns = now;
	return slot;
}

/* A reader takes a slot as whole when both numbers are the one it expects. */
static __always_inline void recorder_end(struct decision *slot)
{
	slot->sequence_end = slot->sequence;
}

#endif
