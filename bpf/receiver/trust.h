/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose TOA is believed. */
#ifndef TRUEPEER_TRUST_H
#define TRUEPEER_TRUST_H

#include <bpf/bpf_helpers.h>

#include "../receiver.h"

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TRUST_MAX_PREFIXES);
	__type(key, struct trust_key);
	__type(value, __u8);
} trust SEC(".maps");

static __always_inline bool is_trusted(struct bpf_sock_ops *ctx)
{
	struct trust_key key = { .prefix = 128, .address = peer_address(ctx) };

	return bpf_map_lookup_elem(&trust, &key) != NULL;
}

#endif
