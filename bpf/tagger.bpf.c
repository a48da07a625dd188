// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tagger: a program in its cgroup that binds an outgoing socket to a
 * client's address, as proxies do for transparency, says with it who the
 * client is. The bind is taken as that and undone, so the kernel chooses the
 * source address as for any socket, and the client goes into a TOA option.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stddef.h>

#include "kernel.h"
#include "local_address.h"
#include "tagger.h"
#include "transparent.h"
#include "recorder.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SOCK_STREAM 1
#define PAGE_SIZE 4096
#define TCP_HEADER_SYN 0x02
/* The longest option written here: a client's IPv6 address and port. */
#define LONGEST_TAG 20

const volatile struct tagger_settings settings SEC(".rodata.settings");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct tag);
} tags SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tagger_counters);
} counters SEC(".maps");

#define COUNT(name)                                                                         \
	do {                                                                                \
		__u32 zero = 0;                                                             \
		struct tagger_counters *counted = bpf_map_lookup_elem(&counters, &zero);    \
		if (counted)                                                                \
			__sync_fetch_and_add(&counted->name, 1);                            \
	} while (0)

static __always_inline bool is_wildcard(const struct address *address)
{
	return (is_mapped(address) || address->word[2] == 0) && address->word[0] == 0 && address->word[1] == 0 &&
	       address->word[3] == 0;
}

/* Whether the kernel refuses every bind of the socket: it is bound to a port, or connected. */
static __always_inline bool is_bound(const struct bpf_sock *sk)
{
	return sk->state != BPF_TCP_CLOSE || sk->src_port != 0;
}

/*
 * Whether the socket shares its port with others (SO_REUSEPORT), as listeners do. There are some on addresses that the
 * host does not have, or not yet: net.ipv4.ip_nonlocal_bind, IP_FREEBIND, IP_TRANSPARENT.
 */
static __always_inline bool shares_port(struct bpf_sock *sk)
{
	struct tcp_sock *socket = bpf_skc_to_tcp_sock(sk);

	return socket && BPF_CORE_READ_BITFIELD_PROBED(&socket->inet_conn.icsk_inet.sk.__sk_common, skc_reuseport);
}

/*
 * Keeps the address of a bind as the socket's client; false where the bind is
 * to be left alone: a listener's, or one that chooses among own addresses.
 */
static __always_inline bool take_client(struct bpf_sock_addr *ctx, struct address client)
{
	struct tag tag = { .bound_ns = bpf_ktime_get_boot_ns(), .client = client, .port = ctx->user_port };

	if (ctx->type != SOCK_STREAM || ctx->protocol != IPPROTO_TCP || !ctx->sk || is_bound(ctx->sk))
		return false;
	/* An address of the other family, which the kernel will refuse. */
	if (ctx->user_family != ctx->family)
		return false;
	/* A bind that was undone does not keep the kernel from taking another, and then that one counts. */
	bpf_sk_storage_delete(&tags, ctx->sk);
	if (is_wildcard(&client))
		return false;
	if (!settings.take_local) {
		switch (is_local(ctx, &client)) {
		case LOCAL_YES: COUNT(binds_local); return false;
		case LOCAL_UNKNOWN: COUNT(binds_unchecked); return false;
		case LOCAL_NO: break;
		}
		if (shares_port(ctx->sk))
			return false;
	}
	if (!bpf_sk_storage_get(&tags, ctx->sk, &tag, BPF_SK_STORAGE_GET_F_CREATE)) {
		COUNT(binds_no_memory);
		return false;
	}
	COUNT(binds);
	return true;
}

SEC("cgroup/bind4")
int tagger_bind4(struct bpf_sock_addr *ctx)
{
	if (take_client(ctx, mapped(ctx->user_ip4))) {
		ctx->user_ip4 = 0;
		ctx->user_port = 0;
	}
	return 1;
}

