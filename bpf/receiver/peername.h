/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose address getpeername() and accept() answer with. */
#ifndef TRUEPEER_PEERNAME_H
#define TRUEPEER_PEERNAME_H

#include <linux/in.h>

#include "connections.h"
#include "counters.h"
#include "handshake.h"

/*
 * The connection with whose client getpeername() is to answer; NULL where the
 * transport peer is to stay. Counts which.
 */
static __always_inline struct connection *answering(struct bpf_sock_addr *ctx, bool ipv6_socket)
{
	struct counters *counted = own_counters();
	struct connection *connection;

	if (!counted)
		return NULL;
	connection = ctx->sk ? bpf_sk_storage_get(&connections, ctx->sk, NULL, 0) : NULL;
	if (!connection && ctx->sk && ctx->protocol == IPPROTO_MPTCP) {
		await_handshake(ctx);
		connection = bpf_sk_storage_get(&connections, ctx->sk, NULL, 0);
	}
	if (!connection) {
		if (ctx->protocol == IPPROTO_TCP || ctx->protocol == IPPROTO_MPTCP)
			__sync_fetch_and_add(&counted->peername_transport, 1);
		else
			__sync_fetch_and_add(&counted->peername_other, 1);
		return NULL;
	}
	/* An AF_INET socket's address has no room for an IPv6 client. */
	if (!(connection->flags & TRUEPEER_HAS_CLIENT) || (!ipv6_socket && !is_mapped(&connection->client))) {
		__sync_fetch_and_add(&counted->peername_mismatch, 1);
		return NULL;
	}
	__sync_fetch_and_add(&counted->peername_client, 1);
	return connection;
}

#endif
