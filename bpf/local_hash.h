/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's own tables of a network namespace's addresses (IPv4 since
 * Linux 6.13, IPv6 since 5.17), where one is found at once.
 *
 * Which bucket an address is in is the kernel's business: it has changed
 * before (IPv6 in 6.13) without a trace in BTF. So a table is asked only once
 * it is proven that we know: a good many times in a row an address was found as
 * the host's own by walking over its interfaces, and the table said so, too. It
 * may be the same each time. One entry in a bucket that is not its own, and the
 * proof starts over.
 */
#ifndef TRUEPEER_LOCAL_HASH_H
#define TRUEPEER_LOCAL_HASH_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "address.h"
#include "kernel.h"

/* Agreements in a row that make a proof. */
#define HASH_PROVEN 64
/* Entries of a bucket visited at the most. */
#define HASH_MAX_CHAIN 64
#define HASH_BITS 8

enum local_answer { LOCAL_NO, LOCAL_YES, LOCAL_UNKNOWN };

/* How a bucket is chosen. */
enum local_hash { HASH_IPV4, HASH_IPV6_FOLDED, HASH_IPV6_JENKINS, HASH_COUNT };

/* The latest agreements in a row. Increments that get lost do no harm. */
__u32 hash_agreed[HASH_COUNT];

static __always_inline bool is_proven(enum local_hash hash)
{
	return hash_agreed[hash] >= HASH_PROVEN;
}

/* Counts what a table said about an address that is the host's own. */
static __always_inline void hash_told(enum local_hash hash, enum local_answer answer)
{
	hash_agreed[hash] = answer == LOCAL_YES ? hash_agreed[hash] + 1 : 0;
}

static __always_inline __u32 rotated(__u32 word, __u32 by)
{
	return word << by | word >> (32 - by);
}

/* Jenkins' lookup3, as the kernel has it in linux/jhash.h. */
#define JENKINS_SEED(words) (0xdeadbeef + (words) * sizeof(__u32))

static __always_inline __u32 jenkins_final(__u32 a, __u32 b, __u32 c)
{
	c = (c ^ b) - rotated(b, 14);
	a = (a ^ c) - rotated(c, 11);
	b = (b ^ a) - rotated(a, 25);
	c = (c ^ b) - rotated(b, 16);
	a = (a ^ c) - rotated(c, 4);
	b = (b ^ a) - rotated(a, 14);
	return (c ^ b) - rotated(b, 24);
}

static __always_inline __u32 jenkins_word(__u32 word, __u32 seed)
{
	seed += JENKINS_SEED(1);
	return jenkins_final(word + seed, seed, seed);
}

static __always_inline __u32 jenkins_words(const __u32 word[4], __u32 seed)
{
	__u32 a, b, c;

	seed += JENKINS_SEED(4);
	a = seed + word[0], b = seed + word[1], c = seed + word[2];
	a = (a - c) ^ rotated(c, 4), c += b;
	b = (b - a) ^ rotated(a, 6), a += c;
	c = (c - b) ^ rotated(b, 8), b += a;
	a = (a - c) ^ rotated(c, 16), c += b;
	b = (b - a) ^ rotated(a, 19), a += c;
	c = (c - b) ^ rotated(b, 4), b += a;
	return jenkins_final(a + word[3], b, c);
}

/* Of IPv4 addresses only the last word counts. */
static __always_inline __u32 bucket_of(enum local_hash hash, const struct address *address, __u32 seed)
{
	const __be32 *word = address->word;
	__u32 value;

	switch (hash) {
	case HASH_IPV4: value = jenkins_word(word[3], seed); break;
	case HASH_IPV6_FOLDED: value = word[0] ^ word[1] ^ word[2] ^ word[3] ^ seed; break;
	default: value = jenkins_words(word, seed); break;
	}
	/* hash_32(): by 2^32 over the golden ratio. */
	return value * 0x61c88647 >> (32 - HASH_BITS);
}

/* What a table says about an address. An entry's own address is `at` bytes from the entry, and takes `size` bytes. */
static __always_inline enum local_answer hash_find(enum local_hash hash, struct net *net, struct hlist_head *table,
						   const struct address *wanted, long at, __u32 size)
{
	__u32 seed = BPF_CORE_READ(net, hash_mix);
	__u32 bucket = bucket_of(hash, wanted, seed);
	struct address found = mapped(0);
	struct hlist_node *entry = NULL;

	bpf_probe_read_kernel(&entry, sizeof(entry), (void *)table + bucket * sizeof(entry));
	for (int i = 0; i < HASH_MAX_CHAIN; i++) {
		if (!entry)
			return LOCAL_NO;
		bpf_probe_read_kernel((void *)(&found + 1) - size, size, (void *)entry + at);
		if (is_same_address(&found, wanted))
			return LOCAL_YES;
		if (bucket_of(hash, &found, seed) != bucket) {
			hash_agreed[hash] = 0;
			return LOCAL_UNKNOWN;
		}
		entry = BPF_CORE_READ(entry, next);
	}
	return LOCAL_UNKNOWN;
}

/* Global functions of numbers, as the steps of the walk are. */
__noinline __u32 hash_find4(__u64 netns, __u32 wanted)
{
	struct net *net = (void *)netns;
	struct address address = mapped(wanted);
	long at;

	if (!bpf_core_field_exists(net->ipv4.inet_addr_lst))
		return LOCAL_UNKNOWN;
	at = (long)bpf_core_field_offset(struct in_ifaddr, ifa_local) - bpf_core_field_offset(struct in_ifaddr, addr_lst);
	return hash_find(HASH_IPV4, net, BPF_CORE_READ(net, ipv4.inet_addr_lst), &address, at, 4);
}

__noinline __u32 hash_find6(__u64 netns, __u64 wanted, __u64 wanted_end, __u32 hash)
{
	struct net *net = (void *)netns;
	__u64 halves[2] = { wanted, wanted_end };
	struct hlist_head *table;
	struct address address;
	long at;

	if (!bpf_core_field_exists(net->ipv6.inet6_addr_lst))
		return LOCAL_UNKNOWN;
	__builtin_memcpy(&address, halves, sizeof(address));
	at = (long)bpf_core_field_offset(struct inet6_ifaddr, addr) - bpf_core_field_offset(struct inet6_ifaddr, addr_lst);
	table = BPF_CORE_READ(net, ipv6.inet6_addr_lst);
	if (hash == HASH_IPV6_FOLDED)
		return hash_find(HASH_IPV6_FOLDED, net, table, &address, at, 16);
	return hash_find(HASH_IPV6_JENKINS, net, table, &address, at, 16);
}

#endif
