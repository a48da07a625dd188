// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Somebody else's sock_ops program, which keeps the end of every handshake from the programs behind it for a while. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Some 10 us. */
#define ROUNDS 400

SEC("sockops")
int slow_handshake(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		for (int i = 0; i < ROUNDS; i++)
			bpf_ktime_get_ns();
	return 1;
}
