/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The option on a connection's segments: when, where there is room, and what became of it. */
#ifndef TRUEPEER_TAGGER_WRITE_H
#define TRUEPEER_TAGGER_WRITE_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

#include "../kernel.h"
#include "../recorder.h"
#include "maps.h"

#define TCP_HEADER_SYN 0x02
/* The longest option written here: a client's IPv6 address and port. */
#define LONGEST_TAG 20

/*
 * Writes the option for a client; returns its length, 0 where no kind is set
 * for the client's family. A bind without a port leaves the client's unknown.
 * Port 0 is no client's, so the option has the connection's own then: what the
 * backend would see without the option.
 */
static __always_inline __u32 build_option(struct bpf_sock_ops *ctx, const struct tag *tag, __u8 option[LONGEST_TAG])
{
	__be16 port = tag->port ? tag->port : bpf_htons(ctx->local_port);
	bool ipv4 = is_mapped(&tag->client);
	__u8 format = ipv4 ? settings.format4 : settings.format6;

	option[0] = ipv4 ? settings.kind4 : settings.kind6;
	option[1] = toa_format_length(format);
	switch (format) {
	case TOA_FORMAT_IPV4:
		__builtin_memcpy(option + 2, &port, 2);
		__builtin_memcpy(option + 4, &tag->client.word[3], 4);
		return 8;
	case TOA_FORMAT_IPV6:
		__builtin_memcpy(option + 2, &port, 2);
		__builtin_memcpy(option + 4, &tag->client, 16);
		return 20;
	case TOA_FORMAT_ADDRESS4:
		option[2] = TOA_ADDRESS_VERSION;
		__builtin_memcpy(option + 3, &tag->client.word[3], 4);
		return 7;
	case TOA_FORMAT_ADDRESS6:
		option[2] = TOA_ADDRESS_VERSION;
		__builtin_memcpy(option + 3, &tag->client, 16);
		return 19;
	default:
		return 0;
	}
}

static __always_inline void watch(struct bpf_sock_ops *ctx, bool on)
{
	__u32 flags = ctx->bpf_sock_ops_cb_flags & ~BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG;

	bpf_sock_ops_cb_flags_set(ctx, on ? flags | BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG : flags);
}

static __always_inline struct tag *tag_of(struct bpf_sock_ops *ctx)
{
	return ctx->sk ? bpf_sk_storage_get(&tags, ctx->sk, NULL, 0) : NULL;
}

/* Counts and records how a connection ended up, once. tag is NULL where it was not bound to a client. */
static __always_inline void decide(struct bpf_sock_ops *ctx, struct tag *tag, __u8 outcome)
{
	bool refused = outcome != TAG_TAGGED && outcome != TAG_NO_CLIENT;
	struct decision *slot;

	if (tag) {
		if (tag->decided)
			return;
		tag->decided = 1;
	}
	COUNT(outcomes[outcome & 15]);
	slot = recorder_begin(refused ? RECORDER_REFUSED : RECORDER_OTHERS);
	if (!slot)
		return;
	slot->client = tag ? tag->client : (struct address){};
	slot->client_port = tag ? tag->port : 0;
	slot->backend = peer_address(ctx);
	slot->backend_port = peer_port(ctx);
	slot->outcome = outcome;
	slot->written = tag ? tag->written : 0;
	recorder_end(slot);
}

/*
 * Whether the connection's segments are signed with TCP-AO (RFC 5925). The kernel signs the options, too, before
 * programs write theirs: the backend would drop the SYN, and all that follows. TCP MD5 leaves them out.
 */
static __always_inline bool is_signed(struct bpf_sock_ops *ctx)
{
	struct tcp_sock *socket = ctx->sk ? bpf_skc_to_tcp_sock(ctx->sk) : NULL;

	return socket && bpf_core_field_exists(socket->ao_info) && socket->ao_info;
}

