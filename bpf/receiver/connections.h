/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a client is kept: in a slot as long as its socket can be asked for it, or in the socket's storage, which lives
 * and dies with the socket. MPTCP's is there always: its own socket closes without a word to us.
 */
#ifndef TRUEPEER_CONNECTIONS_H
#define TRUEPEER_CONNECTIONS_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../kernel.h"
#include "../receiver.h"
#include "settings.h"
#include "slots.h"

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

static __always_inline bool keep_in_storage(struct bpf_sock_ops *ctx, struct connection *connection)
{
	return ctx->sk && bpf_sk_storage_get(&connections, ctx->sk, connection, BPF_SK_STORAGE_GET_F_CREATE);
}

/*
 * Since Linux 5.16 getpeername() holds the socket's lock, so that none closes, and leaves its slot, between the question
 * and the answer. A helper that is as old tells. Programs that must not read the kernel's memory cannot tell by a
 * getsockopt() whose slot to look for.
 */
#define HAS_SLOTS \
	(settings.reads_kernel && bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_skc_to_unix_sock))

static __always_inline bool keep_in_slot(struct bpf_sock_ops *ctx, __u64 cookie, const struct connection *connection)
{
	if (!HAS_SLOTS || !take_slot(socket_of(ctx), cookie, connection))
		return false;
	/* Other programs may have asked for more. */
	bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_STATE_CB_FLAG);
	return true;
}

static __always_inline __u8 keep(struct bpf_sock_ops *ctx, struct mptcp_sock *owner, struct connection *connection,
				 __u8 outcome)
{
	__u64 cookie;
	bool kept;

	connection->established_ns = bpf_ktime_get_boot_ns();
	if (owner) {
		kept = bpf_sk_storage_get(&connections, owner, connection, BPF_SK_STORAGE_GET_F_CREATE);
	} else {
		/* Asked for in any case: getpeername() takes a socket without one for one that nothing is kept of. */
		cookie = bpf_get_socket_cookie(ctx);
		kept = keep_in_slot(ctx, cookie, connection) || keep_in_storage(ctx, connection);
	}
	return kept ? outcome : OUTCOME_NO_MEMORY;
}

static __always_inline struct slot *own_slot(struct bpf_sock_ops *ctx)
{
	__u64 cookie = cookie_of(socket_of(ctx));
	struct slot *slot = cookie ? slot_of(cookie) : NULL;

	return slot && slot->owner == cookie ? slot : NULL;
}

/*
 * Whether anybody may still want to know the client of a socket that is closed. Its program may not: getpeername() and
 * getsockopt() fail then. But accept() hands out a socket that was reset before, and tells whose it was.
 */
static __always_inline bool awaits_accept(struct bpf_sock_ops *ctx, const struct slot *slot)
{
	struct tcp_sock *socket = socket_of(ctx);
	unsigned long dead = 1UL << bpf_core_enum_value(enum sock_flags, SOCK_DEAD);

	return slot->asked != mark_of(slot->owner) && socket &&
	       !(socket->inet_conn.icsk_inet.sk.__sk_common.skc_flags & dead);
}

/* A slot is free when its socket has closed. */
static __always_inline void leave_slot(struct bpf_sock_ops *ctx)
{
	struct slot *slot = ctx->args[1] == BPF_TCP_CLOSE ? own_slot(ctx) : NULL;

	if (slot && (!awaits_accept(ctx, slot) || keep_in_storage(ctx, &slot->connection)))
		free_slot(slot);
}

/* A socket may be dissolved from its client (connect(), AF_UNSPEC) and then connect to somebody else. */
static __always_inline void forget(struct bpf_sock_ops *ctx)
{
	struct mptcp_sock *owner = mptcp_owner(ctx);
	struct slot *slot = own_slot(ctx);

	if (slot)
		free_slot(slot);
	/* Further subflows are opened in the midst of a connection, whose client stays. */
	if (owner && is_first_subflow(owner, ctx))
		bpf_sk_storage_delete(&connections, owner);
	else if (!owner && ctx->sk)
		bpf_sk_storage_delete(&connections, ctx->sk);
}

static __always_inline bool read_storage(const struct connection *kept, struct connection *to)
{
	if (kept)
		*to = *kept;
	return kept;
}

/* Whether something is kept of a socket with this cookie, and what. A macro, for sockets of any type. */
#define READ_CONNECTION(socket, cookie, to) \
	(read_slot(cookie, to) || read_storage(bpf_sk_storage_get(&connections, socket, NULL, 0), to))

#endif
