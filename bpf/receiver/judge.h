/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the options of one segment to a verdict about the client they name. */
#ifndef TRUEPEER_JUDGE_H
#define TRUEPEER_JUDGE_H

#include "decode.h"
#include "segment.h"
#include "settings.h"
#include "trust.h"

struct verdict {
	__u8 outcome;
	__u8 option_at;
	bool of_syn; /* it is about the SYN */
};

/* What the options of one segment say about the client; fills `to` where the outcome is worth keeping. */
static __always_inline struct verdict judge(struct bpf_sock_ops *ctx, const struct segment *segment, __u32 walked,
					    const volatile __u16 *rules, struct connection *to)
{
	struct toa_found found = toa_unpack(walked);
	struct verdict verdict = { .option_at = found.at };
	__u32 at, vip_at;

	switch (found.verdict) {
	case TOA_NONE: verdict.outcome = OUTCOME_NO_OPTION; return verdict;
	case TOA_OTHER_KIND: verdict.outcome = OUTCOME_OTHER_KIND; return verdict;
	case TOA_LOOKALIKE: verdict.outcome = OUTCOME_LOOKALIKE; return verdict;
	case TOA_MALFORMED: verdict.outcome = OUTCOME_MALFORMED; return verdict;
	}
	if (!is_trusted(ctx)) {
		verdict.outcome = OUTCOME_UNTRUSTED;
		return verdict;
	}

	verdict.outcome = OUTCOME_MALFORMED;
	at = toa_offset(found.at);
	if (at >= TCP_MAX_OPTIONS)
		return verdict;
	to->client_port = peer_port(ctx);
	if (!decode_option(segment->options + at, segment->end, found.format, to))
		return verdict;
	if (!(to->flags & TRUEPEER_HAS_CLIENT)) {
		verdict.outcome = OUTCOME_VIP_ONLY;
		return verdict;
	}
	if (to->client_port == 0 || (is_ipv6_format(found.format) && is_mapped(&to->client)) ||
	    is_impossible_client(&to->client, settings.refuse_loopback, settings.refuse_private)) {
		verdict.outcome = OUTCOME_BAD_CLIENT;
		return verdict;
	}
	vip_at = toa_offset(toa_vip_behind(segment->options, segment->length, segment->end, at + to->length, rules));
	if (vip_at && vip_at <= TCP_MAX_OPTIONS - 8)
		decode_vip(segment->options + vip_at, segment->end, to);

	verdict.outcome = OUTCOME_TAGGED;
	if (ctx->family == AF_INET && !is_mapped(&to->client)) {
		to->flags |= TRUEPEER_NAT64;
		verdict.outcome = OUTCOME_NAT64;
	}
	return verdict;
}

#endif
