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

/*
 * Records a decision about the completing segment, or the SYN that was loaded.
 * A global function, for the verifier's sake: it is checked once, not once for
 * every way that leads here.
 */
__noinline int record(struct bpf_sock_ops *ctx, __u8 outcome, __u8 option_at, bool of_syn)
{
	struct decision *slot = recorder_begin(is_refusal(outcome) ? RECORDER_REFUSED : RECORDER_OTHERS);
	struct segment segment = {};

	if (!slot)
		return 0;
	if (settings.read_syn && of_syn)
		syn_options(&segment);
	else
		completing_options(ctx, &segment);
	slot->peer = peer_address(ctx);
	slot->local = local_address(ctx);
	slot->peer_port = peer_port(ctx);
	slot->local_port = bpf_htons(ctx->local_port);
	slot->outcome = outcome;
	slot->option_at = option_at;
	slot->options_length = segment.length;
	slot->syn = segment.syn;
	for (int i = 0; i < TCP_MAX_OPTIONS && segment.options; i += 4) {
		if ((const void *)(segment.options + i + 4) > segment.end)
			break;
		__builtin_memcpy(slot->options + i, segment.options + i, 4);
	}
	recorder_end(slot);
	return 0;
}

/* Whether the completing segment held no client that could be believed: then the SYN may name one. */
static __always_inline bool names_nobody(__u8 outcome)
{
	return outcome == OUTCOME_NO_OPTION || outcome == OUTCOME_OTHER_KIND || outcome == OUTCOME_LOOKALIKE;
}

/*
 * Whether a program has the socket already. One that accept() is yet to hand out belongs to nobody; this one was
 * connected, and its peer connected to it at the same moment (a simultaneous open), which ends here, too: nobody is the
 * client of it. MPTCP's subflows are not asked: accept() may have handed out their connection by now.
 */
static __always_inline bool has_program(struct bpf_sock_ops *ctx)
{
	struct tcp_sock *socket = socket_of(ctx);

	return socket && socket->inet_conn.icsk_inet.sk.sk_socket;
}

/* The outcome of a connection, whose client is kept where there is one. */
static __always_inline struct verdict decide(struct bpf_sock_ops *ctx, bool readable, const struct segment *segment)
{
	struct connection connection = {};
	struct segment of_syn = {};
	struct verdict verdict = { .outcome = OUTCOME_NO_OPTION }, by_syn;
	__u32 found = find_completing(ctx);
	struct mptcp_sock *owner = found & FOUND_ALONE ? NULL : mptcp_owner(ctx);

	if (!owner && has_program(ctx))
		return verdict;
	if (owner && is_further_subflow(owner, ctx))
		verdict.outcome = OUTCOME_SUBFLOW;
	else if (readable)
		verdict = judge(ctx, segment, found, settings.completing, &connection);

	if (settings.read_syn && names_nobody(verdict.outcome) && load_syn(ctx) && syn_options(&of_syn)) {
		connection.flags = TRUEPEER_FROM_SYN;
		by_syn = judge(ctx, &of_syn, walk_syn(), settings.syn, &connection);
		if (by_syn.outcome != OUTCOME_NO_OPTION) {
			verdict = by_syn;
			verdict.of_syn = true;
		}
	}
	if (is_kept(verdict.outcome))
		verdict.outcome = keep(ctx, owner, &connection, verdict.outcome);
	return verdict;
}

static __always_inline void establish(struct bpf_sock_ops *ctx)
{
	struct counters *counted = own_counters();
	struct verdict verdict = { .outcome = OUTCOME_NO_OPTION };
	struct segment segment = {};
	bool readable = completing_options(ctx, &segment);

	if (!counted)
		return;
	/* A plain segment completes no handshake of MPTCP either. */
	if (settings.read_syn || !readable || !is_plain_from(&segment, 0))
		verdict = decide(ctx, readable, &segment);
	counted->established++;
	counted->outcomes[verdict.outcome & 31]++;
	if (is_refusal(verdict.outcome) || recorder_followed_until())
		record(ctx, verdict.outcome, verdict.option_at, verdict.of_syn);
}

#endif
