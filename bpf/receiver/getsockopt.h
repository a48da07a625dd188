/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which getsockopt() calls are answered, and with which of the answers of sockopt.h. */
#ifndef TRUEPEER_GETSOCKOPT_H
#define TRUEPEER_GETSOCKOPT_H

#include <bpf/bpf_core_read.h>

#include "connections.h"
#include "sockopt.h"

#define SOCK_STREAM 1

static __always_inline bool is_tcp(const struct bpf_sock *sk)
{
	return sk->type == SOCK_STREAM && (sk->protocol == IPPROTO_TCP || sk->protocol == IPPROTO_MPTCP);
}

static __always_inline bool is_connected(const struct bpf_sock *sk)
{
	return sk->state != BPF_TCP_CLOSE && sk->state != BPF_TCP_LISTEN && sk->state != BPF_TCP_SYN_SENT;
}

static __always_inline __u64 asked_cookie(struct bpf_sockopt *ctx)
{
	struct sock *socket = NULL;

	if (!settings.reads_kernel)
		return 0;
	/* ctx->sk is of a type that must not be looked into, so its address is read as data. */
	bpf_core_read(&socket, sizeof(socket), &((struct bpf_sockopt_kern *)ctx)->sk);
	return BPF_CORE_READ(socket, __sk_common.skc_cookie.counter);
}

/* Bytes of the answer written to the caller's buffer, or a negative errno. */
static __always_inline int answer(struct bpf_sockopt *ctx, enum question question)
{
	struct connection kept, *connection;

	if (!is_connected(ctx->sk))
		return -ENOTCONN;
	connection = READ_CONNECTION(ctx->sk, asked_cookie(ctx), &kept) ? &kept : NULL;
	switch (question) {
	case QUESTION_NAT64: return answer_nat64(ctx, connection);
	case QUESTION_VS4: return answer_vs4(ctx, connection);
	case QUESTION_VS4_RDS: return answer_vs4_rds(ctx, connection);
	case QUESTION_VS6: return answer_vs6(ctx, connection);
	default: return answer_info(ctx, connection);
	}
}

/*
 * Before Linux 5.18 a program can turn an error into success, not into another
 * error; and beside an error the kernel copies zeros over the caller's buffer,
 * for want of an answer, unless the program says that there is nothing to copy.
 */
#define CAN_SET_ERRORS bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_set_retval)

#endif
