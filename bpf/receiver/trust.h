/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whose TOA is believed. A few networks stand in the settings and are compared
 * one after the other, which takes a tenth of a walk through the tree that
 * holds more of them.
 */
#ifndef TRUEPEER_TRUST_H
#define TRUEPEER_TRUST_H

#include <bpf/bpf_helpers.h>

#include "../receiver.h"
#include "settings.h"

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TRUST_MAX_PREFIXES);
	__type(key, struct trust_key);
	__type(value, __u8);
} trust SEC(".maps");

static __always_inline bool is_within(const struct address *address, const volatile struct network *network)
{
	__u32 differs = 0;

	for (int i = 0; i < 4; i++)
		differs |= (address->word[i] ^ network->address.word[i]) & network->mask.word[i];
	return differs == 0;
}

static __always_inline bool is_trusted(struct bpf_sock_ops *ctx)
{
	struct trust_key key = { .prefix = 128, .address = peer_address(ctx) };

	if (settings.trusted_few == 0)
		return bpf_map_lookup_elem(&trust, &key) != NULL;
	for (int i = 0; i < TRUST_FEW && i < settings.trusted_few; i++)
		if (is_within(&key.address, &settings.trusted[i]))
			return true;
	return false;
}

#endif
