/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who a socket's client is: what a bind says, and what it means instead. */
#ifndef TRUEPEER_TAGGER_BIND_H
#define TRUEPEER_TAGGER_BIND_H

#include <linux/in.h>

#include "../kernel.h"
#include "../local_address.h"
#include "maps.h"

#define SOCK_STREAM 1

static __always_inline bool is_wildcard(const struct address *address)
{
	return (is_mapped(address) || address->word[2] == 0) && address->word[0] == 0 && address->word[1] == 0 &&
	       address->word[3] == 0;
}

/*
 * Whether the kernel takes the address of a bind for one of the socket's family: 0.0.0.0 may be without any, for the
 * sake of old programs.
 */
static __always_inline bool is_of_family(const struct bpf_sock_addr *ctx, const struct address *address)
{
	if (ctx->user_family == AF_UNSPEC && ctx->family == AF_INET)
		return is_wildcard(address);
	return ctx->user_family == ctx->family;
}

/* Whether the kernel refuses every bind of the socket: it is bound to a port, or connected. */
static __always_inline bool is_bound(const struct bpf_sock *sk)
{
	return sk->state != BPF_TCP_CLOSE || sk->src_port != 0;
}

/*
 * Whether the socket shares its port with others (SO_REUSEPORT), as listeners do. There are some on addresses that the
 * host does not have, or not yet: net.ipv4.ip_nonlocal_bind, IP_FREEBIND, IP_TRANSPARENT.
 */
static __always_inline bool shares_port(struct bpf_sock *sk)
{
	struct tcp_sock *socket = bpf_skc_to_tcp_sock(sk);

	return socket && BPF_CORE_READ_BITFIELD_PROBED(&socket->inet_conn.icsk_inet.sk.__sk_common, skc_reuseport);
}

/*
 * Keeps the address of a bind as the socket's client; false where the bind is
 * to be left alone: a listener's, or one that chooses among own addresses.
 */
static __always_inline bool take_client(struct bpf_sock_addr *ctx, struct address client)
{
	struct tag tag = { .bound_ns = bpf_ktime_get_boot_ns(), .client = client, .port = ctx->user_port };

	if (ctx->type != SOCK_STREAM || ctx->protocol != IPPROTO_TCP || !ctx->sk || is_bound(ctx->sk))
		return false;
	/* The kernel will refuse it. */
	if (!is_of_family(ctx, &client))
		return false;
	/* A bind that was undone does not keep the kernel from taking another, and then that one counts. */
	bpf_sk_storage_delete(&tags, ctx->sk);
	if (is_wildcard(&client))
		return false;
	if (!settings.take_local) {
		switch (is_local(ctx, &client)) {
		case LOCAL_YES: COUNT(binds_local); return false;
		case LOCAL_UNKNOWN: COUNT(binds_unchecked); return false;
		case LOCAL_NO: break;
		}
		if (shares_port(ctx->sk))
			return false;
	}
	if (!bpf_sk_storage_get(&tags, ctx->sk, &tag, BPF_SK_STORAGE_GET_F_CREATE)) {
		COUNT(binds_no_memory);
		return false;
	}
	COUNT(binds);
	return true;
}

/*
 * Until it connects, the socket says it is bound where the program bound it:
 * some (Node) look, and give up when the port is not theirs. One that was
 * connected still has its peer's port.
 */
static __always_inline struct tag *unconnected_tag(struct bpf_sock_addr *ctx)
{
	if (ctx->protocol != IPPROTO_TCP || !ctx->sk || ctx->sk->state != BPF_TCP_CLOSE || ctx->sk->dst_port)
		return NULL;
	return bpf_sk_storage_get(&tags, ctx->sk, NULL, 0);
}

#endif
