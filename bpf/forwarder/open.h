/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A new connection: its slot, its local address and port, its numbers. */
#ifndef TRUEPEER_FORWARDER_OPEN_H
#define TRUEPEER_FORWARDER_OPEN_H

#include "checksum.h"
#include "choose.h"
#include "embryos.h"
#include "ethernet.h"
#include "scratch.h"
#include "siphash.h"
#include "table.h"

#define PORTS_LOOKED_AT 64

enum port_found {
	PORT_TAKEN,
	PORT_CLOSED, /* held by a connection that is over, but not for long enough */
	PORT_EMBRYO, /* held by one that was not answered yet, or whose client has had its time to acknowledge that */
	PORT_BUSY,
	PORT_ENOUGH, /* not to be had either, and a spare one will do */
};

/* An answered client acknowledges within that time, or something got lost. */
#define HANDSHAKE_TICKS ((__s32)TICKS_PER_SECOND)

/* Claims the backend's side of the slot's connection, as it is filled in. held has it where it is not free. */
static __always_inline enum port_found claim(__u32 slot, __u32 now, const struct reference *held)
{
	int result = enter(slot | REFERENCE_TO_CLIENT);
	struct connection *holder;

	if (result == ENTERED)
		return PORT_TAKEN;
	holder = result == ENTERED_BEFORE ? connection_of(held) : NULL;
	if (!holder)
		return PORT_BUSY;
	if (is_expired(holder, now)) {
		expire(slot_of(held), holder, held->generation);
		return enter(slot | REFERENCE_TO_CLIENT) == ENTERED ? PORT_TAKEN : PORT_BUSY;
	}
	switch (connection_state(holder->flags)) {
	case STATE_CLOSED:
		return PORT_CLOSED;
	case STATE_SYN_SENT:
		return PORT_EMBRYO;
	case STATE_SYN_RECEIVED:
		/* Another CPU's clock may be a tick ahead of ours. */
		return (__s32)(now - holder->created) > HANDSHAKE_TICKS ? PORT_EMBRYO : PORT_BUSY;
	default:
		return PORT_BUSY;
	}
}

/*
 * Claims for the slot's connection the local address and port whose turn it is with its backend, or remembers in scratch
 * whom to take some from. A function of its own, for the verifier would follow every outcome of one look through all others.
 */
__noinline int try_port(__u32 slot, __u32 look, __u32 now)
{
	__u32 zero = 0;
	const struct forwarder_settings *own = bpf_map_lookup_elem(&settings, &zero);
	struct connection *connection = connection_at(slot);
	struct backend *backend = connection ? backend_of(connection) : NULL;
	struct scratch *scratch = scratch_of_cpu();
	enum port_found found;
	struct spare *spare;

	if (!own || !backend || !scratch)
		return PORT_BUSY;
	if (!take_turn(own, backend, next_turn(&backend->ports_cursor, look), (struct tuple *)&connection->to[TO_BACKEND]))
		return PORT_BUSY;
	found = claim(slot, now, &scratch->held);
	if (found == PORT_TAKEN)
		return found;
	spare = &scratch->spare;
	if ((found == PORT_CLOSED && !spare->is_closed) || (found == PORT_EMBRYO && !spare->is_there)) {
		spare->held = scratch->held;
		spare->is_closed = found == PORT_CLOSED;
		spare->is_there = true;
	}
	return spare->is_closed && look >= spare->looks ? PORT_ENOUGH : found;
}

/*
 * Takes a connection's local address and port from it. Also from an embryo
 * that was answered: a flood of SYNs would hold every port of a backend
 * otherwise, for as long as embryos last.
 */
static __always_inline bool take_over(struct way *way, const struct spare *spare)
{
	struct connection *holder = connection_of(&spare->held);

	if (!holder || (spare->is_closed && connection_state(holder->flags) != STATE_CLOSED))
		return false;
	way->source = holder->to[TO_BACKEND].source;
	way->source_port = holder->to[TO_BACKEND].source_port;
	/* An embryo may have grown up meanwhile. */
	if (!free_slot_unless(slot_of(&spare->held), spare->held.generation,
			      spare->is_closed ? 0 : CONNECTION_ESTABLISHED))
		return false;
	count(0, spare->is_closed ? COUNT_RECYCLED : COUNT_EVICTED_EMBRYO);
	return true;
}

