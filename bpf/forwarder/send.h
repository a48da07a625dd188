/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a rewritten frame leaves. */
#ifndef TRUEPEER_FORWARDER_SEND_H
#define TRUEPEER_FORWARDER_SEND_H

#include "checksum.h"
#include "count.h"
#include "scratch.h"

static __always_inline const struct egress *egress_of_way(const struct way *way)
{
	__u32 number = way->egress;

	return bpf_map_lookup_elem(&egresses, &number);
}

/* Plain additions: no packet comes in between on this CPU. */
static __always_inline void count_forwarded(const struct connection *connection, enum direction direction, __u32 bytes)
{
	struct forwarder_counters *own = counters_of(connection->service);

	if (!own)
		return;
	own->count[direction == TO_BACKEND ? COUNT_TO_BACKEND : COUNT_TO_CLIENT]++;
	own->count[direction == TO_BACKEND ? COUNT_BYTES_TO_BACKEND : COUNT_BYTES_TO_CLIENT] += bytes;
}

static __always_inline int send(struct xdp_md *ctx, const struct egress *egress)
{
	if (egress->port == ctx->ingress_ifindex && !egress->is_veth)
		return XDP_TX;
	return bpf_redirect(egress->port, 0);
}

/* The sequence numbers a segment leaves with, and what that adds to its checksum. */
static __always_inline sum_t shift_numbers(struct tcphdr *tcp, __u32 sequence_shift, enum direction direction)
{
	__be32 old, new;

	if (direction == TO_BACKEND) {
		old = tcp->seq;
		new = bpf_htonl(bpf_ntohl(old) + sequence_shift);
		tcp->seq = new;
	} else {
		/* Without the flag the field means nothing. */
		if (!tcp->ack)
			return 0;
		old = tcp->ack_seq;
		new = bpf_htonl(bpf_ntohl(old) - sequence_shift);
		tcp->ack_seq = new;
	}
	return change32(old, new);
}

#endif
