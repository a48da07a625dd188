/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One segment of a connection, from one side to the other. */
#ifndef TRUEPEER_FORWARDER_FORWARD_H
#define TRUEPEER_FORWARDER_FORWARD_H

#include "icmp.h"
#include "in_place.h"
#include "rebuild.h"
#include "reply.h"
#include "route.h"
#include "toa_out.h"
#include "track.h"
#include "unsummed.h"

static __always_inline sum_t sum_options(const __u8 options[OPTIONS_BYTES])
{
	return fold(sum_words((const __be32 *)options, TCP_MAX_OPTIONS / 4));
}

#define NO_LIMIT 0xffff

/*
 * What fits through the route: not every client hears of, or cares for, packets
 * that do not.
 */
static __always_inline __u16 mss_of_route(const struct way *way)
{
	__u32 headers = ip_header_length(!is_mapped(&way->destination)) + sizeof(struct tcphdr);

	return way->mtu > headers ? way->mtu - headers : NO_LIMIT;
}

static __always_inline void begin_edit(struct edit *edit, const struct packet *packet,
				       const struct connection *connection, const struct service *service,
				       enum direction direction, __u8 chance)
{
	edit->length = packet->header - sizeof(struct tcphdr);
	edit->packed_length = 0;
	edit->direction = direction;
	edit->is_syn = !!(packet->flags & TCP_SYN);
	edit->sequence_shift = connection->sequence_shift;
	edit->timestamp_shift = connection->timestamp_shift;
	edit->timestamp_base = chance == FORWARDER_TAG_SYN ? connection->timestamp_base : 0;
	edit->mss_most = direction == TO_CLIENT ? mss_of_route(&connection->to[TO_BACKEND]) : NO_LIMIT;
	edit->mss_less = direction == TO_CLIENT ? room_for_toa(connection, service) : 0;
	edit->strip_timestamps = edit->is_syn && service->flags & SERVICE_STRIP_TIMESTAMPS;
	edit->leave_timestamps_out = false;
	edit->scrub = direction == TO_BACKEND;
	edit->take_client = chance &&
			    (connection->flags & (CONNECTION_UPSTREAM | CONNECTION_TOLD)) == CONNECTION_UPSTREAM;
	edit->scrubbed = 0;
	edit->has_client = false;
}

/*
 * Copies a segment's options between the packet and the edit, word by word: the kernel's function that copies any number
 * of bytes takes several times as long, whatever their number.
 */
static __always_inline bool copy_options(struct xdp_md *ctx, const struct packet *packet, struct edit *edit, bool to_edit)
{
	__be32 *word = (void *)(long)ctx->data + L4(packet) + sizeof(struct tcphdr), *of_edit = (__be32 *)edit->options;
	const void *end = (void *)(long)ctx->data_end;

	_Pragma("clang loop unroll(disable)") for (__u32 at = 0; at < TCP_MAX_OPTIONS / 4; at++, word++)
	{
		if (4 * at >= edit->length)
			return true;
		if ((void *)(word + 1) > end)
			return false;
		if (to_edit)
			of_edit[at] = *word;
		else
			*word = of_edit[at];
	}
	return true;
}

/* Finds room for the option among the 40 bytes there are; false where there is none. */
static __always_inline bool make_room(struct edit *edit, const struct service *service, struct plan *plan,
				      __u32 toa_length)
{
	if (edit->length + toa_length <= TCP_MAX_OPTIONS)
		return true;
	pack_options(edit);
	if (edit->packed_length + toa_length > TCP_MAX_OPTIONS && edit->is_syn &&
	    service->flags & SERVICE_YIELD_TIMESTAMPS) {
		edit->leave_timestamps_out = true;
		pack_options(edit);
	}
	if (edit->packed_length + toa_length > TCP_MAX_OPTIONS)
		return false;
	plan->is_packed = true;
	plan->options_length = edit->packed_length;
	return true;
}

/* Not a counter: the option is written, or not wanted here. */
#define NOT_MISSED FORWARDER_COUNTERS

/*
 * Whether an upstream said who the client is. What came with its SYN gives way
 * to what comes with the first segment after that, which stays: not every
 * upstream scrubs its clients' SYNs, or what comes late.
 */
static __always_inline bool is_told(const struct connection *connection)
{
	return connection->flags & (CONNECTION_TOLD_SYN | CONNECTION_TOLD);
}

/* Plans the option for a segment that has a chance to carry it; else the counter that says why not. */
static __always_inline __u32 plan_toa(struct scratch *scratch, const struct connection *connection,
				      const struct service *service, enum direction direction, __u8 chance,
				      struct plan *plan)
{
	const struct way *way = &connection->to[direction];
	const struct packet *packet = &scratch->packet;
	__u32 length;

