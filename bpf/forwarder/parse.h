/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From a frame to struct packet. */
#ifndef TRUEPEER_FORWARDER_PARSE_H
#define TRUEPEER_FORWARDER_PARSE_H

#include <linux/in.h>
#include "count.h"
#include "ethernet.h"
#include "scratch.h"

#define FRAGMENT_BITS bpf_htons(0x3fff) /* more fragments, and the offset */
#define DONT_FRAGMENT bpf_htons(0x4000)

#define IPV6_SMALLEST_MTU 1280

enum parsed {
	PARSED_TCP,
	PARSED_ICMP,  /* ICMP, ICMPv6: l3, l4, ip_length, the tuple's addresses and is_ipv6 are filled in */
	PARSED_OTHER, /* none of ours: leave it to the host */
	/* What cannot be forwarded; ours to drop where it is addressed to us. */
	PARSED_FRAGMENT,
	PARSED_IP_OPTIONS,
	PARSED_MALFORMED,
};

static __always_inline enum parsed parse_tcp(struct packet *packet, const void *data, const void *end)
{
	const struct tcphdr *tcp = data + L4(packet);
	__u32 ip_header = ip_header_length(packet->is_ipv6);

	if ((const void *)(tcp + 1) > end)
		return PARSED_MALFORMED;
	packet->header = tcp->doff * 4;
	if (packet->header < sizeof(*tcp) || ip_header + packet->header > packet->ip_length)
		return PARSED_MALFORMED;
	packet->payload = packet->ip_length - ip_header - packet->header;
	packet->tuple.remote_port = tcp->source;
	packet->tuple.local_port = tcp->dest;
	packet->sequence = bpf_ntohl(tcp->seq);
	packet->acknowledgement = bpf_ntohl(tcp->ack_seq);
	packet->flags = ((const __u8 *)tcp)[13];
	return PARSED_TCP;
}

static __always_inline enum parsed parse_ipv4(struct packet *packet, const void *data, const void *end)
{
	const struct iphdr *ip = data + L3(packet);

	if ((const void *)(ip + 1) > end || ip->version != 4)
		return PARSED_OTHER;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_ICMP)
		return PARSED_OTHER;
	packet->is_ipv6 = false;
	packet->tuple.remote = mapped(ip->saddr);
	packet->tuple.local = mapped(ip->daddr);
	packet->ip_length = bpf_ntohs(ip->tot_len);
	packet->ttl = ip->ttl;
	packet->l4 = packet->l3 + sizeof(*ip);
	if (ip->frag_off & FRAGMENT_BITS)
		return ip->protocol == IPPROTO_ICMP ? PARSED_OTHER : PARSED_FRAGMENT;
	if (ip->ihl != 5)
		return ip->protocol == IPPROTO_ICMP ? PARSED_OTHER : PARSED_IP_OPTIONS;
	if (packet->ip_length < sizeof(*ip) || packet->ip_length > end - (const void *)ip)
		return PARSED_MALFORMED;
	return ip->protocol == IPPROTO_TCP ? parse_tcp(packet, data, end) : PARSED_ICMP;
}

/* Extension headers that may stand in front of TCP, by their numbers. */
static __always_inline bool is_ipv6_extension(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS ||
	       next == IPPROTO_FRAGMENT;
}

#define EXTENSIONS_MAX 4

/* Whether TCP comes behind extension headers, as far as can be told. */
static __always_inline bool is_tcp_behind(const void *data, const void *end, __u32 at, __u8 next)
{
	for (int extension = 0; extension < EXTENSIONS_MAX && is_ipv6_extension(next); extension++) {
		const __u8 *header = data + (at & 0x3fff);

		if ((const void *)(header + 8) > end)
			return false;
		at += next == IPPROTO_FRAGMENT ? 8 : 8 + 8 * header[1];
		next = header[0];
	}
	return next == IPPROTO_TCP || is_ipv6_extension(next);
}

static __always_inline enum parsed parse_ipv6(struct packet *packet, const void *data, const void *end)
{
	const struct ipv6hdr *ip = data + L3(packet);

	if ((const void *)(ip + 1) > end || ip->version != 6)
		return PARSED_OTHER;
	packet->is_ipv6 = true;
	__builtin_memcpy(&packet->tuple.remote, &ip->saddr, 16);
	__builtin_memcpy(&packet->tuple.local, &ip->daddr, 16);
	/* Its own notation here means IPv4; on the wire it is nobody's address. */
	if (is_mapped(&packet->tuple.remote) || is_mapped(&packet->tuple.local))
		return PARSED_OTHER;
	packet->ip_length = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	packet->ttl = ip->hop_limit;
	packet->l4 = packet->l3 + sizeof(*ip);
	if (is_ipv6_extension(ip->nexthdr) && !is_tcp_behind(data, end, packet->l4, ip->nexthdr))
		return PARSED_OTHER;
	if (ip->nexthdr == IPPROTO_FRAGMENT)
		return PARSED_FRAGMENT;
	if (is_ipv6_extension(ip->nexthdr))
		return PARSED_IP_OPTIONS;
	if (ip->nexthdr != IPPROTO_TCP && ip->nexthdr != IPPROTO_ICMPV6)
		return PARSED_OTHER;
	if (packet->ip_length > end - (const void *)ip)
		return PARSED_MALFORMED;
	return ip->nexthdr == IPPROTO_TCP ? parse_tcp(packet, data, end) : PARSED_ICMP;
}

static __always_inline enum parsed parse(struct xdp_md *ctx, struct packet *packet)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	const struct ethhdr *eth = data;
	__be16 type;

	if ((const void *)(eth + 1) > end)
		return PARSED_OTHER;
	/* What a switch floods is addressed to somebody else, or to everybody. */
	if (eth->h_dest[0] & 1)
		return PARSED_OTHER;
	packet->service = 0;
	packet->l3 = sizeof(*eth);
	packet->priority = 0;
	type = eth->h_proto;
	if (type == bpf_htons(ETH_P_8021Q)) {
		if ((const void *)(eth + 1) + VLAN_HEADER > end)
			return PARSED_OTHER;
		type = *(const __be16 *)((const void *)(eth + 1) + 2);
		packet->l3 += VLAN_HEADER;
		packet->priority = *(const __u8 *)(eth + 1) & 0xf0;
	}
	if (type == bpf_htons(ETH_P_IP))
		return parse_ipv4(packet, data, end);
	if (type == bpf_htons(ETH_P_IPV6))
		return parse_ipv6(packet, data, end);
	return PARSED_OTHER;
}

#endif
