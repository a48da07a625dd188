/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TRUEPEER_FORWARDER_CLOCK_H
#define TRUEPEER_FORWARDER_CLOCK_H

#include <bpf/bpf_helpers.h>
#include "../forwarder.h"

/* The coarse clock: a few milliseconds behind at worst, and a tenth of the price. */
static __always_inline __u32 now_ticks(void)
{
	return bpf_ktime_get_coarse_ns() >> TICK_SHIFT;
}

#define TICKS_PER_SECOND (1000000000U >> TICK_SHIFT)

#endif
