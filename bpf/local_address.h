/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether an address is the host's own: asked of the kernel each time, so that
 * nothing has to follow addresses that come and go. It is asked of the network
 * namespace's table of addresses once we are known to read that rightly, and
 * else of all its interfaces. Addresses that only a route makes local (`ip
 * route add local`) are not among them.
 */
#ifndef TRUEPEER_LOCAL_ADDRESS_H
#define TRUEPEER_LOCAL_ADDRESS_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "address.h"
#include "kernel.h"
#include "local_hash.h"

/* Interfaces and addresses visited at the most, together. */
#define LOCAL_MAX_STEPS 2048

/*
 * Where a walk is: at a device, by its entry in the namespace's list; or, with
 * the lowest bit set, at one of a device's addresses. That bit alone: found.
 */
#define PLACE_ADDRESS 1ULL
#define PLACE_FOUND 1ULL

static __always_inline __u64 next_of(struct list_head *entry)
{
	return (__u64)BPF_CORE_READ(entry, next);
}

static __always_inline __u64 behind(struct net_device *device)
{
	return next_of(__builtin_preserve_access_index(&device->dev_list));
}

static __always_inline struct net_device *device_at(__u64 place)
{
	return (void *)place - bpf_core_field_offset(struct net_device, dev_list);
}

/*
 * One step of a walk for each family. Global functions, because the verifier
 * goes through such a function once, and not again in every round of the loop.
 */
__noinline __u64 local_step4(__u64 place, __u64 net, __u32 wanted)
{
	struct in_ifaddr *address;
	__u32 own;

	if (!(place & PLACE_ADDRESS)) {
		address = BPF_CORE_READ(device_at(place), ip_ptr, ifa_list);
		return address ? (__u64)address | PLACE_ADDRESS : next_of((void *)place);
	}
	address = (void *)(place - PLACE_ADDRESS);
	own = BPF_CORE_READ(address, ifa_local);
	hash_told(HASH_IPV4, hash_find4(net, own));
	if (own == wanted)
		return PLACE_FOUND;
	place = (__u64)BPF_CORE_READ(address, ifa_next);
	return place ? place | PLACE_ADDRESS : behind(BPF_CORE_READ(address, ifa_dev, dev));
}

/* The address comes as two numbers, for before Linux 5.12 nothing else can be handed over. */
__noinline __u64 local_step6(__u64 place, __u64 net, __u64 wanted, __u64 wanted_end)
{
	struct list_head *entry, *end;
	struct inet6_ifaddr *address;
	struct inet6_dev *device;
	__u64 own[2] = {};

	if (!(place & PLACE_ADDRESS)) {
		device = BPF_CORE_READ(device_at(place), ip6_ptr);
		if (!device)
			return next_of((void *)place);
		entry = __builtin_preserve_access_index(&device->addr_list);
	} else {
		entry = (void *)(place - PLACE_ADDRESS);
		address = (void *)entry - bpf_core_field_offset(struct inet6_ifaddr, if_list);
		bpf_core_read(own, sizeof(own), &address->addr);
		hash_told(HASH_IPV6_FOLDED, hash_find6(net, own[0], own[1], HASH_IPV6_FOLDED));
		hash_told(HASH_IPV6_JENKINS, hash_find6(net, own[0], own[1], HASH_IPV6_JENKINS));
		if (own[0] == wanted && own[1] == wanted_end)
			return PLACE_FOUND;
		device = BPF_CORE_READ(address, idev);
	}
	/* The addresses of a device are a ring through it. */
	end = __builtin_preserve_access_index(&device->addr_list);
	place = next_of(entry);
	return place == (__u64)end ? behind(BPF_CORE_READ(device, dev)) : place | PLACE_ADDRESS;
}

/* Over the interfaces, and over each one's addresses. */
#define LOCAL_WALK(net, step, ...)                                                        \
	({                                                                                \
		__u64 end_ = (__u64)__builtin_preserve_access_index(&(net)->dev_base_head); \
		__u64 place_ = next_of((void *)end_);                                     \
		enum local_answer answer_ = LOCAL_UNKNOWN;                                \
                                                                                          \
		for (int i_ = 0; i_ < LOCAL_MAX_STEPS && answer_ == LOCAL_UNKNOWN; i_++) { \
			if (place_ == end_)                                               \
				answer_ = LOCAL_NO;                                       \
			else if (place_ == PLACE_FOUND)                                   \
				answer_ = LOCAL_YES;                                      \
			else                                                              \
				place_ = step(place_, (__u64)(net), __VA_ARGS__);         \
		}                                                                         \
		answer_;                                                                  \
	})

static __always_inline enum local_answer is_local4(struct net *net, __be32 wanted)
{
	enum local_answer answer = is_proven(HASH_IPV4) ? hash_find4((__u64)net, wanted) : LOCAL_UNKNOWN;

	return answer == LOCAL_UNKNOWN ? LOCAL_WALK(net, local_step4, wanted) : answer;
}

static __always_inline enum local_answer is_local6(struct net *net, const struct address *wanted)
{
	enum local_answer answer = LOCAL_UNKNOWN;
	__u64 halves[2];

	__builtin_memcpy(halves, wanted, sizeof(halves));
	if (is_proven(HASH_IPV6_JENKINS))
		answer = hash_find6((__u64)net, halves[0], halves[1], HASH_IPV6_JENKINS);
	else if (is_proven(HASH_IPV6_FOLDED))
		answer = hash_find6((__u64)net, halves[0], halves[1], HASH_IPV6_FOLDED);
	return answer == LOCAL_UNKNOWN ? LOCAL_WALK(net, local_step6, halves[0], halves[1]) : answer;
}

static __always_inline enum local_answer is_local(struct bpf_sock_addr *ctx, const struct address *address)
{
	struct tcp_sock *socket = ctx->sk ? bpf_skc_to_tcp_sock(ctx->sk) : NULL;
	struct net *net;

	if (!socket)
		return LOCAL_NO;
	net = BPF_CORE_READ(socket, inet_conn.icsk_inet.sk.__sk_common.skc_net.net);
	if (!is_mapped(address))
		return is_local6(net, address);
	/* All of 127.0.0.0/8 is local, though one address of it stands for the rest. */
	if ((address->word[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000))
		return LOCAL_YES;
	return is_local4(net, address->word[3]);
}

#endif
