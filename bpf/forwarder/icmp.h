/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP and ICMPv6 errors about our segments: told to whoever sent the segment
 * first, about the segment as it was sent, in the language of that side.
 */
#ifndef TRUEPEER_FORWARDER_ICMP_H
#define TRUEPEER_FORWARDER_ICMP_H

#include "error.h"
#include "parse.h"
#include "route.h"
#include "send.h"
#include "table.h"
#include "toa_out.h"

static __always_inline bool is_error(const struct packet *packet, __u8 type)
{
	if (packet->is_ipv6)
		return type >= ICMP6_UNREACHABLE && type <= ICMP6_PARAMETER_PROBLEM;
	return type == ICMP_UNREACHABLE || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM;
}

/*
 * Reads an error that arrived into scratch->error, whose ends are still those
 * of the segment as we sent it. False for everything else.
 */
static __always_inline bool read_error(struct xdp_md *ctx, struct packet *packet, struct error *error)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct error_header *header = data + L4(packet);
	struct quoted_tcp *tcp;

	if ((void *)(header + 1) > end || !is_error(packet, header->type))
		return false;
	error->type = header->type;
	error->code = header->code;
	error->mtu = bpf_ntohl(header->rest);
	if (packet->is_ipv6) {
		struct ipv6hdr *quoted = (void *)(header + 1);

		if ((void *)(quoted + 1) + sizeof(*tcp) > end || quoted->nexthdr != IPPROTO_TCP)
			return false;
		__builtin_memcpy(&error->to.address, &quoted->saddr, 16);
		__builtin_memcpy(&error->from.address, &quoted->daddr, 16);
		error->length = bpf_ntohs(quoted->payload_len) + sizeof(*quoted);
		error->ttl = quoted->hop_limit;
		error->id = 0;
		tcp = (void *)(quoted + 1);
	} else {
		struct iphdr *quoted = (void *)(header + 1);

		if ((void *)(quoted + 1) + sizeof(*tcp) > end || quoted->protocol != IPPROTO_TCP ||
		    quoted->version != 4 || quoted->ihl != 5 || quoted->frag_off & bpf_htons(0x1fff))
			return false;
		error->mtu &= 0xffff;
		error->to.address = mapped(quoted->saddr);
		error->from.address = mapped(quoted->daddr);
		error->length = bpf_ntohs(quoted->tot_len);
		error->ttl = quoted->ttl;
		error->id = quoted->id;
		tcp = (void *)(quoted + 1);
	}
	error->to.port = tcp->source_port;
	error->from.port = tcp->destination_port;
	error->sequence = tcp->sequence;
	return true;
}

/* RFC 7915, 4.2, for the errors that TCP meets. */
static __always_inline void error_to_ipv6(struct error *error)
{
	bool prohibited = error->code == 9 || error->code == 10 || error->code == 13 || error->code == 15;

	if (error->type == ICMP_TIME_EXCEEDED) {
		error->type = ICMP6_TIME_EXCEEDED;
		return;
	}
	if (error->type == ICMP_UNREACHABLE && error->code == ICMP_FRAGMENTATION_NEEDED) {
		error->type = ICMP6_PACKET_TOO_BIG;
		error->code = 0;
		return;
	}
	error->code = error->code == 3 ? 4 : prohibited ? 1 : 0;
	error->type = ICMP6_UNREACHABLE;
}

/* RFC 7915, 5.2. */
static __always_inline void error_to_ipv4(struct error *error)
{
	if (error->type == ICMP6_TIME_EXCEEDED) {
		error->type = ICMP_TIME_EXCEEDED;
		return;
	}
	if (error->type == ICMP6_PACKET_TOO_BIG)
		error->code = ICMP_FRAGMENTATION_NEEDED;
	else
		error->code = error->code == 4 ? 3 : error->code == 1 ? 10 : 1;
	error->type = ICMP_UNREACHABLE;
}

/* A parameter problem is one of a header that the other IP version does not have. */
static __always_inline bool is_untranslatable(const struct error *error, const struct packet *packet,
					      const struct way *way)
{
	return packet->is_ipv6 == is_mapped(&way->destination) &&
	       error->type == (packet->is_ipv6 ? ICMP6_PARAMETER_PROBLEM : ICMP_PARAMETER_PROBLEM);
}

/* What the sender's packets may measure when ours may measure that. */
static __always_inline __u32 mtu_for_sender(__u32 mtu, bool from_ipv6, bool to_ipv6, __u32 toa)
{
	/* Routers of the first days do not tell. */
	if (mtu < 68)
		mtu = to_ipv6 ? IPV6_SMALLEST_MTU : 576;
	mtu -= toa;
	if (to_ipv6 && !from_ipv6)
		mtu += sizeof(struct ipv6hdr) - sizeof(struct iphdr);
	if (!to_ipv6 && from_ipv6)
		mtu -= sizeof(struct ipv6hdr) - sizeof(struct iphdr);
	return to_ipv6 && mtu < IPV6_SMALLEST_MTU ? IPV6_SMALLEST_MTU : mtu;
}

