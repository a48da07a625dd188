// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tagger: a program in its cgroup that binds an outgoing socket to a
 * client's address, as proxies do for transparency, says with it who the
 * client is. The bind is taken as that and undone, so the kernel chooses the
 * source address as for any socket, and the client goes into a TOA option.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stddef.h>

#include "tagger/bind.h"
#include "tagger/write.h"
#include "transparent.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("cgroup/bind4")
int tagger_bind4(struct bpf_sock_addr *ctx)
{
	if (take_client(ctx, mapped(ctx->user_ip4))) {
		ctx->user_ip4 = 0;
		ctx->user_port = 0;
	}
	return 1;
}

SEC("cgroup/bind6")
int tagger_bind6(struct bpf_sock_addr *ctx)
{
	struct address client = { { CONTEXT_WORD(ctx->user_ip6[0]), CONTEXT_WORD(ctx->user_ip6[1]),
				    CONTEXT_WORD(ctx->user_ip6[2]), CONTEXT_WORD(ctx->user_ip6[3]) } };

	if (take_client(ctx, client)) {
		/* Volatile keeps clang from merging them into stores the verifier refuses. */
		*(volatile __u32 *)&ctx->user_ip6[0] = 0;
		*(volatile __u32 *)&ctx->user_ip6[1] = 0;
		*(volatile __u32 *)&ctx->user_ip6[2] = 0;
		*(volatile __u32 *)&ctx->user_ip6[3] = 0;
		ctx->user_port = 0;
	}
	return 1;
}

SEC("cgroup/setsockopt")
int tagger_setsockopt(struct bpf_sockopt *ctx)
{
	/* The kernel hands over at most a page, and wants to be told to use the caller's own longer value. */
	if (ctx->optlen > ctx->optval_end - ctx->optval)
		*(volatile __s32 *)&ctx->optlen = 0;
	else
		without_transparency(ctx);
	return 1;
}

SEC("cgroup/getsockname4")
int tagger_getsockname4(struct bpf_sock_addr *ctx)
{
	struct tag *tag = unconnected_tag(ctx);

	if (tag) {
		ctx->user_ip4 = tag->client.word[3];
		ctx->user_port = tag->port;
	}
	return 1;
}

SEC("cgroup/getsockname6")
int tagger_getsockname6(struct bpf_sock_addr *ctx)
{
	struct tag *tag = unconnected_tag(ctx);

	if (tag) {
		ctx->user_ip6[0] = tag->client.word[0];
		ctx->user_ip6[1] = tag->client.word[1];
		ctx->user_ip6[2] = tag->client.word[2];
		ctx->user_ip6[3] = tag->client.word[3];
		ctx->user_port = tag->port;
	}
	return 1;
}

SEC("sockops")
int tagger_sockops(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB: begin(ctx); break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB: reserve(ctx); break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB: write(ctx); break;
	}
	return 1;
}
