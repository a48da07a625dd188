/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TRUEPEER_FORWARDER_COUNT_H
#define TRUEPEER_FORWARDER_COUNT_H

#include "maps.h"

static __always_inline struct forwarder_counters *counters_of(__u32 service)
{
	return bpf_map_lookup_elem(&counters, &service);
}

/* Atomic, for `sweep` runs in process context, where a packet may come in between. */
static __always_inline void count(__u32 service, __u32 what)
{
	struct forwarder_counters *own = counters_of(service);

	/* clang knows what a function returns at most, and would leave the mask out, but the verifier does not. */
	asm volatile("" : "+r"(what));
	if (own)
		__sync_fetch_and_add(&own->count[what & (FORWARDER_COUNTERS - 1)], 1);
}

static __always_inline int drop(__u32 service, __u32 why)
{
	count(service, why);
	return XDP_DROP;
}

#endif
