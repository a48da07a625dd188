/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The long way: SYNs, tagged segments, another IP version or VLAN on the other
 * side, unusual options. The headers are saved, the packet's head is moved,
 * and they are written anew.
 */
#ifndef TRUEPEER_FORWARDER_REBUILD_H
#define TRUEPEER_FORWARDER_REBUILD_H

#include "ethernet.h"
#include "options.h"
#include "parse.h"
#include "send.h"

/* What the headers will look like. */
struct plan {
	__u32 toa_length;
	__u32 options_length; /* without TOA */
	bool is_packed;       /* the options are in edit.packed, and not where they were */
	sum_t change;         /* of what the TCP checksum covers, as far as it is known */
};

/* Length of the IP packet that goes out. */
static __always_inline __u32 planned_length(const struct packet *packet, const struct plan *plan, bool to_ipv6)
{
	return ip_header_length(to_ipv6) + sizeof(struct tcphdr) + plan->toa_length + plan->options_length +
	       packet->payload;
}

static __always_inline bool save_headers(struct xdp_md *ctx, struct scratch *scratch)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	const void *ip = data + L3(&scratch->packet), *tcp = data + L4(&scratch->packet);

	/* An IPv4 header and the TCP header behind it are as long. */
	if (ip + sizeof(scratch->ip) > end || tcp + sizeof(scratch->tcp) > end)
		return false;
	__builtin_memcpy(scratch->ip, ip, sizeof(scratch->ip));
	__builtin_memcpy(scratch->tcp, tcp, sizeof(scratch->tcp));
	return true;
}

/* The DiffServ byte, whichever version carried it. */
static __always_inline __u8 traffic_class(const struct scratch *scratch)
{
	return scratch->packet.is_ipv6 ? scratch->ip[0] << 4 | scratch->ip[1] >> 4 : scratch->ip[1];
}

static __always_inline void write_ipv4(struct iphdr *ip, const struct scratch *scratch, const struct way *way,
				       __u16 length)
{
	__be16 *ttl = (__be16 *)&ip->ttl, old;
	sum_t change;

	if (scratch->packet.is_ipv6) {
		/* RFC 7915, 5.1: no IPv6 sender makes packets smaller than that, whatever it is told, so routers may. */
		bool may_fragment = scratch->packet.ip_length <= IPV6_SMALLEST_MTU;

		__builtin_memset(ip, 0, sizeof(*ip));
		ip->version = 4;
		ip->ihl = 5;
		ip->tos = traffic_class(scratch);
		ip->id = may_fragment ? bpf_get_prandom_u32() : 0;
		ip->frag_off = may_fragment ? 0 : DONT_FRAGMENT;
		ip->ttl = scratch->packet.ttl - 1;
		ip->protocol = IPPROTO_TCP;
		ip->tot_len = bpf_htons(length);
		ip->saddr = way->source.word[3];
		ip->daddr = way->destination.word[3];
		ip->check = ~fold(sum_words((const __be32 *)ip, 5));
		return;
	}
	__builtin_memcpy(ip, scratch->ip, sizeof(*ip));
	change = change32(ip->saddr, way->source.word[3]) + change32(ip->daddr, way->destination.word[3]) +
		 change16(ip->tot_len, bpf_htons(length));
	old = *ttl;
	ip->ttl--;
	change += change16(old, *ttl);
	ip->saddr = way->source.word[3];
	ip->daddr = way->destination.word[3];
	ip->tot_len = bpf_htons(length);
	ip->check = checksum_after(ip->check, change);
}

static __always_inline void write_ipv6(struct ipv6hdr *ip, const struct scratch *scratch, const struct way *way,
				       __u16 length)
{
	__u8 class = traffic_class(scratch);

	__builtin_memcpy(ip, scratch->ip, sizeof(*ip));
	if (!scratch->packet.is_ipv6) {
		__builtin_memset(ip, 0, sizeof(*ip));
		((__u8 *)ip)[0] = 6 << 4 | class >> 4;
		((__u8 *)ip)[1] = class << 4;
		ip->nexthdr = IPPROTO_TCP;
	}
	ip->hop_limit = scratch->packet.ttl - 1;
	ip->payload_len = bpf_htons(length - sizeof(*ip));
	__builtin_memcpy(&ip->saddr, &way->source, 16);
	__builtin_memcpy(&ip->daddr, &way->destination, 16);
}

