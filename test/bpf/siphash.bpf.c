// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* bpf/forwarder/siphash.h over a message of whole words, and over its beginnings. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../../bpf/forwarder/siphash.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define WORDS 7

struct message {
	__u64 key[2];
	__u64 words[WORDS];
	__u64 hashes[WORDS + 1]; /* by the number of words hashed */
};

SEC("xdp")
int hash_words(struct xdp_md *ctx)
{
	struct message *message = (void *)(long)ctx->data;

	if ((void *)(message + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
#pragma unroll
	for (int count = 0; count <= WORDS; count++)
		message->hashes[count] = siphash(message->key, message->words, count);
	return XDP_PASS;
}
