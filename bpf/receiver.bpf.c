// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The receiver: reads the TOA option when a connection is established, keeps
 * it with the socket, answers getpeername() and accept() with the client.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <stddef.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_core_read.h>

#include "../include/truepeer.h"
#include "address.h"
#include "decode.h"
#include "kernel.h"
#include "receiver.h"
#include "recorder.h"
#include "sockopt.h"
#include "toa.h"

#define SOL_TCP 6
#define SOCK_STREAM 1
#define PAGE_SIZE 4096
#define TCP_SAVE_SYN 27
#define TCP_HEADER_SYN 0x02
/* A whole TCP header, and as much again as the verifier believes may be read behind it. */
#define SYN_BUFFER 128

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile struct receiver_settings settings SEC(".rodata.settings");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct connection);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TRUST_MAX_PREFIXES);
	__type(key, struct trust_key);
	__type(value, __u8);
} trust SEC(".maps");

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

static __always_inline struct counters *own_counters(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counters, &key);
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

__noinline __u32 walk_syn(void)
{
	return TOA_WALK(look_syn);
}

struct verdict {
	__u8 outcome;
	__u8 option_at;
};

static __always_inline bool is_trusted(struct bpf_sock_ops *ctx)
{
	struct trust_key key = { .prefix = 128, .address = peer_address(ctx) };

	return bpf_map_lookup_elem(&trust, &key) != NULL;
}

/* What the options of one segment say about the client; fills `to` where the outcome is worth keeping. */
static __always_inline struct verdict judge(struct bpf_sock_ops *ctx, const struct segment *segment, __u32 walked,
					    const volatile __u16 *rules, struct connection *to)
{
	struct toa_found found = toa_unpack(walked);
	struct verdict verdict = { .option_at = found.at };
	__u32 at, vip_at;

	switch (found.verdict) {
	case TOA_NONE: verdict.outcome = OUTCOME_NO_OPTION; return verdict;
	case TOA_OTHER_KIND: verdict.outcome = OUTCOME_OTHER_KIND; return verdict;
	case TOA_LOOKALIKE: verdict.outcome = OUTCOME_LOOKALIKE; return verdict;
	case TOA_MALFORMED: verdict.outcome = OUTCOME_MALFORMED; return verdict;
	}
	if (!is_trusted(ctx)) {
		verdict.outcome = OUTCOME_UNTRUSTED;
		return verdict;
	}

	verdict.outcome = OUTCOME_MALFORMED;
	at = toa_offset(found.at);
	if (at >= TCP_MAX_OPTIONS)
		return verdict;
	to->client_port = peer_port(ctx);
	if (!decode_option(segment->options + at, segment->end, found.format, to))
		return verdict;
	if (!(to->flags & TRUEPEER_HAS_CLIENT)) {
		verdict.outcome = OUTCOME_VIP_ONLY;
		return verdict;
	}
	if (to->client_port == 0 || (is_ipv6_format(found.format) && is_mapped(&to->client)) ||
	    is_impossible_client(&to->client, settings.refuse_loopback, settings.refuse_private)) {
		verdict.outcome = OUTCOME_BAD_CLIENT;
		return verdict;
	}
	vip_at = toa_offset(toa_vip_behind(segment->options, segment->length, segment->end, found, rules));
	if (vip_at && vip_at <= TCP_MAX_OPTIONS - 8)
		decode_vip(segment->options + vip_at, segment->end, to);

	verdict.outcome = OUTCOME_TAGGED;
	if (ctx->family == AF_INET && !is_mapped(&to->client)) {
		to->flags |= TRUEPEER_NAT64;
		verdict.outcome = OUTCOME_NAT64;
	}
	return verdict;
}

static __always_inline bool is_kept(__u8 outcome)
{
	return outcome == OUTCOME_TAGGED || outcome == OUTCOME_NAT64 || outcome == OUTCOME_VIP_ONLY;
}

/*
 * accept() on an MPTCP listener hands out the MPTCP socket, not the subflow
 * that was established here, so that is where the client must be kept. NULL
 * for plain TCP, and on kernels that cannot tell.
 */
static __always_inline struct mptcp_sock *mptcp_owner(struct bpf_sock_ops *ctx)
{
	if (!bpf_core_type_exists(struct mptcp_sock) ||
	    !bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_skc_to_mptcp_sock) || !ctx->sk)
		return NULL;
	return bpf_skc_to_mptcp_sock(ctx->sk);
}

