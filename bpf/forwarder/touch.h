/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading something of each page of the great maps, once, before there is
 * traffic: where the kernel itself runs in a virtual machine, the first access
 * to a page may take microseconds.
 */
#ifndef TRUEPEER_FORWARDER_TOUCH_H
#define TRUEPEER_FORWARDER_TOUCH_H

#include "tuples.h"

/* No page has fewer slots, of either map. */
#define SLOTS_TOUCHED_AT_ONCE 16

static long touch_slots(__u32 index, void *unused)
{
	__u32 slot = index * SLOTS_TOUCHED_AT_ONCE;
	const struct connection *connection = connection_at(slot);
	const struct bucket *bucket = bpf_map_lookup_elem(&tuples, &slot);

	(void)unused;
	if (!connection || !bucket)
		return 1;
	(void)*(volatile const __u32 *)&connection->flags;
	(void)*(volatile const __u64 *)&bucket->entries[0];
	return 0;
}

/* Its context is not used. */
SEC("syscall")
int touch(struct sweep *ctx)
{
	__u32 zero = 0;
	const struct forwarder_settings *own = bpf_map_lookup_elem(&settings, &zero);

	(void)ctx;
	if (own)
		bpf_loop(own->slots / SLOTS_TOUCHED_AT_ONCE + 1, touch_slots, NULL, 0);
	return 0;
}

#endif
