/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Answering a segment with a RST, as its destination would (RFC 9293, 3.10.7.1). */
#ifndef TRUEPEER_FORWARDER_REPLY_H
#define TRUEPEER_FORWARDER_REPLY_H

#include "checksum.h"
#include "parse.h"

#define OUR_TTL 64

static __always_inline void swap_macs(struct ethhdr *eth)
{
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
}

static __always_inline sum_t sum_tcp(const struct tcphdr *tcp)
{
	const __be32 *words = (const __be32 *)tcp;

	return sum32(words[0]) + sum32(words[1]) + sum32(words[2]) + sum32(words[3]) + sum32(words[4]);
}

static __always_inline void fill_reset(struct tcphdr *tcp, const struct packet *packet)
{
	__u32 length = packet->payload + !!(packet->flags & TCP_SYN) + !!(packet->flags & TCP_FIN);

	__builtin_memset(tcp, 0, sizeof(*tcp));
	tcp->source = packet->tuple.local_port;
	tcp->dest = packet->tuple.remote_port;
	tcp->doff = sizeof(*tcp) / 4;
	tcp->rst = 1;
	if (packet->flags & TCP_ACK) {
		tcp->seq = bpf_htonl(packet->acknowledgement);
	} else {
		tcp->ack = 1;
		tcp->ack_seq = bpf_htonl(packet->sequence + length);
	}
	tcp->check = ~fold(sum_address(&packet->tuple.local) + sum_address(&packet->tuple.remote) +
			   bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(*tcp)) + sum_tcp(tcp));
}

static __always_inline void fill_ipv4(struct iphdr *ip, const struct packet *packet)
{
	const __be32 *words = (const __be32 *)ip;

	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(struct tcphdr));
	ip->frag_off = bpf_htons(0x4000);
	ip->ttl = OUR_TTL;
	ip->protocol = IPPROTO_TCP;
	ip->saddr = packet->tuple.local.word[3];
	ip->daddr = packet->tuple.remote.word[3];
	ip->check = ~fold(sum32(words[0]) + sum32(words[1]) + sum32(words[2]) + sum32(words[3]) + sum32(words[4]));
}

static __always_inline void fill_ipv6(struct ipv6hdr *ip, const struct packet *packet)
{
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 6;
	ip->payload_len = bpf_htons(sizeof(struct tcphdr));
	ip->nexthdr = IPPROTO_TCP;
	ip->hop_limit = OUR_TTL;
	__builtin_memcpy(&ip->saddr, &packet->tuple.local, 16);
	__builtin_memcpy(&ip->daddr, &packet->tuple.remote, 16);
}

/* Turns the segment into a RST to whoever sent it. A RST is never answered. */
__noinline int reply_reset(struct xdp_md *ctx)
{
	struct scratch *scratch = scratch_of_cpu();
	struct packet *packet;
	struct tcphdr *tcp;
	void *data, *end;
	int surplus;

	if (!scratch)
		return XDP_DROP;
	packet = &scratch->packet;
	if (packet->flags & TCP_RST)
		return XDP_DROP;
	surplus = (int)(ctx->data_end - ctx->data) - packet->l4 - (int)sizeof(*tcp);
	if (surplus > 0 && bpf_xdp_adjust_tail(ctx, -surplus))
		return XDP_DROP;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + sizeof(struct ethhdr) > end)
		return XDP_DROP;
	swap_macs(data);
	if (packet->is_ipv6) {
		struct ipv6hdr *ip = data + L3(packet);

		if ((void *)(ip + 1) + sizeof(*tcp) > end)
			return XDP_DROP;
		fill_ipv6(ip, packet);
		tcp = (void *)(ip + 1);
	} else {
		struct iphdr *ip = data + L3(packet);

		if ((void *)(ip + 1) + sizeof(*tcp) > end)
			return XDP_DROP;
		fill_ipv4(ip, packet);
		tcp = (void *)(ip + 1);
	}
	fill_reset(tcp, packet);
	return XDP_TX;
}

#endif
