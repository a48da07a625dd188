/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writing ICMP and ICMPv6 errors (RFC 792, RFC 4443). They quote a segment's
 * IP header and the 8 bytes behind it, which is what a host needs to find the
 * connection, so that every error has one of two lengths.
 */
#ifndef TRUEPEER_FORWARDER_ERROR_H
#define TRUEPEER_FORWARDER_ERROR_H

#include "checksum.h"
#include "ethernet.h"
#include "reply.h"
#include "scratch.h"

#define ICMP_UNREACHABLE 3
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETER_PROBLEM 12
#define ICMP_FRAGMENTATION_NEEDED 4 /* code of unreachable */
#define ICMP6_UNREACHABLE 1
#define ICMP6_PACKET_TOO_BIG 2
#define ICMP6_TIME_EXCEEDED 3
#define ICMP6_PARAMETER_PROBLEM 4

struct error_header {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest; /* the MTU, where the type has one; 0 else */
};

struct quoted_tcp {
	__be16 source_port;
	__be16 destination_port;
	__be32 sequence;
};

struct error4 {
	struct iphdr ip;
	struct error_header icmp;
	struct iphdr quoted;
	struct quoted_tcp tcp;
};

struct error6 {
	struct ipv6hdr ip;
	struct error_header icmp;
	struct ipv6hdr quoted;
	struct quoted_tcp tcp;
};

static __always_inline void quote_tcp(struct quoted_tcp *tcp, const struct error *error)
{
	tcp->source_port = error->to.port;
	tcp->destination_port = error->from.port;
	tcp->sequence = error->sequence;
}

static __always_inline void fill_error4(struct error4 *packet, const struct error *error)
{
	bool has_mtu = error->type == ICMP_UNREACHABLE && error->code == ICMP_FRAGMENTATION_NEEDED;

	begin_ipv4(&packet->ip, &error->from.address, &error->to.address, IPPROTO_ICMP, sizeof(*packet));
	begin_ipv4(&packet->quoted, &error->to.address, &error->from.address, IPPROTO_TCP, error->length);
	packet->quoted.id = error->id;
	packet->quoted.ttl = error->ttl;
	packet->quoted.check = 0;
	packet->quoted.check = ~fold(sum_words((const __be32 *)&packet->quoted, 5));
	quote_tcp(&packet->tcp, error);
	packet->icmp = (struct error_header){
		.type = error->type,
		.code = error->code,
		.rest = has_mtu ? bpf_htonl(error->mtu & 0xffff) : 0,
	};
	packet->icmp.checksum = ~fold(sum_words((const __be32 *)&packet->icmp, 2 + 5 + 2));
}

static __always_inline void fill_error6(struct error6 *packet, const struct error *error)
{
	const __u32 length = sizeof(*packet) - sizeof(packet->ip);

	begin_ipv6(&packet->ip, &error->from.address, &error->to.address, IPPROTO_ICMPV6, length);
	begin_ipv6(&packet->quoted, &error->to.address, &error->from.address, IPPROTO_TCP,
		   error->length - sizeof(struct ipv6hdr));
	packet->quoted.hop_limit = error->ttl;
	quote_tcp(&packet->tcp, error);
	packet->icmp = (struct error_header){
		.type = error->type,
		.code = error->code,
		.rest = error->type == ICMP6_PACKET_TOO_BIG ? bpf_htonl(error->mtu) : 0,
	};
	packet->icmp.checksum = ~fold(sum_address(&error->from.address) + sum_address(&error->to.address) +
				      bpf_htons(IPPROTO_ICMPV6) + bpf_htons(length) +
				      sum_words((const __be32 *)&packet->icmp, 2 + 10 + 2));
}

/* Gives the frame a length, whatever is in it afterwards. */
static __always_inline bool resize(struct xdp_md *ctx, __u32 length)
{
	long surplus = (long)ctx->data_end - (long)ctx->data - (long)length;

	/* Not every driver lets a frame grow at its end. */
	return surplus >= 0 ? bpf_xdp_adjust_tail(ctx, -surplus) == 0 : bpf_xdp_adjust_head(ctx, surplus) == 0;
}

/* Makes the frame the error that scratch tells of. */
static __always_inline bool write_error(struct xdp_md *ctx, const struct error *error)
{
	bool is_ipv6 = !is_mapped(&error->to.address);
	void *data, *end, *ip;

	if (!resize(ctx, ethernet_length(error->vlan) + (is_ipv6 ? sizeof(struct error6) : sizeof(struct error4))))
		return false;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	ip = write_ethernet(data, end, error->to_mac, error->from_mac, error->vlan, is_ipv6);
	if (!ip)
		return false;
	if (is_ipv6) {
		if (ip + sizeof(struct error6) > end)
			return false;
		fill_error6(ip, error);
	} else {
		if (ip + sizeof(struct error4) > end)
			return false;
		fill_error4(ip, error);
	}
	return true;
}

#endif
