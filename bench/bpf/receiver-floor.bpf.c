// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What else there is to keep a connection's client in: eight bytes that are kept
 * when it is established, and found again. With the socket itself, or in a table
 * by the socket's cookie, where they have to be taken out when it closes.
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

/* Whose entries exist beforehand, which is the faster sort; as many as a busy server has sockets. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 20);
	__type(key, __u64);
	__type(value, __u64);
} table SEC(".maps");

SEC("sockops")
int storage_sockops(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB && ctx->sk)
		bpf_sk_storage_get(&kept, ctx->sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	return 1;
}

SEC("sockops")
int table_sockops(struct bpf_sock_ops *ctx)
{
	__u64 cookie, value = 0;

	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) {
		cookie = bpf_get_socket_cookie(ctx);
		bpf_map_update_elem(&table, &cookie, &value, BPF_ANY);
		bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_STATE_CB_FLAG);
	} else if (ctx->op == BPF_SOCK_OPS_STATE_CB && ctx->args[1] == BPF_TCP_CLOSE) {
		cookie = bpf_get_socket_cookie(ctx);
		bpf_map_delete_elem(&table, &cookie);
	}
	return 1;
}

/* Read, as an answer would be, so that the value itself has been fetched; it is 0. */
static __always_inline int answer(struct bpf_sock_addr *ctx, const __u64 *value)
{
	if (value && *value)
		ctx->user_port = *value;
	return 1;
}

static __always_inline const __u64 *of_storage(struct bpf_sock_addr *ctx)
{
	return ctx->sk ? bpf_sk_storage_get(&kept, ctx->sk, NULL, 0) : NULL;
}

static __always_inline const __u64 *of_table(struct bpf_sock_addr *ctx)
{
	__u64 cookie = bpf_get_socket_cookie(ctx);

	return bpf_map_lookup_elem(&table, &cookie);
}

SEC("cgroup/getpeername4")
int storage_getpeername4(struct bpf_sock_addr *ctx)
{
	return answer(ctx, of_storage(ctx));
}

SEC("cgroup/getpeername6")
int storage_getpeername6(struct bpf_sock_addr *ctx)
{
	return answer(ctx, of_storage(ctx));
}

SEC("cgroup/getpeername4")
int table_getpeername4(struct bpf_sock_addr *ctx)
{
	return answer(ctx, of_table(ctx));
}

SEC("cgroup/getpeername6")
int table_getpeername6(struct bpf_sock_addr *ctx)
{
	return answer(ctx, of_table(ctx));
}
