// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that a tagger can do which knows the client of a connection: the
 * same hooks, a bind that is kept in eight bytes and undone, and the choice of
 * the port left to the kernel. It looks at nothing else and writes no option.
 * What the tagger takes beyond that is its own; this is the proxy's system
 * calls, the kernel's calls of programs, and its making of storage.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

#define IP_TRANSPARENT 19
#define IP_BIND_ADDRESS_NO_PORT 24

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} kept SEC(".maps");

SEC("cgroup/bind4")
int floor_bind4(struct bpf_sock_addr *ctx)
{
	__u64 *client = ctx->sk ? bpf_sk_storage_get(&kept, ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE) : NULL;

	if (client)
		*client = (__u64)ctx->user_ip4 << 32 | ctx->user_port;
	ctx->user_ip4 = 0;
	ctx->user_port = 0;
	return 1;
}

SEC("cgroup/setsockopt")
int floor_setsockopt(struct bpf_sockopt *ctx)
{
	if (ctx->optname == IP_TRANSPARENT)
		ctx->optname = IP_BIND_ADDRESS_NO_PORT;
	return 1;
}

SEC("sockops")
int floor_sockops(struct bpf_sock_ops *ctx)
{
	(void)ctx;
	return 1;
}
