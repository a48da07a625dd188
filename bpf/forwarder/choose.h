/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a new connection goes to, and from which local address and port: its service, its backend, whose turn it is. */
#ifndef TRUEPEER_FORWARDER_CHOOSE_H
#define TRUEPEER_FORWARDER_CHOOSE_H

#include "table.h"

#define LEAST_LOOKED_AT 32

/* Forwarders that share a configuration shall choose alike, so there is no key to it. */
static __always_inline __u64 client_hash(const struct tuple *tuple, bool with_port)
{
	const __be32 *word = tuple->remote.word;
	__u64 hash = mixed((__u64)word[1] << 32 | word[0]);

	hash = mixed(hash ^ ((__u64)word[3] << 32 | word[2]));
	return with_port ? mixed(hash ^ tuple->remote_port) : hash;
}

static __always_inline __u32 scheduled(__u32 service_number, __u32 index)
{
	__u32 key = service_number * SCHEDULE_SIZE + index, *backend;

	backend = bpf_map_lookup_elem(&schedule, &key);
	return backend ? *backend : 0;
}

/* The backend with the fewest connections for its weight, among some in a row from a random one on. */
__noinline __u32 least_connections(__u32 service_number, __u32 used)
{
	__u32 best = 0, best_active = 0, best_weight = 1, start = bpf_get_prandom_u32();

	if (used == 0 || used > SCHEDULE_SIZE)
		return 0;
	for (__u32 look = 0; look < LEAST_LOOKED_AT; look++) {
		__u32 number;
		struct backend *backend;

		if (look >= used)
			break;
		number = scheduled(service_number, (start % used + look) % used);
		backend = bpf_map_lookup_elem(&backends, &number);
		if (!backend || !number || !backend->weight)
			continue;
		if (!best || (__u64)(backend->active + 1) * best_weight < (__u64)(best_active + 1) * backend->weight) {
			best = number;
			best_active = backend->active;
			best_weight = backend->weight;
		}
	}
	return best;
}

/* The number of the backend for a new connection; 0 where there is none. */
static __always_inline __u32 choose_backend(struct service *service, __u32 number, const struct tuple *tuple)
{
	__u32 used = service->schedule;

	if (used == 0 || used > SCHEDULE_SIZE)
		return 0;
	switch (service->scheduler) {
	case SCHEDULER_ROUND_ROBIN:
		return scheduled(number, __sync_fetch_and_add(&service->cursor, 1) % used);
	case SCHEDULER_LEAST_CONNECTIONS:
		return least_connections(number, used);
	default:
		return scheduled(number, client_hash(tuple, service->scheduler == SCHEDULER_MAGLEV) % used);
	}
}

/* The number of the service that the packet in scratch is for; 0 where it is for none. For the stack: see push_embryo(). */
__noinline __u32 service_of_packet(void)
{
	const struct scratch *scratch = scratch_of_cpu();
	struct listener listener = {};
	__u32 *number;

	if (!scratch)
		return 0;
	listener.address = scratch->packet.tuple.local;
	listener.port = scratch->packet.tuple.local_port;
	number = bpf_map_lookup_elem(&listeners, &listener);
	return number ? *number : 0;
}

static __always_inline __u32 locals_for(const struct forwarder_settings *settings, const struct backend *backend)
{
	return is_mapped(&backend->address) ? settings->locals4 : settings->locals6;
}

static __always_inline bool has_locals(const struct forwarder_settings *settings, const struct backend *backend)
{
	return locals_for(settings, backend) && settings->port_count;
}

/* Fills in the local address and port whose turn it is with a backend, which has some. */
static __always_inline bool take_turn(const struct forwarder_settings *settings, const struct backend *backend,
				      __u32 turn, struct tuple *tuple)
{
	__u32 count = locals_for(settings, backend);
	__u32 index = turn % count + (is_mapped(&backend->address) ? 0 : LOCALS_MAX);
	__u32 port = turn / count % settings->port_count + settings->port_first;
	const struct address *local = bpf_map_lookup_elem(&locals, &index);

	if (!local)
		return false;
	tuple->local = *local;
	tuple->local_port = bpf_htons(port);
	return true;
}

/* Segments that may open a connection. */
static __always_inline bool is_opening(const struct packet *packet)
{
	return (packet->flags & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) == TCP_SYN;
}

/* The slot whose turn it is, most likely. */
static __always_inline struct connection *expected_slot(const struct forwarder_settings *own)
{
	__u32 zero = 0;
	const struct positions *at = bpf_map_lookup_elem(&positions, &zero);

	return at && own->slots ? connection_at(at->hand % own->slots) : NULL;
}

/* All three of its cache lines. */
static __always_inline void touch_connection(const struct connection *connection)
{
	(void)*(volatile const __u32 *)&connection->to[TO_BACKEND].checked;
	(void)*(volatile const __u32 *)&connection->to[TO_CLIENT].checked;
	(void)*(volatile const __u32 *)&connection->generation;
}

static __always_inline void touch_place(const struct tuple *tuple)
{
	struct place place;

	if (!find_place(tuple, &place))
		return;
	touch_bucket(place.first);
	touch_bucket(place.second);
}

/*
 * Chooses service and backend for a SYN that may open a connection, and has fetched what that will need: the places of
 * both its sides in the table, its slot, and the places of the connection that had the slot before, if that is still in
 * there. Waiting for one after the other would be most of what a new connection takes.
 */
__noinline int expect(void)
{
	__u32 zero = 0, number;
	const struct forwarder_settings *own = bpf_map_lookup_elem(&settings, &zero);
	struct scratch *scratch = scratch_of_cpu();
	const struct backend *backend;
	struct service *service;
	struct connection *slot;
	struct packet *packet;
	struct tuple tuple;

	if (!scratch || !own)
		return 0;
	packet = &scratch->packet;
	slot = expected_slot(own);
	if (slot)
		touch_connection(slot);
	touch_place(&packet->tuple);
	number = service_of_packet();
	packet->service = number;
	packet->backend = 0;
	service = bpf_map_lookup_elem(&services, &number);
	if (!number || !service || !(service->flags & SERVICE_OPEN))
		return 0;
	number = choose_backend(service, number, &packet->tuple);
	packet->backend = number;
	backend = bpf_map_lookup_elem(&backends, &number);
	if (!number || !backend || !has_locals(own, backend))
		return 0;
	tuple.remote = backend->address;
	tuple.remote_port = backend->port;
	if (take_turn(own, backend, backend->ports_cursor, &tuple))
		touch_place(&tuple);
	if (slot && connection_state(slot->flags) == STATE_CLOSED) {
		touch_place(arriving(slot, TO_BACKEND));
		touch_place(arriving(slot, TO_CLIENT));
	}
	return 0;
}

#endif
