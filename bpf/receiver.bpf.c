// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The receiver: reads the TOA option when a connection is established, keeps
 * it with the socket, answers getpeername() and accept() with the client.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

#include "receiver/counters.h"
#include "receiver/establish.h"
#include "receiver/getsockopt.h"
#include "receiver/peername.h"
#include "receiver/settings.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("sockops")
int receiver_sockops(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		establish(ctx);
	else if (ctx->op == BPF_SOCK_OPS_STATE_CB)
		leave_slot(ctx);
	else if (ctx->op == BPF_SOCK_OPS_TCP_CONNECT_CB)
		forget(ctx);
	else if (settings.read_syn && ctx->op == BPF_SOCK_OPS_TCP_LISTEN_CB)
		ask_for_syns(ctx);
	return 1;
}

SEC("cgroup/getpeername4")
int receiver_getpeername4(struct bpf_sock_addr *ctx)
{
	struct connection connection;

	if (answers(ctx, false, &connection)) {
		ctx->user_ip4 = connection.client.word[3];
		ctx->user_port = connection.client_port;
	}
	return 1;
}

SEC("cgroup/getpeername6")
int receiver_getpeername6(struct bpf_sock_addr *ctx)
{
	struct connection connection;

	if (answers(ctx, true, &connection)) {
		ctx->user_ip6[0] = connection.client.word[0];
		ctx->user_ip6[1] = connection.client.word[1];
		ctx->user_ip6[2] = connection.client.word[2];
		ctx->user_ip6[3] = connection.client.word[3];
		ctx->user_port = connection.client_port;
	}
	return 1;
}

/*
 * Runs for every getsockopt() in the cgroup, so everything that is not ours
 * leaves at once.
 */
SEC("cgroup/getsockopt")
int receiver_getsockopt(struct bpf_sockopt *ctx)
{
	enum question question = question_of(ctx->level, ctx->optname);
	struct counters *counted;
	int answered;

	if (question == QUESTION_NONE || !ctx->sk || !is_tcp(ctx->sk)) {
		/*
		 * An answer may be longer than what is handed over of it: at most a page, and no more than the caller
		 * has room for, which is told how long it would have been. Unless told to leave its own answer as it
		 * is, the kernel makes EFAULT of that.
		 */
		if (ctx->optlen > ctx->optval_end - ctx->optval || (!CAN_SET_ERRORS && ctx->retval))
			*(volatile __s32 *)&ctx->optlen = 0;
		return 1;
	}
	answered = answer(ctx, question);
	if (answered >= 0) {
		/* Two stores that clang must not merge into one the verifier refuses. */
		*(volatile __s32 *)&ctx->optlen = answered;
		*(volatile __s32 *)&ctx->retval = 0;
		counted = own_counters();
		if (counted)
			__sync_fetch_and_add(&counted->sockopt_answered, 1);
	} else if (CAN_SET_ERRORS) {
		*(volatile __s32 *)&ctx->retval = answered;
	} else {
		*(volatile __s32 *)&ctx->optlen = 0;
	}
	return 1;
}
