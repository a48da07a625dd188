/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What getsockopt() answers: our own TRUEPEER_INFO, and the options that
 * existing programs already ask the classic receivers for.
 */
#ifndef TRUEPEER_SOCKOPT_H
#define TRUEPEER_SOCKOPT_H

#include "../../include/truepeer.h"
#include "../receiver.h"

#define TOA_SO_GET_NAT64 4096 /* DPVS, Tencent CLB, ByteDance */
#define VTOA_SO_GET_VS4 1345  /* Alibaba */
#define VTOA_SO_GET_VS4_RDS 1346
#define VTOA_SO_GET_VS6 1347

#define EFAULT 14
#define EINVAL 22
#define ESRCH 3
#define ENOTCONN 107

struct nat64_peer {
	struct address client;
	__be16 port;
	__u8 pad[2];
};

struct vtoa_vs4 {
	__u32 vid;
	__be32 address;
	__be16 port;
	__u8 pad[2];
};

struct vtoa_vs4_rds {
	__u16 protocol;
	__u8 pad[2];
	__be32 client_address;
	__be16 client_port;
	__u8 pad2[2];
	__be32 local_address;
	__be16 local_port;
	__u8 pad3[2];
	struct vtoa_vs4 vs;
};

struct vtoa_vs6 {
	__u32 vid;
	struct address address;
	__u16 family;
	__be16 port;
};

/* The caller's buffer, if it has room for an answer of this type; else NULL. */
#define ANSWER(ctx, type) \
	((void *)(ctx)->optval + sizeof(type) <= (void *)(ctx)->optval_end ? (type *)(ctx)->optval : NULL)

static __always_inline int answer_nat64(struct bpf_sockopt *ctx, const struct connection *connection)
{
	struct nat64_peer *to = ANSWER(ctx, struct nat64_peer);

	if (!to || !connection || !(connection->flags & TRUEPEER_HAS_CLIENT))
		return -EINVAL;
	if (!(connection->flags & TRUEPEER_NAT64))
		return -EFAULT;
	*to = (struct nat64_peer){ .client = connection->client, .port = connection->client_port };
	return sizeof(*to);
}

static __always_inline struct vtoa_vs4 vs4_of(const struct connection *connection)
{
	return (struct vtoa_vs4){
		.vid = connection->vid, .address = connection->vip.word[3], .port = connection->vip_port
	};
}

static __always_inline bool has_vip4(const struct connection *connection)
{
	return connection && (connection->flags & TRUEPEER_HAS_VIP) && is_mapped(&connection->vip);
}

static __always_inline int answer_vs4(struct bpf_sockopt *ctx, const struct connection *connection)
{
	struct vtoa_vs4 *to = ANSWER(ctx, struct vtoa_vs4);

	if (!to)
		return -EINVAL;
	if (!has_vip4(connection))
		return -ESRCH;
	*to = vs4_of(connection);
	return sizeof(*to);
}

static __always_inline struct address socket_peer(const struct bpf_sock *sk)
{
	if (sk->family == AF_INET)
		return mapped(CONTEXT_WORD(sk->dst_ip4));
	return (struct address){ { CONTEXT_WORD(sk->dst_ip6[0]), CONTEXT_WORD(sk->dst_ip6[1]),
				   CONTEXT_WORD(sk->dst_ip6[2]), CONTEXT_WORD(sk->dst_ip6[3]) } };
}

static __always_inline struct address socket_local(const struct bpf_sock *sk)
{
	if (sk->family == AF_INET)
		return mapped(CONTEXT_WORD(sk->src_ip4));
	return (struct address){ { CONTEXT_WORD(sk->src_ip6[0]), CONTEXT_WORD(sk->src_ip6[1]),
				   CONTEXT_WORD(sk->src_ip6[2]), CONTEXT_WORD(sk->src_ip6[3]) } };
}

static __always_inline __be32 ipv4_or_0(const struct address *address)
{
	return is_mapped(address) ? address->word[3] : 0;
}

