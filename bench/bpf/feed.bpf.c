// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Feeds an XDP program with frames in a test run (BPF_PROG_TEST_RUN), which by
 * itself gives a program the same bytes again and again, as it left them: each
 * run writes another segment of another connection, and calls the program. What
 * the feeding takes is measured with a program that does nothing.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../../bpf/forwarder/tuples.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* One segment of each connection. */
struct step {
	__u16 length;       /* of the frame, at most what is in bytes */
	__u8 from_backend;
	__u8 answers_syn;   /* the frame before was a SYN, and tells what the program made of it */
	__u8 bytes[124];
};

/* What makes a segment one of a certain connection. */
struct ends {
	__be32 client;
	__be32 local;
	__be32 backend;
	__be16 client_port;
	__be16 local_port;
};

struct course {
	__u32 steps;
	__u32 connections;
	__u32 at;           /* frames fed so far */
	__u32 target;       /* index in targets */
	__u32 length;       /* of the frame before, as it was fed; 0: there was none */
	__u32 shift;        /* of sequence numbers, as the SYN before told */
	__u32 is_learning;  /* ends of the last SYN instead of those in the map */
	struct ends learned;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct course);
} courses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct step);
} steps SEC(".maps");

/* In the order in which they are visited. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ends);
} connection_ends SEC(".maps");

/* The smallest table of connections there could be: a cache line for each. */
struct line {
	__u64 words[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct line);
} lines SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct tcphdr tcp;
} __attribute__((packed));

static __always_inline struct headers *headers_of(struct xdp_md *ctx)
{
	struct headers *headers = (void *)(long)ctx->data;

	return (void *)(headers + 1) > (void *)(long)ctx->data_end ? NULL : headers;
}

/* What left for the backend is where the next run finds it. */
static __always_inline void learn(struct xdp_md *ctx, struct course *course, __u32 sequence)
{
	struct headers *sent = headers_of(ctx);

	if (!sent)
		return;
	course->learned.local = sent->ip.saddr;
	course->learned.local_port = sent->tcp.source;
	course->learned.backend = sent->ip.daddr;
	course->shift = bpf_ntohl(sent->tcp.seq) - sequence;
}

/* The head where it was before the program moved it, and the tail where the frame wants it. */
static __always_inline bool resize(struct xdp_md *ctx, struct course *course, __u32 length)
{
	int grown = (int)(ctx->data_end - ctx->data) - (int)course->length;

	if (course->length && grown && bpf_xdp_adjust_head(ctx, grown))
		return false;
	grown = (int)length - (int)(ctx->data_end - ctx->data);
	course->length = length;
	return !grown || bpf_xdp_adjust_tail(ctx, grown) == 0;
}

static __always_inline void address(struct headers *headers, const struct ends *ends, const struct ends *others,
				    bool from_backend)
{
	if (from_backend) {
		headers->ip.saddr = others->backend;
		headers->ip.daddr = others->local;
		headers->tcp.dest = others->local_port;
	} else {
		headers->ip.saddr = ends->client;
		headers->tcp.source = ends->client_port;
	}
}

SEC("xdp")
int feed(struct xdp_md *ctx)
{
	__u32 zero = 0, number, index;
	struct course *course = bpf_map_lookup_elem(&courses, &zero);
	struct headers *headers;
	struct ends *ends;
	struct step *step;
	__u32 length;

	if (!course || !course->steps || !course->connections)
		return XDP_ABORTED;
	number = course->at++;
	index = number % course->steps;
	step = bpf_map_lookup_elem(&steps, &index);
	index = number / course->steps % course->connections;
	ends = bpf_map_lookup_elem(&connection_ends, &index);
	if (!step || !ends)
		return XDP_ABORTED;
	length = step->length;
	if (length < sizeof(*headers) || length > sizeof(step->bytes))
		return XDP_ABORTED;
	/* Every client begins with the number 1000. */
	if (step->answers_syn)
		learn(ctx, course, 1000);
	if (!resize(ctx, course, length) || bpf_xdp_store_bytes(ctx, 0, step->bytes, length))
		return XDP_ABORTED;
	headers = headers_of(ctx);
	if (!headers)
		return XDP_ABORTED;
	address(headers, ends, course->is_learning ? &course->learned : ends, step->from_backend);
	if (course->is_learning)
		headers->tcp.ack_seq = bpf_htonl(bpf_ntohl(headers->tcp.ack_seq) +
						 (step->from_backend ? course->shift : 0));
	else
		headers->tcp.ack_seq = bpf_htonl(bpf_ntohl(headers->tcp.ack_seq) + number);
	bpf_tail_call(ctx, &targets, course->target);
	return XDP_ABORTED;
}

SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	return ctx->data_end > ctx->data ? XDP_TX : XDP_DROP;
}

SEC("xdp")
int swap_macs(struct xdp_md *ctx)
{
	struct headers *headers = headers_of(ctx);
	__u8 mac[ETH_ALEN];

	if (!headers)
		return XDP_DROP;
	__builtin_memcpy(mac, headers->eth.h_dest, ETH_ALEN);
	__builtin_memcpy(headers->eth.h_dest, headers->eth.h_source, ETH_ALEN);
	__builtin_memcpy(headers->eth.h_source, mac, ETH_ALEN);
	return XDP_TX;
}

static __always_inline bool has_route(struct xdp_md *ctx)
{
	struct headers *headers = headers_of(ctx);
	struct bpf_fib_lookup fib = { .family = AF_INET, .l4_protocol = IPPROTO_TCP };

	if (!headers)
		return false;
	fib.ifindex = ctx->ingress_ifindex;
	fib.tot_len = bpf_ntohs(headers->ip.tot_len);
	fib.ipv4_src = headers->ip.saddr;
	fib.ipv4_dst = headers->ip.daddr;
	return bpf_fib_lookup(ctx, &fib, sizeof(fib), 0) == BPF_FIB_LKUP_RET_SUCCESS;
}

SEC("xdp")
int look_up_route(struct xdp_md *ctx)
{
	return has_route(ctx) ? XDP_TX : XDP_DROP;
}

/* The same for real packets, which the host then routes by itself. */
SEC("xdp")
int watch_routes(struct xdp_md *ctx)
{
	has_route(ctx);
	return XDP_PASS;
}

/* What no table of connections can do without: one look at memory that is nobody's but that connection's. */
SEC("xdp")
int read_line(struct xdp_md *ctx)
{
	__u32 zero = 0, index;
	const struct course *course = bpf_map_lookup_elem(&courses, &zero);
	const struct line *line;

	(void)ctx;
	if (!course)
		return XDP_DROP;
	index = (mixed(course->at) >> 32) * course->connections >> 32;
	line = bpf_map_lookup_elem(&lines, &index);
	return line && !line->words[0] ? XDP_TX : XDP_DROP;
}

/* What no forwarder with a table of connections can do without. */
SEC("xdp")
int find_connection(struct xdp_md *ctx)
{
	struct headers *headers = headers_of(ctx);
	struct connection *connection;
	struct reference reference = {};
	struct tuple tuple = {};

	if (!headers)
		return XDP_DROP;
	tuple.remote = mapped(headers->ip.saddr);
	tuple.local = mapped(headers->ip.daddr);
	tuple.remote_port = headers->tcp.source;
	tuple.local_port = headers->tcp.dest;
	if (!find(&tuple, &reference))
		return XDP_DROP;
	connection = connection_at(slot_of(&reference));
	return connection && connection->generation == reference.generation ? XDP_TX : XDP_DROP;
}
