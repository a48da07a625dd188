/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Proxies ask for IP_TRANSPARENT before they bind to a client. The bind is
 * undone, so they have no use for it; of use is IP_BIND_ADDRESS_NO_PORT, which
 * not all of them set: without it the undone bind takes a port at once, which
 * nobody else then gets for whatever destination, and finding a free one takes
 * ever longer. So they get the one in place of the other, and need no
 * privilege either. (bpf_setsockopt() does not know IP_BIND_ADDRESS_NO_PORT.)
 */
#ifndef TRUEPEER_TRANSPARENT_H
#define TRUEPEER_TRANSPARENT_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

#include "kernel.h"

#define SOL_IP 0
#define SOL_IPV6 41
#define IP_TRANSPARENT 19
#define IP_BIND_ADDRESS_NO_PORT 24
#define IPV6_TRANSPARENT 75

/* Listeners for intercepted connections need IP_TRANSPARENT; whatever listens sets SO_REUSEADDR, and first. */
static __always_inline bool may_listen(struct bpf_sockopt *ctx)
{
	struct sock_common *common = NULL;

	/* ctx->sk is of a type that must not be looked into, so its address is read as data. */
	bpf_core_read(&common, sizeof(common), &((struct bpf_sockopt_kern *)ctx)->sk);
	return !common || BPF_CORE_READ_BITFIELD_PROBED(common, skc_reuse);
}

static __always_inline void without_transparency(struct bpf_sockopt *ctx)
{
	int *on = ctx->optval;

	if (!(ctx->level == SOL_IP && ctx->optname == IP_TRANSPARENT) &&
	    !(ctx->level == SOL_IPV6 && ctx->optname == IPV6_TRANSPARENT))
		return;
	if ((void *)(on + 1) > ctx->optval_end || !*on)
		return;
	if (!ctx->sk || ctx->sk->protocol != IPPROTO_TCP || ctx->sk->state != BPF_TCP_CLOSE || may_listen(ctx))
		return;
	/* Volatile keeps clang from merging them into one store, which the verifier refuses. */
	*(volatile __s32 *)&ctx->level = SOL_IP;
	*(volatile __s32 *)&ctx->optname = IP_BIND_ADDRESS_NO_PORT;
}

#endif
