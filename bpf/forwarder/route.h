/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The next hop, from the kernel's own routes and neighbours. */
#ifndef TRUEPEER_FORWARDER_ROUTE_H
#define TRUEPEER_FORWARDER_ROUTE_H

#include <linux/in.h>
#include "clock.h"
#include "count.h"
#include "scratch.h"
#include "tuples.h"

/* A look-up that failed is told by the counter that says why; this one did not. */
#define ROUTED FORWARDER_COUNTERS

/* How often a connection in use looks at its routes again. */
#define ROUTE_TICKS TICKS_PER_SECOND

/* From a bpf_fib_lookup() result to the counter that tells of it. */
static __always_inline enum forwarder_counter route_failure(long result)
{
	switch (result) {
	case BPF_FIB_LKUP_RET_NO_NEIGH:
		return COUNT_DROP_NO_NEIGHBOUR;
	case BPF_FIB_LKUP_RET_FWD_DISABLED:
		return COUNT_DROP_FORWARDING_OFF;
	default:
		return COUNT_DROP_NO_ROUTE;
	}
}

/* A next hop that the kernel told, for whoever else goes the same way. Of this CPU, so that nobody has to wait. */
struct known_route {
	struct address destination, source;
	__u32 asked_from; /* ifindex that the packet came in by */
	__u32 checked;    /* tick */
	__u16 mtu;
	__u8 egress;      /* 0: none is known */
	__u8 next_mac[6];
};

#define KNOWN_ROUTES 1024

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KNOWN_ROUTES);
	__type(key, __u32);
	__type(value, struct known_route);
} known_routes SEC(".maps");

static __always_inline __u32 sum_of_words(const struct address *address)
{
	return address->word[0] + address->word[1] + address->word[2] + address->word[3];
}

/* Where the route between a way's addresses is remembered, or another one. */
static __always_inline struct known_route *remembered(const struct way *way)
{
	__u64 pair = (__u64)sum_of_words(&way->destination) << 32 | sum_of_words(&way->source);
	__u32 index = mixed(pair) % KNOWN_ROUTES;

	return bpf_map_lookup_elem(&known_routes, &index);
}

static __always_inline bool is_current(const struct known_route *known, const struct way *way, __u32 ifindex, __u32 now)
{
	return known->egress && now - known->checked <= ROUTE_TICKS && known->asked_from == ifindex &&
	       is_same_address(&known->destination, &way->destination) &&
	       is_same_address(&known->source, &way->source);
}

static __always_inline void ask(struct bpf_fib_lookup *fib, const struct way *way, __u32 ifindex)
{
	__builtin_memset(fib, 0, sizeof(*fib));
	fib->l4_protocol = IPPROTO_TCP;
	fib->sport = way->source_port;
	fib->dport = way->destination_port;
	fib->ifindex = ifindex;
	/* Any length at all makes the kernel tell the route's MTU. */
	fib->tot_len = 1;
	if (is_mapped(&way->destination)) {
		fib->family = AF_INET;
		fib->ipv4_src = way->source.word[3];
		fib->ipv4_dst = way->destination.word[3];
	} else {
		fib->family = AF_INET6;
		__builtin_memcpy(fib->ipv6_src, &way->source, 16);
		__builtin_memcpy(fib->ipv6_dst, &way->destination, 16);
	}
}

/* The egress's number, if it is that of the VLAN that a way's next hop was learned in; else 0. */
static __always_inline __u8 learned_egress(const struct way *way, __u32 number)
{
	const struct egress *egress = bpf_map_lookup_elem(&egresses, &number);

	return egress && way->vlan && egress->vlan == way->vlan ? number : 0;
}

/*
 * Brings a way's next hop up to date. A neighbour that the kernel has
 * forgotten meanwhile is most likely still there, so a next hop that is known
 * is kept then; every other failure counts.
 */
static __always_inline __u32 route(struct xdp_md *ctx, struct bpf_fib_lookup *fib, struct way *way, __u32 now)
{
	struct known_route *known = remembered(way);
	__u32 asked_from = ctx->ingress_ifindex, ifindex, *number;
	long result;

	if (known && is_current(known, way, asked_from, now)) {
		way->checked = known->checked;
		way->mtu = known->mtu;
		way->egress = known->egress;
		__builtin_memcpy(way->next_mac, known->next_mac, 6);
		return ROUTED;
	}
	ask(fib, way, asked_from);
	result = bpf_fib_lookup(ctx, fib, sizeof(*fib), 0);
	way->checked = now;
	ifindex = fib->ifindex;
	number = bpf_map_lookup_elem(&egress_of, &ifindex);
	if (result == BPF_FIB_LKUP_RET_NO_NEIGH && !way->egress && number)
		way->egress = learned_egress(way, *number);
	if (result == BPF_FIB_LKUP_RET_NO_NEIGH && way->egress)
		return ROUTED;
	if (result != BPF_FIB_LKUP_RET_SUCCESS) {
		way->egress = 0;
		return route_failure(result);
	}
	if (!number) {
		way->egress = 0;
		return COUNT_DROP_ELSEWHERE;
	}
	__builtin_memcpy(way->next_mac, fib->dmac, 6);
	way->mtu = fib->mtu_result;
	way->egress = *number;
	if (known) {
		*known = (struct known_route){
			.destination = way->destination,
			.source = way->source,
			.asked_from = asked_from,
			.checked = now,
			.mtu = way->mtu,
			.egress = way->egress,
		};
		__builtin_memcpy(known->next_mac, way->next_mac, 6);
	}
	return ROUTED;
}

/* The same for a connection, one verified function for both directions; `now` in ticks. */
__noinline __u32 route_connection(struct xdp_md *ctx, __u32 slot, __u32 direction, __u32 now)
{
	struct connection *connection = bpf_map_lookup_elem(&connections, &slot);
	struct scratch *scratch = scratch_of_cpu();

	if (!connection || !scratch)
		return COUNT_DROP_INTERNAL;
	return route(ctx, &scratch->fib, &connection->to[direction & 1], now);
}

static __always_inline bool is_route_due(const struct way *way, __u32 now)
{
	return !way->egress || now - way->checked > ROUTE_TICKS;
}

#endif