static __always_inline void begin(struct bpf_sock_ops *ctx)
{
	struct tag *tag = tag_of(ctx);
	__u8 option[LONGEST_TAG];

	COUNT(opened);
	if (!tag) {
		decide(ctx, NULL, TAG_NO_CLIENT);
		return;
	}
	/* A socket that was refused, or dissolved, may connect again. */
	tag->written = 0;
	tag->decided = 0;
	tag->passed = 0;
	tag->shared = 0;
	tag->sent = 0;
	if (!build_option(ctx, tag, option))
		decide(ctx, tag, TAG_NO_KIND);
	else if (is_signed(ctx))
		decide(ctx, tag, TAG_SIGNED);
	else
		watch(ctx, true);
}

/*
 * The backend has the option for sure once it has acknowledged payload; once
 * it has sent some, too, for it does not before it has taken the handshake's
 * ACK: unless that carried none, and data is to, which may have got lost.
 * bytes_acked counts the SYN as one.
 */
static __always_inline bool is_delivered(struct bpf_sock_ops *ctx, const struct tag *tag)
{
	bool awaits_data = (settings.on & TAG_ON_DATA) && !(tag->written & TAG_ON_ACK);

	return ctx->bytes_acked > 1 || (ctx->bytes_received > 0 && !awaits_data);
}

/*
 * Lets a segment pass without the option, and has the programs asked about no more of them once that is certain to
 * concern none but this one. Every program that writes options wants to be asked, and there is one flag for all: if
 * this segment is going to be written on nevertheless, it is for another's sake.
 */
static __always_inline void let_pass(struct bpf_sock_ops *ctx, struct tag *tag)
{
	/* It is no segment, but the question how large one may be. */
	if (ctx->args[0] == BPF_WRITE_HDR_TCP_CURRENT_MSS)
		return;
	if (tag->passed && !tag->shared)
		watch(ctx, false);
	tag->passed = 1;
}

/* Which segment is being written. Its header is there by now, so what is longer than that is payload. */
static __always_inline __u8 segment_of(struct bpf_sock_ops *ctx)
{
	const __u8 *header = ctx->skb_data;

	if (ctx->skb_tcp_flags & TCP_HEADER_SYN)
		return TAG_ON_SYN;
	if ((const void *)(header + TCP_FIXED_HEADER) > ctx->skb_data_end)
		return TAG_ON_ACK;
	return ctx->skb_len > (__u32)(header[12] >> 4) * 4 ? TAG_ON_DATA : TAG_ON_ACK;
}

static __always_inline void reserve(struct bpf_sock_ops *ctx)
{
	struct tag *tag = tag_of(ctx);
	__u8 option[LONGEST_TAG];
	__u32 length;

	/* Then it is another program that writes options on this connection, and goes on to. */
	if (!tag)
		return;
	if (is_delivered(ctx, tag)) {
		if (!tag->written)
			decide(ctx, tag, TAG_NO_ROOM);
		let_pass(ctx, tag);
		return;
	}
	/* Without a segment the kernel asks how large one may be: then it is to leave room. */
	if (!(settings.on & (ctx->skb_tcp_flags & TCP_HEADER_SYN ? TAG_ON_SYN : TAG_ON_ACK | TAG_ON_DATA)))
		return;
	length = build_option(ctx, tag, option);
	if (length && bpf_reserve_hdr_opt(ctx, length, 0))
		COUNT(no_room);
}

static __always_inline void write(struct bpf_sock_ops *ctx)
{
	struct tag *tag = tag_of(ctx);
	__u8 option[LONGEST_TAG] = {};
	__u8 segment = segment_of(ctx);
	__u32 length;

	if (!tag)
		return;
	if (tag->passed) {
		tag->shared = 1;
		return;
	}
	tag->sent |= segment;
	/* Where no bare ACK went before it (TCP_QUICKACK off), it is the data that completes the handshake. */
	if (segment == TAG_ON_DATA && !(settings.on & TAG_ON_DATA) && !(tag->sent & TAG_ON_ACK))
		segment = TAG_ON_ACK;
	if (!(settings.on & segment))
		return;
	length = build_option(ctx, tag, option);
	if (!length || bpf_store_hdr_opt(ctx, option, length, 0))
		return;
	tag->written |= segment;
	switch (segment) {
	case TAG_ON_SYN: COUNT(written_syn); break;
	case TAG_ON_ACK: COUNT(written_ack); break;
	default: COUNT(written_data); break;
	}
	decide(ctx, tag, TAG_TAGGED);
}

#endif
