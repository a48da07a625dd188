/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash that nobody without the key can predict. */
#ifndef TRUEPEER_FORWARDER_SIPHASH_H
#define TRUEPEER_FORWARDER_SIPHASH_H

#include <linux/types.h>

struct siphash {
	__u64 v0, v1, v2, v3;
};

static __always_inline __u64 rotate_left(__u64 value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static __always_inline void siphash_round(struct siphash *state)
{
	state->v0 += state->v1;
	state->v1 = rotate_left(state->v1, 13) ^ state->v0;
	state->v0 = rotate_left(state->v0, 32);
	state->v2 += state->v3;
	state->v3 = rotate_left(state->v3, 16) ^ state->v2;
	state->v0 += state->v3;
	state->v3 = rotate_left(state->v3, 21) ^ state->v0;
	state->v2 += state->v1;
	state->v1 = rotate_left(state->v1, 17) ^ state->v2;
	state->v2 = rotate_left(state->v2, 32);
}

static __always_inline void siphash_word(struct siphash *state, __u64 word)
{
	state->v3 ^= word;
	siphash_round(state);
	siphash_round(state);
	state->v0 ^= word;
}

/*
 * Hashes whole 8-byte words, in little-endian order. count must be known when
 * compiling, so that the loop is unrolled.
 */
static __always_inline __u64 siphash(const __u64 key[2], const __u64 *words, int count)
{
	struct siphash state = {
		.v0 = key[0] ^ 0x736f6d6570736575ULL,
		.v1 = key[1] ^ 0x646f72616e646f6dULL,
		.v2 = key[0] ^ 0x6c7967656e657261ULL,
		.v3 = key[1] ^ 0x7465646279746573ULL,
	};

#pragma unroll
	for (int word = 0; word < count; word++)
		siphash_word(&state, words[word]);
	/* The last word holds what is left, nothing here, below the length in its highest byte. */
	siphash_word(&state, (__u64)(count * 8) << 56);
	state.v2 ^= 0xff;
	for (int round = 0; round < 4; round++)
		siphash_round(&state);
	return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

#endif