SEC("cgroup/bind6")
int tagger_bind6(struct bpf_sock_addr *ctx)
{
	struct address client = { { CONTEXT_WORD(ctx->user_ip6[0]), CONTEXT_WORD(ctx->user_ip6[1]),
				    CONTEXT_WORD(ctx->user_ip6[2]), CONTEXT_WORD(ctx->user_ip6[3]) } };

	if (take_client(ctx, client)) {
		/* Volatile keeps clang from merging them into stores the verifier refuses. */
		*(volatile __u32 *)&ctx->user_ip6[0] = 0;
		*(volatile __u32 *)&ctx->user_ip6[1] = 0;
		*(volatile __u32 *)&ctx->user_ip6[2] = 0;
		*(volatile __u32 *)&ctx->user_ip6[3] = 0;
		ctx->user_port = 0;
	}
	return 1;
}

SEC("cgroup/setsockopt")
int tagger_setsockopt(struct bpf_sockopt *ctx)
{
	/* The kernel hands over at most a page, and wants to be told to use the caller's own longer value. */
	if (ctx->optlen > PAGE_SIZE)
		*(volatile __s32 *)&ctx->optlen = 0;
	else
		without_transparency(ctx);
	return 1;
}

/*
 * Until it connects, the socket says it is bound where the program bound it:
 * some (Node) look, and give up when the port is not theirs. One that was
 * connected still has its peer's port.
 */
static __always_inline struct tag *unconnected_tag(struct bpf_sock_addr *ctx)
{
	if (ctx->protocol != IPPROTO_TCP || !ctx->sk || ctx->sk->state != BPF_TCP_CLOSE || ctx->sk->dst_port)
		return NULL;
	return bpf_sk_storage_get(&tags, ctx->sk, NULL, 0);
}

SEC("cgroup/getsockname4")
int tagger_getsockname4(struct bpf_sock_addr *ctx)
{
	struct tag *tag = unconnected_tag(ctx);

	if (tag) {
		ctx->user_ip4 = tag->client.word[3];
		ctx->user_port = tag->port;
	}
	return 1;
}

SEC("cgroup/getsockname6")
int tagger_getsockname6(struct bpf_sock_addr *ctx)
{
	struct tag *tag = unconnected_tag(ctx);

	if (tag) {
		ctx->user_ip6[0] = tag->client.word[0];
		ctx->user_ip6[1] = tag->client.word[1];
		ctx->user_ip6[2] = tag->client.word[2];
		ctx->user_ip6[3] = tag->client.word[3];
		ctx->user_port = tag->port;
	}
	return 1;
}

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
	bool refused = outcome == TAG_NO_KIND || outcome == TAG_NO_ROOM;
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
	if (!build_option(ctx, tag, option))
		decide(ctx, tag, TAG_NO_KIND);
	else
		watch(ctx, true);
}

/*
 * The backend has the option for sure once it has acknowledged payload; once
 * it has sent some, too, for it does not before it has taken the handshake's
 * ACK: unless that carried none, and data is to. bytes_acked counts the SYN
 * as one.
 */
static __always_inline bool is_delivered(struct bpf_sock_ops *ctx, const struct tag *tag)
{
	bool awaits_data = (settings.on & TAG_ON_DATA) && !(tag->written & (TAG_ON_ACK | TAG_ON_DATA));

	return ctx->bytes_acked > 1 || (ctx->bytes_received > 0 && !awaits_data);
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
		watch(ctx, false);
		if (!tag->written)
			decide(ctx, tag, TAG_NO_ROOM);
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

	if (!(settings.on & segment))
		return;
	length = tag ? build_option(ctx, tag, option) : 0;
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

SEC("sockops")
int tagger_sockops(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_TCP_CONNECT_CB: begin(ctx); break;
	case BPF_SOCK_OPS_HDR_OPT_LEN_CB: reserve(ctx); break;
	case BPF_SOCK_OPS_WRITE_HDR_OPT_CB: write(ctx); break;
	}
	return 1;
}
