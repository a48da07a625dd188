/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checksums that the sender left to a network card that is not there. A veth
 * passes such segments on as they are, with the sum of the pseudo-header alone
 * in the checksum's place. Changed like a whole one it would be wrong, and the
 * receiver would drop the segment without a word.
 */
#ifndef TRUEPEER_FORWARDER_UNSUMMED_H
#define TRUEPEER_FORWARDER_UNSUMMED_H

#include <linux/in.h>
#include "checksum.h"
#include "ethernet.h"
#include "scratch.h"

/*
 * Whether the segment in scratch is one of these: a SYN or a SYN-ACK, which
 * tells of all that come the same way. One whole checksum in 65,536 looks the
 * same, so then it is computed; where there is payload, the segment is let pass.
 */
__noinline int is_unsummed(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct scratch *scratch = scratch_of_cpu();
	const struct packet *packet;
	const struct tcphdr *tcp;
	__u32 length;
	sum_t sum;

	if (!scratch)
		return 0;
	packet = &scratch->packet;
	tcp = data + L4(packet);
	if ((const void *)(tcp + 1) > end)
		return 0;
	length = packet->header;
	sum = sum_address(&packet->tuple.remote) + sum_address(&packet->tuple.local) + bpf_htons(IPPROTO_TCP) +
	      bpf_htons(length + packet->payload);
	if (tcp->check != fold(sum) || packet->payload)
		return 0;
	if (length < sizeof(*tcp) || length > sizeof(*tcp) + TCP_MAX_OPTIONS)
		return 0;
	__builtin_memset(scratch->edit.options, 0, OPTIONS_BYTES);
	if (bpf_xdp_load_bytes(ctx, packet->l4, scratch->edit.options, length))
		return 0;
	sum += fold(bpf_csum_diff(NULL, 0, (__be32 *)scratch->edit.options, OPTIONS_BYTES, 0));
	return fold(sum) != 0xffff;
}

#endif
