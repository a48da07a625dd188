/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the receiver counts, for `receiver stats`. */
#ifndef TRUEPEER_COUNTERS_H
#define TRUEPEER_COUNTERS_H

#include <bpf/bpf_helpers.h>

#include "../receiver.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

static __always_inline struct counters *own_counters(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counters, &key);
}

#endif
