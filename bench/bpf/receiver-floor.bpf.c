// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that a receiver can do which keeps a client with its socket: the
 * one call that makes storage of eight bytes, and the one that finds them
 * again. What the receiver takes beyond that is its own; this is the kernel's.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} kept SEC(".maps");

SEC("sockops")
int floor_sockops(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB && ctx->sk)
		bpf_sk_storage_get(&kept, ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	return 1;
}

/* Read, as an answer would be, so that the value itself has been fetched; it is 0. */
static __always_inline __u64 kept_value(struct bpf_sock_addr *ctx)
{
	__u64 *value = ctx->sk ? bpf_sk_storage_get(&kept, ctx->sk, NULL, 0) : NULL;

	return value ? *value : 0;
}

SEC("cgroup/getpeername4")
int floor_getpeername4(struct bpf_sock_addr *ctx)
{
	__u64 value = kept_value(ctx);

	if (value)
		ctx->user_port = value;
	return 1;
}

SEC("cgroup/getpeername6")
int floor_getpeername6(struct bpf_sock_addr *ctx)
{
	__u64 value = kept_value(ctx);

	if (value)
		ctx->user_port = value;
	return 1;
}
