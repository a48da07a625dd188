/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a tagger is set to, whom its sockets are bound to, and what it counts. */
#ifndef TRUEPEER_TAGGER_MAPS_H
#define TRUEPEER_TAGGER_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../tagger.h"

const volatile struct tagger_settings settings SEC(".rodata.settings");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tag);
} tags SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tagger_counters);
} counters SEC(".maps");

#define COUNT(name)                                                                         \
	do {                                                                                \
		__u32 zero = 0;                                                             \
		struct tagger_counters *counted = bpf_map_lookup_elem(&counters, &zero);    \
		if (counted)                                                                \
			__sync_fetch_and_add(&counted->name, 1);                            \
	} while (0)

#endif
