/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The socket a program is called for, to look into. */
#ifndef TRUEPEER_SOCKET_H
#define TRUEPEER_SOCKET_H

#include <linux/bpf.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

#include "../kernel.h"

/* NULL for the small sockets that a handshake and TIME_WAIT make do with. */
static __always_inline struct tcp_sock *socket_of(struct bpf_sock_ops *ctx)
{
	return ctx->sk ? bpf_skc_to_tcp_sock(ctx->sk) : NULL;
}

/* 0 for a socket whose cookie nobody has asked for yet, and for none. */
static __always_inline __u64 cookie_of(const struct tcp_sock *socket)
{
	return socket ? socket->inet_conn.icsk_inet.sk.__sk_common.skc_cookie.counter : 0;
}

#endif