/* From what was quoted to what the sender of the segment knows. */
static __always_inline void translate_error(struct error *error, const struct packet *packet,
					    const struct connection *connection, const struct service *service,
					    enum direction direction)
{
	const struct way *way = &connection->to[direction];
	bool to_ipv6 = !is_mapped(&way->destination);
	__u32 toa = direction == TO_CLIENT ? room_for_toa(connection, service) : 0;

	error->to = (struct end){ way->destination, way->destination_port };
	error->from = (struct end){ way->source, way->source_port };
	if (direction == TO_CLIENT)
		error->sequence = bpf_htonl(bpf_ntohl(error->sequence) - connection->sequence_shift);
	error->mtu = mtu_for_sender(error->mtu, packet->is_ipv6, to_ipv6, toa);
	if (to_ipv6 && !packet->is_ipv6) {
		error->length += sizeof(struct ipv6hdr) - sizeof(struct iphdr);
		error_to_ipv6(error);
	} else if (!to_ipv6 && packet->is_ipv6) {
		error->length -= sizeof(struct ipv6hdr) - sizeof(struct iphdr);
		error_to_ipv4(error);
	}
}

/* Translates an error, or leaves the packet to the host. */
__noinline int forward_icmp(struct xdp_md *ctx)
{
	struct scratch *scratch = scratch_of_cpu();
	struct connection *connection;
	const struct egress *egress;
	struct reference reference = {};
	struct tuple answer;
	enum direction direction;
	struct service *service;
	struct packet *packet;
	struct error *error;
	__u32 number, failure, now = now_ticks();
	struct way *way;

	if (!scratch)
		return XDP_PASS;
	packet = &scratch->packet;
	error = &scratch->error;
	if (!read_error(ctx, packet, error))
		return XDP_PASS;
	/* The answer to the segment would come from where it went. */
	answer = (struct tuple){ error->from.address, error->to.address, error->from.port, error->to.port };
	connection = find(&answer, &reference) ? connection_of(&reference) : NULL;
	if (!connection) {
		if (bpf_map_lookup_elem(&addresses, &packet->tuple.local))
			count(0, COUNT_ICMP_PASSED);
		return XDP_PASS;
	}
	direction = direction_of(&reference);
	number = connection->service;
	if (is_untranslatable(error, packet, &connection->to[direction])) {
		count(number, COUNT_ICMP_PASSED);
		return XDP_PASS;
	}
	service = bpf_map_lookup_elem(&services, &number);
	if (!service)
		return drop(number, COUNT_DROP_INTERNAL);
	way = &connection->to[direction];
	if (is_route_due(way, now)) {
		failure = route(ctx, &scratch->fib, way, now);
		if (failure != ROUTED)
			return drop(number, failure);
	}
	egress = egress_of_way(way);
	if (!egress)
		return drop(number, COUNT_DROP_INTERNAL);
	translate_error(error, packet, connection, service, direction);
	__builtin_memcpy(error->to_mac, way->next_mac, ETH_ALEN);
	__builtin_memcpy(error->from_mac, egress->mac, ETH_ALEN);
	error->vlan = egress->vlan;
	if (!write_error(ctx, error))
		return drop(number, COUNT_DROP_NO_HEADROOM);
	count(number, direction == TO_BACKEND ? COUNT_ICMP_TO_BACKEND : COUNT_ICMP_TO_CLIENT);
	return send(ctx, egress);
}

/*
 * Answers the segment in scratch, which outgrows the route: its sender may
 * send packets of that length at most.
 */
__noinline int reply_too_big(struct xdp_md *ctx, __u32 mtu)
{
	struct scratch *scratch = scratch_of_cpu();
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct packet *packet;
	struct error *error;

	if (!scratch || (void *)(eth + 1) + VLAN_HEADER > (void *)(long)ctx->data_end)
		return XDP_DROP;
	packet = &scratch->packet;
	error = &scratch->error;
	__builtin_memcpy(error->to_mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(error->from_mac, eth->h_dest, ETH_ALEN);
	error->vlan = 0;
	if (packet->l3 != sizeof(*eth))
		error->vlan = bpf_ntohs(*(__be16 *)(eth + 1) & ~VLAN_PRIORITY);
	error->to = (struct end){ packet->tuple.remote, packet->tuple.remote_port };
	error->from = (struct end){ packet->tuple.local, packet->tuple.local_port };
	error->sequence = bpf_htonl(packet->sequence);
	error->length = packet->ip_length;
	error->id = 0;
	if (!packet->is_ipv6 &&
	    bpf_xdp_load_bytes(ctx, packet->l3 + offsetof(struct iphdr, id), &error->id, sizeof(error->id)))
		return drop(packet->service, COUNT_DROP_INTERNAL);
	error->ttl = packet->ttl;
	error->mtu = mtu;
	error->type = packet->is_ipv6 ? ICMP6_PACKET_TOO_BIG : ICMP_UNREACHABLE;
	error->code = packet->is_ipv6 ? 0 : ICMP_FRAGMENTATION_NEEDED;
	count(packet->service, COUNT_TOO_BIG);
	return write_error(ctx, error) ? send_back(ctx) : XDP_DROP;
}

#endif
