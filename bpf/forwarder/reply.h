/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Answering a segment with a RST, as its destination would (RFC 9293, 3.10.7.1). */
#ifndef TRUEPEER_FORWARDER_REPLY_H
#define TRUEPEER_FORWARDER_REPLY_H

#include "checksum.h"
#include "parse.h"
#include "send.h"

#define OUR_TTL 64

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
			   bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(*tcp)) + sum_words((const __be32 *)tcp, 5));
}

static __always_inline void begin_ipv4(struct iphdr *ip, const struct address *from, const struct address *to,
				       __u8 protocol, __u16 length)
{
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = bpf_htons(length);
	ip->frag_off = DONT_FRAGMENT;
	ip->ttl = OUR_TTL;
	ip->protocol = protocol;
	ip->saddr = from->word[3];
	ip->daddr = to->word[3];
	ip->check = ~fold(sum_words((const __be32 *)ip, 5));
}

/* length is that of what follows the header. */
static __always_inline void begin_ipv6(struct ipv6hdr *ip, const struct address *from, const struct address *to,
				       __u8 next, __u16 length)
{
	__builtin_memset(ip, 0, sizeof(*ip));
	ip->version = 6;
	ip->payload_len = bpf_htons(length);
	ip->nexthdr = next;
	ip->hop_limit = OUR_TTL;
	__builtin_memcpy(&ip->saddr, from, 16);
	__builtin_memcpy(&ip->daddr, to, 16);
}

/* By the interface it came by. */
static __always_inline int send_back(struct xdp_md *ctx)
{
	__u32 ifindex = ctx->ingress_ifindex, *number = bpf_map_lookup_elem(&egress_of, &ifindex);
	const struct egress *egress = number ? bpf_map_lookup_elem(&egresses, number) : NULL;

	return egress ? send(ctx, egress) : XDP_TX;
}

/* Turns the segment into a RST to whoever sent it. A RST is never answered. */
__noinline int reply_reset(struct xdp_md *ctx)
{
	struct scratch *scratch = scratch_of_cpu();
	struct packet *packet;
	struct tcphdr *tcp;
	void *data, *end;
	long surplus;

	if (!scratch)
		return XDP_DROP;
	packet = &scratch->packet;
	if (packet->flags & TCP_RST)
		return XDP_DROP;
	surplus = (long)ctx->data_end - (long)ctx->data - packet->l4 - (long)sizeof(*tcp);
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
		begin_ipv6(ip, &packet->tuple.local, &packet->tuple.remote, IPPROTO_TCP, sizeof(*tcp));
		tcp = (void *)(ip + 1);
	} else {
		struct iphdr *ip = data + L3(packet);

		if ((void *)(ip + 1) + sizeof(*tcp) > end)
			return XDP_DROP;
		begin_ipv4(ip, &packet->tuple.local, &packet->tuple.remote, IPPROTO_TCP,
			   sizeof(*ip) + sizeof(*tcp));
		tcp = (void *)(ip + 1);
	}
	fill_reset(tcp, packet);
	return send_back(ctx);
}

#endif