	if (!(service->tag_on & chance))
		return NOT_MISSED;
	/* Whom an upstream speaks for may come with a later segment; until then nobody knows, and it is not the upstream. */
	if (connection->flags & CONNECTION_UPSTREAM && !is_told(connection)) {
		if (chance != FORWARDER_TAG_SYN)
			count(packet->service, COUNT_NOT_TOLD);
		return NOT_MISSED;
	}
	length = write_toa(scratch->toa, connection, service);
	if (!length)
		return COUNT_NO_KIND;
	if (!make_room(&scratch->edit, service, plan, length))
		return COUNT_NO_ROOM;
	plan->toa_length = length;
	if (way->mtu && planned_length(packet, plan, !is_mapped(&way->destination)) > way->mtu) {
		*plan = (struct plan){ .options_length = scratch->edit.length };
		return COUNT_NO_ROOM_MTU;
	}
	if (plan->is_packed)
		count(packet->service, COUNT_COMPACTED);
	if (scratch->edit.leave_timestamps_out)
		count(packet->service, COUNT_TIMESTAMPS_GIVEN_UP);
	return NOT_MISSED;
}

static __always_inline void note_tagged(struct connection *connection, const struct packet *packet, __u8 chance)
{
	bool syn = chance == FORWARDER_TAG_SYN, data = chance == FORWARDER_TAG_DATA;

	count(packet->service, syn ? COUNT_TAGGED_SYN : data ? COUNT_TAGGED_DATA : COUNT_TAGGED_ACK);
	set_flag(connection, packet, syn  ? CONNECTION_TAGGED_SYN :
				     data ? CONNECTION_TAGGED_DATA :
					    CONNECTION_TAGGED_ACK);
}

/* What an edit found out that outlives the segment. */
static __always_inline void keep_findings(struct connection *connection, const struct packet *packet,
					  const struct edit *edit)
{
	if (has_changed_hands(connection, packet))
		return;
	if (edit->timestamp_base) {
		connection->timestamp_shift = edit->timestamp_shift;
		if (edit->timestamp_shift)
			connection->timestamp_base = 0;
	}
	if (edit->has_client) {
		if (!is_told(connection))
			count(packet->service, COUNT_UPSTREAM);
		connection->client = edit->client;
		connection->client_port = edit->client_port;
		set_flag(connection, packet, edit->is_syn ? CONNECTION_TOLD_SYN : CONNECTION_TOLD);
	} else if (edit->scrubbed && !(connection->flags & CONNECTION_UPSTREAM)) {
		count(packet->service, COUNT_SCRUBBED);
	}
}

/* An upstream's SYN with another number than the first one's may be another client's. */
static __always_inline void forget_client(struct connection *connection, const struct packet *packet)
{
	const struct way *way = &connection->to[TO_CLIENT];

	if (!(packet->flags & TCP_SYN) || !is_told(connection) ||
	    packet->sequence + connection->sequence_shift == connection->isn || has_changed_hands(connection, packet))
		return;
	connection->client = way->destination;
	connection->client_port = way->destination_port;
	clear_flags(connection, packet, CONNECTION_TOLD_SYN | CONNECTION_TOLD);
}

/*
 * Takes one segment the long way. The slot's connection must be the
 * segment's, and its way's next hop known.
 */