/* Only the first subflow speaks for the connection: a later one must not change what accept() has said. */
static __always_inline bool is_further_subflow(struct mptcp_sock *owner, struct bpf_sock_ops *ctx)
{
	void *first = owner->first;

	return first && first != (void *)ctx->sk;
}

static __always_inline __u8 keep(struct bpf_sock_ops *ctx, struct mptcp_sock *owner, struct connection *connection,
				 __u8 outcome)
{
	void *kept = NULL;

	connection->established_ns = bpf_ktime_get_boot_ns();
	if (owner)
		kept = bpf_sk_storage_get(&connections, owner, connection, BPF_SK_STORAGE_GET_F_CREATE);
	else if (ctx->sk)
		kept = bpf_sk_storage_get(&connections, ctx->sk, connection, BPF_SK_STORAGE_GET_F_CREATE);
	return kept ? outcome : OUTCOME_NO_MEMORY;
}

static __always_inline bool is_refusal(__u8 outcome)
{
	return outcome > OUTCOME_NO_OPTION && outcome != OUTCOME_SUBFLOW;
}

static __always_inline void record(struct bpf_sock_ops *ctx, const struct segment *segment, struct verdict verdict)
{
	struct decision *slot = recorder_begin(is_refusal(verdict.outcome) ? RECORDER_REFUSED : RECORDER_OTHERS);

	if (!slot)
		return;
	slot->peer = peer_address(ctx);
	slot->local = local_address(ctx);
	slot->peer_port = peer_port(ctx);
	slot->local_port = bpf_htons(ctx->local_port);
	slot->outcome = verdict.outcome;
	slot->option_at = verdict.option_at;
	slot->options_length = segment->length;
	slot->syn = segment->syn;
	for (int i = 0; i < TCP_MAX_OPTIONS && segment->options; i += 4) {
		if ((const void *)(segment->options + i + 4) > segment->end)
			break;
		__builtin_memcpy(slot->options + i, segment->options + i, 4);
	}
	recorder_end(slot);
}

/* Whether the completing segment held no client that could be believed: then the SYN may name one. */
static __always_inline bool names_nobody(__u8 outcome)
{
	return outcome == OUTCOME_NO_OPTION || outcome == OUTCOME_OTHER_KIND || outcome == OUTCOME_LOOKALIKE;
}

static __always_inline void establish(struct bpf_sock_ops *ctx)
{
	struct connection connection = {};
	struct segment segment = {}, of_syn = {};
	struct verdict verdict = { .outcome = OUTCOME_NO_OPTION }, by_syn;
	struct mptcp_sock *owner = mptcp_owner(ctx);
	struct counters *counted = own_counters();

	if (!counted)
		return;
	if (owner && is_further_subflow(owner, ctx))
		verdict.outcome = OUTCOME_SUBFLOW;
	else if (completing_options(ctx, &segment))
		verdict = judge(ctx, &segment, walk_completing(ctx), settings.completing, &connection);

	if (settings.read_syn && names_nobody(verdict.outcome) && load_syn(ctx) && syn_options(&of_syn)) {
		connection.flags = TRUEPEER_FROM_SYN;
		by_syn = judge(ctx, &of_syn, walk_syn(), settings.syn, &connection);
		if (by_syn.outcome != OUTCOME_NO_OPTION) {
			verdict = by_syn;
			segment = of_syn;
		}
	}
	if (is_kept(verdict.outcome))
		verdict.outcome = keep(ctx, owner, &connection, verdict.outcome);

	counted->established++;
	counted->outcomes[verdict.outcome & 31]++;
	record(ctx, &segment, verdict);
}

SEC("sockops")
int receiver_sockops(struct bpf_sock_ops *ctx)
{
	int on = 1;

	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		establish(ctx);
	else if (settings.read_syn && ctx->op == BPF_SOCK_OPS_TCP_LISTEN_CB)
		bpf_setsockopt(ctx, SOL_TCP, TCP_SAVE_SYN, &on, sizeof(on));
	return 1;
}

/*
 * The connection with whose client getpeername() is to answer; NULL where the
 * transport peer is to stay. Counts which.
 */
