/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One connection, one outcome: judged, kept, counted and, where somebody wants to know, recorded. */
#ifndef TRUEPEER_ESTABLISH_H
#define TRUEPEER_ESTABLISH_H

#include "connections.h"
#include "counters.h"
#include "judge.h"
#include "../recorder.h"
#include "segment.h"

static __always_inline bool is_kept(__u8 outcome)
{
	return outcome == OUTCOME_TAGGED || outcome == OUTCOME_NAT64 || outcome == OUTCOME_VIP_ONLY;
}

static __always_inline bool is_refusal(__u8 outcome)
{
	return outcome > OUTCOME_NO_OPTION && outcome != OUTCOME_SUBFLOW;
}

static __always_inline void record(struct bpf_sock_ops *ctx, const struct segment *segment, struct verdict verdict)
{
	struct decision *slot = recorder_begin(is_refusal(verdict.outcome) ? RECORDER_REFUSED : RECORDER_OTHERS);

	if (!slot)
		return;
	slot->peer = peer_address(ctx);
	slot->local = local_address(ctx);
	slot->peer_port = peer_port(ctx);
	slot->local_port = bpf_htons(ctx->local_port);
	slot->outcome = verdict.outcome;
	slot->option_at = verdict.option_at;
	slot->options_length = segment->length;
	slot->syn = segment->syn;
	for (int i = 0; i < TCP_MAX_OPTIONS && segment->options; i += 4) {
		if ((const void *)(segment->options + i + 4) > segment->end)
			break;
		__builtin_memcpy(slot->options + i, segment->options + i, 4);
	}
	recorder_end(slot);
}

/* Whether the completing segment held no client that could be believed: then the SYN may name one. */
static __always_inline bool names_nobody(__u8 outcome)
{
	return outcome == OUTCOME_NO_OPTION || outcome == OUTCOME_OTHER_KIND || outcome == OUTCOME_LOOKALIKE;
}

static __always_inline void establish(struct bpf_sock_ops *ctx)
{
	struct connection connection = {};
	struct segment segment = {}, of_syn = {};
	struct verdict verdict = { .outcome = OUTCOME_NO_OPTION }, by_syn;
	struct mptcp_sock *owner = mptcp_owner(ctx);
	struct counters *counted = own_counters();

	if (!counted)
		return;
	if (owner && is_further_subflow(owner, ctx))
		verdict.outcome = OUTCOME_SUBFLOW;
	else if (completing_options(ctx, &segment))
		verdict = judge(ctx, &segment, walk_completing(ctx), settings.completing, &connection);

	if (settings.read_syn && names_nobody(verdict.outcome) && load_syn(ctx) && syn_options(&of_syn)) {
		connection.flags = TRUEPEER_FROM_SYN;
		by_syn = judge(ctx, &of_syn, walk_syn(), settings.syn, &connection);
		if (by_syn.outcome != OUTCOME_NO_OPTION) {
			verdict = by_syn;
			segment = of_syn;
		}
	}
	if (is_kept(verdict.outcome))
		verdict.outcome = keep(ctx, owner, &connection, verdict.outcome);

	counted->established++;
	counted->outcomes[verdict.outcome & 31]++;
	record(ctx, &segment, verdict);
}

#endif
