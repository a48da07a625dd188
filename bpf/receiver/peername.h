/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose address getpeername() and accept() answer with. */
#ifndef TRUEPEER_PEERNAME_H
#define TRUEPEER_PEERNAME_H

#include <linux/in.h>

#include "connections.h"
#include "counters.h"
#include "handshake.h"

/*
 * Whether getpeername() is to answer with a client, and the connection whose it
 * is; if not, the transport peer is to stay. Counts which.
 */
static __always_inline bool answers(struct bpf_sock_addr *ctx, bool ipv6_socket, struct connection *connection)
{
	struct tcp_sock *socket = ctx->sk ? bpf_skc_to_tcp_sock(ctx->sk) : NULL;
	struct counters *counted = own_counters();
	__u64 cookie = cookie_of(socket);
	bool found;

	if (!counted)
		return false;
	/* What is kept of a TCP socket was given a cookie; MPTCP's is no struct tcp_sock. */
	found = ctx->sk && (cookie || !socket) && READ_CONNECTION(ctx->sk, cookie, connection);
	if (!found && ctx->sk && ctx->protocol == IPPROTO_MPTCP) {
		await_handshake(ctx);
		found = read_storage(bpf_sk_storage_get(&connections, ctx->sk, NULL, 0), connection);
	}
	if (!found) {
		if (ctx->protocol == IPPROTO_TCP || ctx->protocol == IPPROTO_MPTCP)
			__sync_fetch_and_add(&counted->peername_transport, 1);
		else
			__sync_fetch_and_add(&counted->peername_other, 1);
		return false;
	}
	/* An AF_INET socket's address has no room for an IPv6 client. */
	if (!(connection->flags & TRUEPEER_HAS_CLIENT) || (!ipv6_socket && !is_mapped(&connection->client))) {
		__sync_fetch_and_add(&counted->peername_mismatch, 1);
		return false;
	}
	__sync_fetch_and_add(&counted->peername_client, 1);
	return true;
}

#endif
