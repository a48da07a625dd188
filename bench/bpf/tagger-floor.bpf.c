// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that a tagger can do which knows the client of a connection: the
 * same hooks, a bind that is noted in eight bytes and undone, and the choice of
 * the port left to the kernel. It looks at nothing else, writes no option, and
 * does not care whose note it writes over. What the tagger takes beyond that is
 * its own; this is the proxy's system calls, and the kernel's calls of programs.
 */
#include <linux/bpf.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>

#define IP_TRANSPARENT 19
#define IP_BIND_ADDRESS_NO_PORT 24

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define NOTES (1 << 16)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NOTES);
	__type(key, __u32);
	__type(value, __u64);
} notes SEC(".maps");

SEC("cgroup/bind4")
int floor_bind4(struct bpf_sock_addr *ctx)
{
	__u32 at = bpf_get_socket_cookie(ctx) % NOTES;
	__u64 *client = bpf_map_lookup_elem(&notes, &at);

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
