// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The forwarder: FullNAT with TOA, in XDP. Of what arrives it takes the
 * segments of its services and of its connections, and leaves the rest to the
 * host untouched.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "forwarder/choose.h"
#include "forwarder/forward.h"
#include "forwarder/open.h"
#include "forwarder/station.h"
#include "forwarder/sweep.h"
#include "forwarder/touch.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Whether the packet is addressed to a service's or a local address. */
static __always_inline bool is_ours(const struct packet *packet)
{
	return bpf_map_lookup_elem(&addresses, &packet->tuple.local);
}

/* A service that cannot take the connection: silence, or a RST. */
static __always_inline int refuse(struct xdp_md *ctx, __u32 service_number, __u32 why)
{
	struct service *service = bpf_map_lookup_elem(&services, &service_number);

	if (why == COUNT_DROP_DOWN && service && service->flags & SERVICE_DOWN_RESET) {
		count(service_number, COUNT_RESET_DOWN);
		return reply_reset(ctx);
	}
	return drop(service_number, why);
}

static __always_inline int forward_new(struct xdp_md *ctx, struct packet *packet)
{
	__u32 service = is_opening(packet) ? packet->service : service_of_packet(), slot;
	struct connection *connection;

	/* What is addressed to a local address may be the host's own; it answers what it does not know. */
	if (!service)
		return XDP_PASS;
	packet->service = service;
	if (!is_to_us(ctx)) {
		count(service, COUNT_MISADDRESSED);
		return XDP_PASS;
	}
	if (packet->flags & TCP_RST)
		return drop(service, COUNT_DROP_UNKNOWN_RESET);
	if (!is_opening(packet)) {
		count(service, COUNT_RESET_UNKNOWN);
		return reply_reset(ctx);
	}
	if (is_unsummed(ctx))
		return drop(service, COUNT_DROP_UNSUMMED);
	slot = open_connection(ctx, service);
	if (slot & OPENING_FAILED)
		return refuse(ctx, service, slot & ~OPENING_FAILED);
	connection = connection_at(slot);
	if (!connection)
		return drop(service, COUNT_DROP_INTERNAL);
	return forward(ctx, packet, connection, slot, TO_BACKEND);
}

/* Whether a client's SYN asks for a connection anew, of which the last one with its port is over. */
static __always_inline bool is_reopened(const struct connection *connection, const struct packet *packet,
					enum direction direction)
{
	return direction == TO_BACKEND && (packet->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	       connection_state(connection->flags) == STATE_CLOSED;
}

static __always_inline int forward_tcp(struct xdp_md *ctx, struct packet *packet)
{
	struct connection *connection;
	struct reference reference = {};
	enum direction direction;
	__u32 slot;

	if (is_opening(packet))
		expect();
	if (!find(&packet->tuple, &reference))
		return forward_new(ctx, packet);
	connection = connection_of(&reference);
	if (!connection)
		return drop(0, COUNT_DROP_RACE);
	slot = slot_of(&reference);
	direction = direction_of(&reference);
	if (is_reopened(connection, packet, direction)) {
		free_slot(slot, reference.generation);
		return forward_new(ctx, packet);
	}
	packet->generation = reference.generation;
	return forward(ctx, packet, connection, slot, direction);
}

SEC("xdp")
int forwarder(struct xdp_md *ctx)
{
	struct scratch *scratch = scratch_of_cpu();
	enum parsed parsed;

	if (!scratch)
		return XDP_PASS;
	parsed = parse(ctx, &scratch->packet);
	if (parsed == PARSED_TCP)
		return forward_tcp(ctx, &scratch->packet);
	if (parsed == PARSED_ICMP)
		return forward_icmp(ctx);
	if (parsed == PARSED_OTHER || !is_ours(&scratch->packet))
		return XDP_PASS;
	return drop(0, parsed == PARSED_FRAGMENT   ? COUNT_DROP_FRAGMENT :
		       parsed == PARSED_IP_OPTIONS ? COUNT_DROP_IP_OPTIONS :
						     COUNT_DROP_MALFORMED);
}
