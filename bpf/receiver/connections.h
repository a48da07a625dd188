/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a client is kept: with the socket, to live and die with it. */
#ifndef TRUEPEER_CONNECTIONS_H
#define TRUEPEER_CONNECTIONS_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../kernel.h"
#include "../receiver.h"

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct connection);
} connections SEC(".maps");

/* Whether the kernel has MPTCP, and tells which connection a subflow is of. */
#define KNOWS_MPTCP                                  \
	(bpf_core_type_exists(struct mptcp_sock) && \
	 bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_skc_to_mptcp_sock))

/*
 * accept() on an MPTCP listener hands out the MPTCP socket, not the subflow
 * that was established here, so that is where the client must be kept. NULL
 * for plain TCP, and on kernels that cannot tell.
 */
static __always_inline struct mptcp_sock *mptcp_owner(struct bpf_sock_ops *ctx)
{
	return KNOWS_MPTCP && ctx->sk ? bpf_skc_to_mptcp_sock(ctx->sk) : NULL;
}

static __always_inline bool is_first_subflow(struct mptcp_sock *owner, struct bpf_sock_ops *ctx)
{
	return (void *)owner->first == (void *)ctx->sk;
}

/* Only the first subflow speaks for the connection: a later one must not change what accept() has said. */
static __always_inline bool is_further_subflow(struct mptcp_sock *owner, struct bpf_sock_ops *ctx)
{
	void *first = owner->first;

	return first && first != (void *)ctx->sk;
}

static __always_inline __u8 keep(struct bpf_sock_ops *ctx, struct mptcp_sock *owner, struct connection *connection,
				 __u8 outcome)
{
	void *kept = NULL;

	connection->established_ns = bpf_ktime_get_boot_ns();
	if (owner)
		kept = bpf_sk_storage_get(&connections, owner, connection, BPF_SK_STORAGE_GET_F_CREATE);
	else if (ctx->sk)
		kept = bpf_sk_storage_get(&connections, ctx->sk, connection, BPF_SK_STORAGE_GET_F_CREATE);
	return kept ? outcome : OUTCOME_NO_MEMORY;
}

/* A socket may be dissolved from its client (connect(), AF_UNSPEC) and then connect to somebody else. */
static __always_inline void forget(struct bpf_sock_ops *ctx)
{
	struct mptcp_sock *owner = mptcp_owner(ctx);

	/* Further subflows are opened in the midst of a connection, whose client stays. */
	if (owner && is_first_subflow(owner, ctx))
		bpf_sk_storage_delete(&connections, owner);
	else if (!owner && ctx->sk)
		bpf_sk_storage_delete(&connections, ctx->sk);
}

#endif
