/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses as everything here keeps them: 16 bytes in network order, IPv4 as
 * ::ffff:a.b.c.d, so that one comparison and one prefix tree serve both
 * families and dual-stack sockets need no special case.
 */
#ifndef TRUEPEER_ADDRESS_H
#define TRUEPEER_ADDRESS_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>

#ifndef AF_INET
#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10
#endif

/* Words in network order. Words, not bytes, so that clang moves four of them and not sixteen. */
struct address {
	__be32 word[4];
};

#define MAPPED_WORD bpf_htonl(0x0000ffff)

static __always_inline struct address mapped(__be32 ipv4)
{
	return (struct address){ { 0, 0, MAPPED_WORD, ipv4 } };
}

static __always_inline bool is_mapped(const struct address *address)
{
	return address->word[0] == 0 && address->word[1] == 0 && address->word[2] == MAPPED_WORD;
}

static __always_inline bool is_same_address(const struct address *a, const struct address *b)
{
	return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) | (a->word[2] ^ b->word[2]) |
		(a->word[3] ^ b->word[3])) == 0;
}

/*
 * The verifier wants each word of the context read at a fixed offset, and
 * clang likes to merge two reads into one at a computed offset: keep them
 * apart.
 */
#define CONTEXT_WORD(field)                          \
	({                                           \
		__u32 read_ = (field);               \
		asm volatile("" : "+r"(read_));      \
		read_;                               \
	})

static __always_inline struct address peer_address(struct bpf_sock_ops *ctx)
{
	if (ctx->family == AF_INET)
		return mapped(CONTEXT_WORD(ctx->remote_ip4));
	return (struct address){ { CONTEXT_WORD(ctx->remote_ip6[0]), CONTEXT_WORD(ctx->remote_ip6[1]),
				   CONTEXT_WORD(ctx->remote_ip6[2]), CONTEXT_WORD(ctx->remote_ip6[3]) } };
}

static __always_inline struct address local_address(struct bpf_sock_ops *ctx)
{
	if (ctx->family == AF_INET)
		return mapped(CONTEXT_WORD(ctx->local_ip4));
	return (struct address){ { CONTEXT_WORD(ctx->local_ip6[0]), CONTEXT_WORD(ctx->local_ip6[1]),
				   CONTEXT_WORD(ctx->local_ip6[2]), CONTEXT_WORD(ctx->local_ip6[3]) } };
}

static __always_inline __be16 peer_port(struct bpf_sock_ops *ctx)
{
	return bpf_htons(bpf_ntohl(ctx->remote_port));
}

/* Whether no client can have this address; what is refused beyond that is the operator's choice. */
static __always_inline bool is_impossible_client(const struct address *address, bool refuse_loopback,
						 bool refuse_private)
{
	__u32 first = bpf_ntohl(address->word[0]);
	__u32 last = bpf_ntohl(address->word[3]);

	if (is_mapped(address)) {
		if (last >> 24 == 0 || last >> 28 == 0xe || last == 0xffffffff)
			return true;
		if (refuse_loopback && last >> 24 == 127)
			return true;
		return refuse_private && (last >> 24 == 10 || last >> 20 == 0xac1 || last >> 16 == 0xc0a8);
	}
	if (address->word[0] == 0 && address->word[1] == 0 && address->word[2] == 0 && last <= 1)
		return last == 0 || refuse_loopback;
	return first >> 24 == 0xff || (refuse_private && first >> 25 == 0xfc >> 1);
}

#endif