/*
 * The first 20 bytes are the caller's question, which this hook cannot see:
 * they come back as the answer to it, with 0.0.0.0 for an IPv6 address.
 */
static __always_inline int answer_vs4_rds(struct bpf_sockopt *ctx, const struct connection *connection)
{
	struct vtoa_vs4_rds *to = ANSWER(ctx, struct vtoa_vs4_rds);
	struct address client, local;

	if (!to || ctx->optlen != sizeof(*to))
		return -EINVAL;
	if (!has_vip4(connection) || !ctx->sk)
		return -ESRCH;
	client = connection->flags & TRUEPEER_HAS_CLIENT ? connection->client : socket_peer(ctx->sk);
	local = socket_local(ctx->sk);
	*to = (struct vtoa_vs4_rds){
		.protocol = IPPROTO_TCP,
		.client_address = ipv4_or_0(&client),
		.client_port = connection->client_port,
		.local_address = ipv4_or_0(&local),
		.local_port = bpf_htons(ctx->sk->src_port),
		.vs = vs4_of(connection),
	};
	return sizeof(*to);
}

static __always_inline int answer_vs6(struct bpf_sockopt *ctx, const struct connection *connection)
{
	struct vtoa_vs6 *to = ANSWER(ctx, struct vtoa_vs6);

	if (!to)
		return -EINVAL;
	if (!connection || !(connection->flags & TRUEPEER_HAS_VIP))
		return -ESRCH;
	*to = (struct vtoa_vs6){ .vid = connection->vid, .port = connection->vip_port };
	if (is_mapped(&connection->vip)) {
		to->family = AF_INET;
		to->address.word[0] = connection->vip.word[3];
	} else {
		to->family = AF_INET6;
		to->address = connection->vip;
	}
	return sizeof(*to);
}

static __always_inline int answer_info(struct bpf_sockopt *ctx, const struct connection *connection)
{
	struct truepeer_info *to = ANSWER(ctx, struct truepeer_info);
	struct address peer;

	if (!to || !ctx->sk)
		return -EINVAL;
	peer = socket_peer(ctx->sk);
	*to = (struct truepeer_info){ .peer_port = ctx->sk->dst_port };
	__builtin_memcpy(to->peer, &peer, 16);
	__builtin_memcpy(to->client, &peer, 16);
	to->client_port = to->peer_port;
	if (!connection)
		return sizeof(*to);
	if (connection->flags & TRUEPEER_HAS_CLIENT) {
		__builtin_memcpy(to->client, &connection->client, 16);
		to->client_port = connection->client_port;
	}
	__builtin_memcpy(to->vip, &connection->vip, 16);
	to->vip_port = connection->vip_port;
	to->vid = connection->vid;
	to->flags = connection->flags;
	to->kind = connection->kind;
	to->length = connection->length;
	to->established_ns = connection->established_ns;
	return sizeof(*to);
}

enum question { QUESTION_NONE, QUESTION_NAT64, QUESTION_VS4, QUESTION_VS4_RDS, QUESTION_VS6, QUESTION_INFO };

static __always_inline enum question question_of(int level, int name)
{
	if (level == IPPROTO_TCP)
		return name == TRUEPEER_INFO ? QUESTION_INFO : QUESTION_NONE;
	if (level == IPPROTO_IPV6)
		return name == VTOA_SO_GET_VS6 ? QUESTION_VS6 : QUESTION_NONE;
	if (level != IPPROTO_IP)
		return QUESTION_NONE;
	switch (name) {
	case TOA_SO_GET_NAT64: return QUESTION_NAT64;
	case VTOA_SO_GET_VS4: return QUESTION_VS4;
	case VTOA_SO_GET_VS4_RDS: return QUESTION_VS4_RDS;
	case VTOA_SO_GET_VS6: return QUESTION_VS6;
	default: return QUESTION_NONE;
	}
}

#endif