/*
 * Finds a local address and port for the slot's connection that the backend
 * does not know from another one, in turn, so that a port rests as long as
 * there are others.
 */
static __always_inline int claim_port(struct scratch *scratch, struct connection *connection, struct backend *backend,
				      const struct forwarder_settings *settings, __u32 slot, __u32 now)
{
	struct way *way = &connection->to[TO_BACKEND];
	struct spare *spare = &scratch->spare;

	if (!has_locals(settings, backend))
		return COUNT_DROP_NO_LOCAL;
	way->destination = backend->address;
	way->destination_port = backend->port;
	*spare = (struct spare){ .looks = looks_for_free(backend->crowded, now) };
	for (__u32 look = 0; look < PORTS_LOOKED_AT; look++) {
		int found = try_port(slot, look, now);

		if (found == PORT_TAKEN)
			return FORWARDER_COUNTERS;
		if (found == PORT_ENOUGH)
			break;
	}
	if (!spare->is_there)
		return COUNT_DROP_NO_PORT;
	if (spare->looks)
		backend->crowded = now;
	return take_over(way, spare) && enter(slot | REFERENCE_TO_CLIENT) == ENTERED ? (int)FORWARDER_COUNTERS :
											COUNT_DROP_NO_PORT;
}

static __always_inline sum_t sum_of_tuple(const struct address *a, const struct address *b, __be16 port_a, __be16 port_b)
{
	return fold(sum_address(a) + sum_address(b) + port_a + port_b);
}

/* Fills in a way's checksum: what replacing the arriving addresses and ports by its own adds. */
static __always_inline void sum_way(struct connection *connection, enum direction direction)
{
	const struct way *back = &connection->to[direction == TO_BACKEND ? TO_CLIENT : TO_BACKEND];
	struct way *way = &connection->to[direction];

	way->checksum = fold(change16(
		sum_of_tuple(&back->destination, &back->source, back->destination_port, back->source_port),
		sum_of_tuple(&way->source, &way->destination, way->source_port, way->destination_port)));
}

/* 64 ns a step, as the kernel's own (RFC 6528): a reused port passes the backend's TIME_WAIT. */
#define ISN_CLOCK_SHIFT 6
/*
 * About 1,900 steps a second, more than clients' timestamps make, for the same reason. One whose timestamps are
 * microseconds (Linux 6.7, tcp_usec_ts) costs its port's next owner a challenge and a second.
 */
#define TIMESTAMP_CLOCK_SHIFT 19

static __always_inline void choose_numbers(struct connection *connection, const struct packet *packet,
					   const struct service *service, const struct forwarder_settings *settings)
{
	const struct way *way = &connection->to[TO_BACKEND];
	__u64 words[5] = {
		(__u64)way->source.word[1] << 32 | way->source.word[0],
		(__u64)way->source.word[3] << 32 | way->source.word[2],
		(__u64)way->destination.word[1] << 32 | way->destination.word[0],
		(__u64)way->destination.word[3] << 32 | way->destination.word[2],
		(__u32)way->source_port << 16 | way->destination_port,
	};
	__u64 now = bpf_ktime_get_ns();
	__u64 hash = siphash(settings->key, words, 5);

	connection->isn = (__u32)hash + (__u32)(now >> ISN_CLOCK_SHIFT);
	connection->sequence_shift = connection->isn - packet->sequence;
	connection->timestamp_shift = 0;
	connection->timestamp_base = (__u32)(hash >> 32) + (__u32)(now >> TIMESTAMP_CLOCK_SHIFT);
	if (service->flags & SERVICE_STRIP_TIMESTAMPS)
		connection->timestamp_base = 0;
}