/* The saved TCP header as it goes out. */
static __always_inline void adapt_tcp(struct scratch *scratch, const struct connection *connection,
				      enum direction direction, const struct plan *plan)
{
	const struct way *way = &connection->to[direction];
	const struct packet *packet = &scratch->packet;
	struct tcphdr *tcp = (struct tcphdr *)scratch->tcp;
	__u32 header = sizeof(*tcp) + plan->toa_length + plan->options_length;
	__be16 *offset = (__be16 *)(scratch->tcp + 12), old = *offset;
	sum_t change = plan->change + way->checksum;

	change += shift_numbers(tcp, connection->sequence_shift, direction);
	tcp->doff = header / 4;
	change += change16(old, *offset);
	change += change16(bpf_htons(packet->header + packet->payload), bpf_htons(header + packet->payload));
	tcp->source = way->source_port;
	tcp->dest = way->destination_port;
	tcp->check = checksum_after(tcp->check, change);
}

static __always_inline bool write_headers(struct xdp_md *ctx, struct scratch *scratch, const struct way *way,
					  const struct egress *egress, const struct plan *plan)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *ip, *tcp;
	bool to_ipv6 = !is_mapped(&way->destination);
	__u32 length = planned_length(&scratch->packet, plan, to_ipv6);
	/* The priority is the sender's. */
	__u16 vlan = egress->vlan ? egress->vlan | scratch->packet.priority << 8 : 0;

	ip = write_ethernet(data, end, way->next_mac, egress->mac, vlan, to_ipv6);
	if (!ip)
		return false;
	if (to_ipv6) {
		if (ip + sizeof(struct ipv6hdr) > end)
			return false;
		write_ipv6(ip, scratch, way, length);
		tcp = ip + sizeof(struct ipv6hdr);
	} else {
		if (ip + sizeof(struct iphdr) > end)
			return false;
		write_ipv4(ip, scratch, way, length);
		tcp = ip + sizeof(struct iphdr);
	}
	if (tcp + sizeof(struct tcphdr) > end)
		return false;
	__builtin_memcpy(tcp, scratch->tcp, sizeof(struct tcphdr));
	tcp += sizeof(struct tcphdr);
	if (plan->toa_length == 20) {
		if (tcp + 20 > end)
			return false;
		__builtin_memcpy(tcp, scratch->toa, 20);
	} else if (plan->toa_length == 8) {
		if (tcp + 8 > end)
			return false;
		__builtin_memcpy(tcp, scratch->toa, 8);
	}
	return true;
}

/* Moves the head and writes everything in front of the payload that is not there already. */
static __always_inline bool rebuild(struct xdp_md *ctx, struct scratch *scratch, const struct connection *connection,
				    enum direction direction, const struct egress *egress, const struct plan *plan)
{
	const struct way *way = &connection->to[direction];
	const struct packet *packet = &scratch->packet;
	__u32 new_l4 = ethernet_length(egress->vlan) + ip_header_length(!is_mapped(&way->destination));
	__u32 before = packet->l4 + sizeof(struct tcphdr);
	__u32 after = new_l4 + sizeof(struct tcphdr) + plan->toa_length;
	__u32 packed = plan->options_length;

	if (plan->is_packed) {
		before = packet->l4 + packet->header;
		after += plan->options_length;
	}
	if (bpf_xdp_adjust_head(ctx, (int)before - (int)after))
		return false;
	adapt_tcp(scratch, connection, direction, plan);
	if (!write_headers(ctx, scratch, way, egress, plan))
		return false;
	if (!plan->is_packed)
		return true;
	packed = OPTIONS_LENGTH(packed);
	if (packed < OPTIONS_UNIT)
		return true;
	if (packed > TCP_MAX_OPTIONS)
		return false;
	return bpf_xdp_store_bytes(ctx, after - packed, scratch->edit.packed, packed) == 0;
}

#endif