static __always_inline struct connection *answering(struct bpf_sock_addr *ctx, bool ipv6_socket)
{
	struct counters *counted = own_counters();
	struct connection *connection;

	if (!counted)
		return NULL;
	if (ctx->protocol != IPPROTO_TCP && ctx->protocol != IPPROTO_MPTCP) {
		__sync_fetch_and_add(&counted->peername_other, 1);
		return NULL;
	}
	connection = ctx->sk ? bpf_sk_storage_get(&connections, ctx->sk, NULL, 0) : NULL;
	if (!connection) {
		__sync_fetch_and_add(&counted->peername_transport, 1);
		return NULL;
	}
	/* An AF_INET socket's address has no room for an IPv6 client. */
	if (!(connection->flags & TRUEPEER_HAS_CLIENT) || (!ipv6_socket && !is_mapped(&connection->client))) {
		__sync_fetch_and_add(&counted->peername_mismatch, 1);
		return NULL;
	}
	__sync_fetch_and_add(&counted->peername_client, 1);
	return connection;
}

SEC("cgroup/getpeername4")
int receiver_getpeername4(struct bpf_sock_addr *ctx)
{
	struct connection *connection = answering(ctx, false);

	if (connection) {
		ctx->user_ip4 = connection->client.word[3];
		ctx->user_port = connection->client_port;
	}
	return 1;
}

SEC("cgroup/getpeername6")
int receiver_getpeername6(struct bpf_sock_addr *ctx)
{
	struct connection *connection = answering(ctx, true);

	if (connection) {
		ctx->user_ip6[0] = connection->client.word[0];
		ctx->user_ip6[1] = connection->client.word[1];
		ctx->user_ip6[2] = connection->client.word[2];
		ctx->user_ip6[3] = connection->client.word[3];
		ctx->user_port = connection->client_port;
	}
	return 1;
}

static __always_inline bool is_tcp(const struct bpf_sock *sk)
{
	return sk->type == SOCK_STREAM && (sk->protocol == IPPROTO_TCP || sk->protocol == IPPROTO_MPTCP);
}

static __always_inline bool is_connected(const struct bpf_sock *sk)
{
	return sk->state != BPF_TCP_CLOSE && sk->state != BPF_TCP_LISTEN && sk->state != BPF_TCP_SYN_SENT;
}

/* Bytes of the answer written to the caller's buffer, or a negative errno. */
static __always_inline int answer(struct bpf_sockopt *ctx, enum question question)
{
	struct connection *connection;

	if (!is_connected(ctx->sk))
		return -ENOTCONN;
	connection = bpf_sk_storage_get(&connections, ctx->sk, NULL, 0);
	switch (question) {
	case QUESTION_NAT64: return answer_nat64(ctx, connection);
	case QUESTION_VS4: return answer_vs4(ctx, connection);
	case QUESTION_VS4_RDS: return answer_vs4_rds(ctx, connection);
	case QUESTION_VS6: return answer_vs6(ctx, connection);
	default: return answer_info(ctx, connection);
	}
}

/*
 * Before Linux 5.18 a program can turn an error into success, not into another
 * error; and beside an error the kernel copies zeros over the caller's buffer,
 * for want of an answer, unless the program says that there is nothing to copy.
 */
#define CAN_SET_ERRORS bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_set_retval)

/*
 * Runs for every getsockopt() in the cgroup, so everything that is not ours
 * leaves at once.
 */
SEC("cgroup/getsockopt")
int receiver_getsockopt(struct bpf_sockopt *ctx)
{
	enum question question = question_of(ctx->level, ctx->optname);
	struct counters *counted;
	int answered;

	if (question == QUESTION_NONE || !ctx->sk || !is_tcp(ctx->sk)) {
		/* The kernel hands over at most a page, and wants to be told to use its own longer answer. */
		if (ctx->optlen > PAGE_SIZE || (!CAN_SET_ERRORS && ctx->retval))
			*(volatile __s32 *)&ctx->optlen = 0;
		return 1;
	}
	answered = answer(ctx, question);
	if (answered >= 0) {
		/* Two stores that clang must not merge into one the verifier refuses. */
		*(volatile __s32 *)&ctx->optlen = answered;
		*(volatile __s32 *)&ctx->retval = 0;
		counted = own_counters();
		if (counted)
			__sync_fetch_and_add(&counted->sockopt_answered, 1);
	} else if (CAN_SET_ERRORS) {
		*(volatile __s32 *)&ctx->retval = answered;
	} else {
		*(volatile __s32 *)&ctx->optlen = 0;
	}
	return 1;
}
