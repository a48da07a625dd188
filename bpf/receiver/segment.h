/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The TCP headers in which TOA is looked for: the one that completes the handshake, and the SYN. */
#ifndef TRUEPEER_SEGMENT_H
#define TRUEPEER_SEGMENT_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../kernel.h"
#include "settings.h"
#include "socket.h"
#include "../toa.h"

#define SOL_TCP 6
#define TCP_SAVE_SYN 27
#define TCP_HEADER_SYN 0x02
/* A whole TCP header, and as much again as the verifier believes may be read behind it. */
#define SYN_BUFFER 128

/*
 * The header of the SYN of the connection at hand. It is not on the stack, because before Linux 5.12 no program may
 * read that at an offset which the verifier does not know.
 */
struct syn_header {
	__u8 bytes[SYN_BUFFER];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct syn_header);
} saved_syn SEC(".maps");

static __always_inline struct syn_header *own_syn_header(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&saved_syn, &key);
}

/* One header's options on their way to a decision. */
struct segment {
	const __u8 *options;
	const void *end; /* of readable memory, as the verifier sees it */
	__u32 length;
	bool syn;
};

/* The options of the segment that completes the handshake. */
static __always_inline bool completing_options(struct bpf_sock_ops *ctx, struct segment *segment)
{
	const __u8 *header = ctx->skb_data;

	segment->end = ctx->skb_data_end;
	if ((const void *)(header + TCP_FIXED_HEADER) > segment->end)
		return false;
	segment->options = header + TCP_FIXED_HEADER;
	segment->length = toa_options_length(header);
	segment->syn = header[13] & TCP_HEADER_SYN;
	return true;
}

/* Whether the options from an offset on are none but a timestamp. */
static __always_inline bool is_plain_from(const struct segment *segment, __u32 at)
{
	return toa_is_plain(segment->options, segment->length, segment->end, at);
}

/*
 * Has the kernel keep the SYNs of the listener at hand, until it closes. Where its program has asked for them already,
 * maybe for more of their headers (TCP_SAVE_SYN 2), they are what it wants.
 */
static __always_inline void ask_for_syns(struct bpf_sock_ops *ctx)
{
	struct tcp_sock *socket = socket_of(ctx);
	int on = 1;

	if (!socket || !BPF_CORE_READ_BITFIELD(socket, save_syn))
		bpf_setsockopt(ctx, SOL_TCP, TCP_SAVE_SYN, &on, sizeof(on));
}

/* Fetches the SYN as the kernel saved it, for a listener we asked it of. */
static __always_inline bool load_syn(struct bpf_sock_ops *ctx)
{
	struct syn_header *syn = own_syn_header();
	int size = TCP_FIXED_HEADER + TCP_MAX_OPTIONS;

	return syn && bpf_getsockopt(ctx, SOL_TCP, TCP_BPF_SYN, syn->bytes, size) >= TCP_FIXED_HEADER;
}

/* The options of the SYN that was loaded. */
static __always_inline bool syn_options(struct segment *segment)
{
	struct syn_header *syn = own_syn_header();

	if (!syn)
		return false;
	segment->options = syn->bytes + TCP_FIXED_HEADER;
	segment->end = syn + 1;
	segment->length = toa_options_length(syn->bytes);
	segment->syn = true;
	return true;
}

/* Global functions, for the verifier's sake: see TOA_WALK. */
__noinline __u32 look_completing(struct bpf_sock_ops *ctx, __u32 at)
{
	struct segment segment = {};

	if (!completing_options(ctx, &segment))
		return 0;
	return toa_look(segment.options, segment.length, segment.end, at, segment.syn, settings.completing,
			settings.known);
}

__noinline __u32 look_syn(__u32 at)
{
	struct segment segment = {};

	if (!settings.read_syn || !syn_options(&segment))
		return 0;
	return toa_look(segment.options, segment.length, segment.end, at, segment.syn, settings.syn, settings.known);
}

__noinline __u32 walk_completing(struct bpf_sock_ops *ctx)
{
#define LOOK(at) look_completing(ctx, at)
	return TOA_WALK(LOOK);
#undef LOOK
}

/*
 * Beside a match: the segment holds no options but that one and a timestamp.
 * So it completes no handshake of MPTCP, which would be in its options, and the
 * kernel need not be asked; that takes as long as all the rest of judging it.
 */
#define FOUND_ALONE (1U << 24)

/* The walk over the completing segment's options, or the short way to where it ends; with FOUND_ALONE. */
__noinline __u32 find_completing(struct bpf_sock_ops *ctx)
{
	struct segment segment = {};
	struct toa_found found;
	__u32 first;

	if (!completing_options(ctx, &segment))
		return 0;
	first = toa_first(segment.options, segment.length, segment.end, segment.syn, settings.completing,
			  settings.known);
	if (!first)
		return walk_completing(ctx);
	found = toa_unpack(first);
	return is_plain_from(&segment, found.at + toa_format_length(found.format)) ? first | FOUND_ALONE : first;
}

__noinline __u32 walk_syn(void)
{
	return TOA_WALK(look_syn);
}

#endif
