/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether an address is the host's own: asked of the network namespace's
 * interfaces each time, so that nothing has to follow addresses that come and
 * go. Addresses that only a route makes local (`ip route add local`) are not
 * among them.
 */
#ifndef TRUEPEER_LOCAL_ADDRESS_H
#define TRUEPEER_LOCAL_ADDRESS_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "address.h"
#include "kernel.h"

/* Interfaces and addresses visited at the most, together. */
#define LOCAL_MAX_STEPS 1024

enum local_answer { LOCAL_NO, LOCAL_YES, LOCAL_TOO_MANY };

static __always_inline struct net_device *device_of(struct list_head *entry)
{
	return (void *)entry - bpf_core_field_offset(struct net_device, dev_list);
}

static __always_inline struct list_head *next_of(struct list_head *entry)
{
	return BPF_CORE_READ(entry, next);
}

/* One walk for a family: over the interfaces, and over each one's addresses. */
static __always_inline enum local_answer find_local4(struct net *net, __be32 wanted)
{
	struct list_head *end = __builtin_preserve_access_index(&net->dev_base_head);
	struct list_head *entry = next_of(end);
	struct in_ifaddr *address = NULL;

	for (int i = 0; i < LOCAL_MAX_STEPS; i++) {
		if (address) {
			if (BPF_CORE_READ(address, ifa_local) == wanted)
				return LOCAL_YES;
			address = BPF_CORE_READ(address, ifa_next);
			continue;
		}
		if (entry == end || !entry)
			return LOCAL_NO;
		address = BPF_CORE_READ(device_of(entry), ip_ptr, ifa_list);
		entry = next_of(entry);
	}
	return LOCAL_TOO_MANY;
}

static __always_inline enum local_answer find_local6(struct net *net, const struct address *wanted)
{
	struct list_head *end = __builtin_preserve_access_index(&net->dev_base_head);
	struct list_head *entry = next_of(end);
	struct list_head *address = NULL, *last = NULL;

	for (int i = 0; i < LOCAL_MAX_STEPS; i++) {
		if (address != last) {
			struct inet6_ifaddr *own = (void *)address - bpf_core_field_offset(struct inet6_ifaddr, if_list);
			struct address found = {};

			bpf_core_read(&found, sizeof(found), &own->addr);
			if (is_same_address(&found, wanted))
				return LOCAL_YES;
			address = next_of(address);
			continue;
		}
		if (entry == end || !entry)
			return LOCAL_NO;
		address = last = NULL;
		struct inet6_dev *device = BPF_CORE_READ(device_of(entry), ip6_ptr);
		if (device) {
			last = __builtin_preserve_access_index(&device->addr_list);
			address = next_of(last);
		}
		entry = next_of(entry);
	}
	return LOCAL_TOO_MANY;
}

static __always_inline enum local_answer is_local(struct bpf_sock_addr *ctx, const struct address *address)
{
	struct tcp_sock *socket = ctx->sk ? bpf_skc_to_tcp_sock(ctx->sk) : NULL;
	struct net *net;

	if (!socket)
		return LOCAL_NO;
	net = BPF_CORE_READ(socket, inet_conn.icsk_inet.sk.__sk_common.skc_net.net);
	if (!is_mapped(address))
		return find_local6(net, address);
	/* All of 127.0.0.0/8 is local, though one address of it stands for the rest. */
	if ((address->word[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000))
		return LOCAL_YES;
	return find_local4(net, address->word[3]);
}

#endif
