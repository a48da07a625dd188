/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Incremental checksums (RFC 1624). All words are as they lie in memory, in
 * network order: a ones' complement sum does not mind, as long as none is
 * swapped.
 */
#ifndef TRUEPEER_FORWARDER_CHECKSUM_H
#define TRUEPEER_FORWARDER_CHECKSUM_H

#include "../address.h"

/* A sum of 16-bit words that is still to be folded: room for some ten thousand of them. */
typedef __u32 sum_t;

static __always_inline __u16 fold(sum_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static __always_inline sum_t sum32(__be32 word)
{
	return (word & 0xffff) + (word >> 16);
}

/* count must be known when compiling. */
static __always_inline sum_t sum_words(const __be32 *words, int count)
{
	sum_t sum = 0;

#pragma unroll
	for (int word = 0; word < count; word++)
		sum += sum32(words[word]);
	return sum;
}

static __always_inline sum_t sum_address(const struct address *address)
{
	/* The bytes of ::ffff: are in no packet. */
	if (is_mapped(address))
		return sum32(address->word[3]);
	return sum_words(address->word, 4);
}

static __always_inline sum_t change16(__be16 from, __be16 to)
{
	return (__u16)~from + to;
}

static __always_inline sum_t change32(__be32 from, __be32 to)
{
	return sum32(~from) + sum32(to);
}

/* A checksum field after what it covers changed by that sum. */
static __always_inline __u16 checksum_after(__u16 checksum, sum_t change)
{
	return ~fold((__u16)~checksum + fold(change));
}

#endif
