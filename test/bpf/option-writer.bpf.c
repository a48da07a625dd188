// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Somebody else's sock_ops program: it writes an option of its own on every segment of outgoing connections. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("sockops")
int option_writer(struct bpf_sock_ops *ctx)
{
	const __u8 option[4] = { 200, sizeof(option), 0x12, 0x34 };

	switch (ctx->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB:
		bpf_sock_ops_cb_flags_set(ctx, ctx->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG);
		break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB: bpf_reserve_hdr_opt(ctx, sizeof(option), 0); break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB: bpf_store_hdr_opt(ctx, option, sizeof(option), 0); break;
	}
	return 1;
}
