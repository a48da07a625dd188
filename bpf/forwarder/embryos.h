/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ring of connections whose handshake is not complete. */
#ifndef TRUEPEER_FORWARDER_EMBRYOS_H
#define TRUEPEER_FORWARDER_EMBRYOS_H

#include "table.h"

/* Whether somebody still waits for the end of a handshake there. */
static __always_inline bool is_waiting(const struct reference *reference)
{
	const struct connection *connection = connection_of(reference);

	return connection && !(connection->flags & CONNECTION_ESTABLISHED);
}

#define PLACES_LOOKED_AT 8

/*
 * Gives an embryo another place, which nobody waits in. The ring turns with
 * every new connection and not only with those that stay embryos, so one whose
 * ACK got lost comes up long before the ACK comes again. Segments get lost side
 * by side, so one looks anywhere. Two CPUs may choose the same place: then one
 * embryo stands in none, and ends when it expires.
 */
static __always_inline bool move_embryo(const struct forwarder_settings *settings, const struct reference *embryo)
{
	for (int look = 0; look < PLACES_LOOKED_AT; look++) {
		__u32 index = bpf_get_prandom_u32() % settings->embryos;
		struct reference *place = bpf_map_lookup_elem(&embryos, &index), held;

		if (!place)
			return false;
		held = *place;
		if (is_waiting(&held))
			continue;
		*place = *embryo;
		return true;
	}
	return false;
}

/* A function of its own, for it takes less stack so, of which there is little. */
__noinline int push_embryo(__u32 slot, __u32 generation)
{
	__u32 zero = 0, index;
	const struct forwarder_settings *own = bpf_map_lookup_elem(&settings, &zero);
	struct positions *at = bpf_map_lookup_elem(&positions, &zero);
	struct reference *place, former;

	if (!at || !own || !own->embryos)
		return 0;
	index = __sync_fetch_and_add(&at->embryo, 1) % own->embryos;
	place = bpf_map_lookup_elem(&embryos, &index);
	if (!place)
		return 0;
	former = *place;
	place->slot = slot;
	place->generation = generation;
	/* Another CPU may establish it at this very moment. */
	if (is_waiting(&former) && !move_embryo(own, &former) &&
	    free_slot_unless(former.slot, former.generation, CONNECTION_ESTABLISHED))
		count(0, COUNT_EVICTED_EMBRYO);
	return 0;
}

#endif