__noinline int forward_rebuilt(struct xdp_md *ctx, __u32 slot, __u32 to)
{
	enum direction direction = to & 1;
	struct connection *connection = connection_at(slot);
	struct scratch *scratch = scratch_of_cpu();
	const struct egress *egress;
	struct plan plan = {};
	struct service *service;
	struct packet *packet;
	struct edit *edit;
	__u32 number, missed, length;
	const struct way *way;
	sum_t before;
	__u8 chance;

	if (!connection || !scratch)
		return drop(0, COUNT_DROP_INTERNAL);
	packet = &scratch->packet;
	edit = &scratch->edit;
	way = &connection->to[direction];
	egress = egress_of_way(way);
	number = connection->service;
	service = bpf_map_lookup_elem(&services, &number);
	if (!egress || !service)
		return drop(number, COUNT_DROP_INTERNAL);

	/* A client's SYN was looked at before it opened the connection. */
	if (direction == TO_CLIENT && packet->flags & TCP_SYN && is_unsummed(ctx))
		return drop(number, COUNT_DROP_UNSUMMED);
	chance = direction == TO_BACKEND ? tag_chance(connection, packet) : 0;
	if (direction == TO_BACKEND)
		forget_client(connection, packet);
	begin_edit(edit, packet, connection, service, direction, chance);
	__builtin_memset(edit->options, 0, TCP_MAX_OPTIONS);
	if (!copy_options(ctx, packet, edit, true))
		return drop(number, COUNT_DROP_MALFORMED);
	before = sum_options(edit->options);
	edit_options(edit);
	keep_findings(connection, packet, edit);

	plan.options_length = edit->length;
	missed = chance ? plan_toa(scratch, connection, service, direction, chance, &plan) : NOT_MISSED;
	if (missed != NOT_MISSED) {
		count(number, missed);
		set_flag(connection, packet, CONNECTION_MISSED);
		if (service->flags & SERVICE_MISSING_RESET && is_last_chance(connection, service, chance)) {
			set_flag(connection, packet, CONNECTION_ABORTED);
			count(number, COUNT_RESET_MISSING);
			return reply_reset(ctx);
		}
	}
	length = planned_length(packet, &plan, !is_mapped(&way->destination));
	if (way->mtu && length > way->mtu)
		return reply_too_big(ctx, way->mtu + packet->ip_length - length);

	plan.change = change16(fold(before), sum_options(plan.is_packed ? edit->packed : edit->options));
	if (plan.toa_length)
		plan.change += sum_words((const __be32 *)scratch->toa, sizeof(scratch->toa) / 4);
	if (!plan.is_packed && !copy_options(ctx, packet, edit, false))
		return drop(number, COUNT_DROP_MALFORMED);
	if (!save_headers(ctx, scratch))
		return drop(number, COUNT_DROP_MALFORMED);
	if (!rebuild(ctx, scratch, connection, direction, egress, &plan))
		return drop(number, COUNT_DROP_NO_HEADROOM);
	if (has_changed_hands(connection, packet))
		return drop(number, COUNT_DROP_RACE);
	if (plan.toa_length)
		note_tagged(connection, packet, chance);
	count_forwarded(connection, direction, packet->ip_length);
	return send(ctx, egress);
}

/* What a backend may send, under Fast Open, ahead of its SYN-ACK: it acknowledges the SYN, and no more than came with it. */
#define SYN_PAYLOAD_MAX (1U << 16)

/*
 * Whether a backend that has not answered the SYN speaks of a connection that had this local port before, and that it
 * still believes in, as when nobody was there to reset it. Its numbers, and its data, are not for this client.
 */
static __always_inline bool is_of_former(const struct connection *connection, const struct packet *packet)
{
	return !(connection->flags & CONNECTION_ANSWERED) && !(packet->flags & (TCP_SYN | TCP_RST)) &&
	       packet->acknowledgement - connection->isn - 1 >= SYN_PAYLOAD_MAX;
}

/* Backends open no connections; and Linux takes a SYN-ACK with payload for one that completes the handshake. */
static __always_inline bool is_answer_of_client(const struct packet *packet)
{
	return (packet->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
}

/* Forwards the segment in scratch, which belongs to the connection in the slot. */
static __always_inline int forward(struct xdp_md *ctx, struct packet *packet, struct connection *connection,
				   __u32 slot, enum direction direction)
{
	struct way *way = &connection->to[direction];
	__u32 now = now_ticks(), failure;
	const struct egress *egress;

	packet->service = connection->service;
	if (connection->flags & CONNECTION_ABORTED) {
		if (packet->flags & TCP_RST)
			return drop(packet->service, COUNT_DROP_UNKNOWN_RESET);
		count(packet->service, COUNT_RESET_ABORTED);
		return reply_reset(ctx);
	}
	if (direction == TO_BACKEND && is_answer_of_client(packet))
		return drop(packet->service, COUNT_DROP_MALFORMED);
	if (direction == TO_CLIENT && is_of_former(connection, packet)) {
		count(packet->service, COUNT_RESET_FORMER);
		return reply_reset(ctx);
	}
	if (packet->ttl <= 1)
		return drop(packet->service, COUNT_DROP_TTL);
	if (is_route_due(way, now)) {
		failure = route_connection(ctx, slot, direction, now);
		if (failure != ROUTED)
			return drop(packet->service, failure);
	}
	/* What nobody gets changes nothing. */
	track(connection, packet, direction, now);
	egress = egress_of_way(way);
	if (!egress)
		return drop(packet->service, COUNT_DROP_INTERNAL);
	if (!is_usual(connection, packet, direction, way, egress) ||
	    !rewrite_in_place(ctx, packet, connection, direction, egress))
		return forward_rebuilt(ctx, slot, direction);
	if (has_changed_hands(connection, packet))
		return drop(packet->service, COUNT_DROP_RACE);
	count_forwarded(connection, direction, packet->ip_length);
	return send(ctx, egress);
}

#endif