/* Answers leave by the way the SYN came, until the kernel's routes say better. */
static __always_inline void learn_client(struct xdp_md *ctx, const struct packet *packet, struct way *way)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	const struct ethhdr *eth = data;
	__u32 ifindex = ctx->ingress_ifindex, *number;

	if ((const void *)(eth + 1) + VLAN_HEADER > end)
		return;
	__builtin_memcpy(way->next_mac, eth->h_source, ETH_ALEN);
	/* A tagged frame came by an interface of its own, which is not known here: see learned_egress(). */
	if (packet->l3 != sizeof(*eth)) {
		way->vlan = bpf_ntohs(*(const __be16 *)(eth + 1) & ~VLAN_PRIORITY);
		return;
	}
	number = bpf_map_lookup_elem(&egress_of, &ifindex);
	if (number)
		way->egress = *number;
}

/* Whether a service believes the TOA of the client in scratch. A function of its own, for the stack: see push_embryo(). */
__noinline int is_upstream(__u32 service_number)
{
	struct upstream_key key = { .prefix_length = 16 + 128, .service = bpf_htons(service_number) };
	const struct service *service = bpf_map_lookup_elem(&services, &service_number);
	const struct scratch *scratch = scratch_of_cpu();

	if (!service || !scratch || !(service->flags & SERVICE_UPSTREAMS))
		return false;
	__builtin_memcpy(key.address, &scratch->packet.tuple.remote, 16);
	return bpf_map_lookup_elem(&upstreams, &key) != NULL;
}

/* An opening that failed is told by the counter that says why, in the high bit's company. */
#define OPENING_FAILED 0x80000000U

static __always_inline __u32 give_back(struct connection *connection, __u32 why)
{
	__sync_fetch_and_add(&connection->generation, 1);
	return OPENING_FAILED | why;
}

/*
 * Opens a connection for the SYN in scratch, and tells that its generation; its slot, or why there is none.
 */
__noinline __u32 open_connection(struct xdp_md *ctx, __u32 service_number)
{
	__u32 zero = 0, now = now_ticks(), slot, generation, number, failure;
	struct service *service = bpf_map_lookup_elem(&services, &service_number);
	struct forwarder_settings *own = bpf_map_lookup_elem(&settings, &zero);
	struct scratch *scratch = scratch_of_cpu();
	struct connection *connection;
	struct backend *backend;
	struct packet *packet;
	int entered;

	if (!service || !own || !scratch)
		return OPENING_FAILED | COUNT_DROP_INTERNAL;
	packet = &scratch->packet;
	number = packet->backend;
	backend = bpf_map_lookup_elem(&backends, &number);
	if (!number || !backend)
		return OPENING_FAILED | COUNT_DROP_DOWN;
	slot = take_slot(own->slots, now);
	connection = slot == NO_SLOT ? NULL : connection_at(slot);
	if (!connection)
		return OPENING_FAILED | COUNT_DROP_TABLE_FULL;
	generation = connection->generation;

	__builtin_memset(&connection->to, 0, sizeof(connection->to));
	connection->to[TO_CLIENT].source = packet->tuple.local;
	connection->to[TO_CLIENT].source_port = packet->tuple.local_port;
	connection->to[TO_CLIENT].destination = packet->tuple.remote;
	connection->to[TO_CLIENT].destination_port = packet->tuple.remote_port;
	connection->backend = number;
	failure = claim_port(scratch, connection, backend, own, slot, now);
	if (failure != FORWARDER_COUNTERS)
		return give_back(connection, failure);
	sum_way(connection, TO_BACKEND);
	sum_way(connection, TO_CLIENT);
	learn_client(ctx, packet, &connection->to[TO_CLIENT]);
	connection->service = service_number;
	connection->client = packet->tuple.remote;
	connection->client_port = packet->tuple.remote_port;
	connection->created = now;
	connection->seen = now;
	connection->backend_isn = 0;
	choose_numbers(connection, packet, service, own);

	entered = enter(slot);
	if (entered != ENTERED) {
		leave(connection, slot | REFERENCE_TO_CLIENT);
		return give_back(connection, entered == ENTERED_BEFORE ? COUNT_DROP_RACE : COUNT_DROP_TABLE_FULL);
	}
	__sync_fetch_and_add(&backend->active, 1);
	__sync_fetch_and_add(&backend->opened, 1);
	connection->flags = CONNECTION_OPEN |
			    (is_upstream(service_number) ? CONNECTION_UPSTREAM : 0);
	packet->generation = generation;
	push_embryo(slot, generation);
	count(service_number, COUNT_OPENED);
	return slot;
}

#endif
