/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ordinary segment of an established connection: same IP version on both
 * sides, no TOA, options of the usual shape. It keeps its length, so it is
 * rewritten where it lies.
 */
#ifndef TRUEPEER_FORWARDER_IN_PLACE_H
#define TRUEPEER_FORWARDER_IN_PLACE_H

#include "ethernet.h"
#include "options.h"
#include "parse.h"
#include "send.h"
#include "toa_out.h"

#define SACK_BLOCKS_MAX 3

/* Whether the segment may carry options that only the long way understands. */
static __always_inline bool is_usual(const struct connection *connection, const struct packet *packet,
				     enum direction direction, const struct way *way, const struct egress *egress)
{
	if (packet->flags & TCP_SYN || packet->l3 != ethernet_length(egress->vlan) || packet->is_ipv6 == is_mapped(&way->destination))
		return false;
	if (way->mtu && packet->ip_length > way->mtu)
		return false;
	if (direction == TO_BACKEND && may_complete(connection, packet))
		return false;
	return true;
}

static __always_inline sum_t shift_word(__be32 *word, __u32 by)
{
	__be32 old = *word, new = bpf_htonl(bpf_ntohl(old) + by);

	*word = new;
	return change32(old, new);
}

/* Not to be told from a sum of changes. */
#define UNUSUAL 0xffffffffU

/*
 * Shifts timestamps and SACK edges in the layout that every system uses. What
 * that adds to the checksum, or UNUSUAL, with nothing done, for another one.
 */
static __always_inline sum_t shift_options(const struct connection *connection, const struct packet *packet,
					   enum direction direction, struct tcphdr *tcp, const void *end)
{
	__u32 length = packet->header - sizeof(*tcp), blocks;
	__be32 *word = (__be32 *)(tcp + 1);
	sum_t change = 0;

	if (length == 0)
		return 0;
	if (length < ALIGNED_TIMESTAMP_LENGTH || (void *)(word + 3) > end || word[0] != ALIGNED_TIMESTAMP)
		return UNUSUAL;
	if (direction == TO_BACKEND) {
		/* Nothing but SACK stands behind it, or the long way has to look for TOA there. */
		if (length > ALIGNED_TIMESTAMP_LENGTH &&
		    ((void *)(word + 4) > end ||
		     word[3] != (ALIGNED_SACK | bpf_htonl(length - ALIGNED_TIMESTAMP_LENGTH - 2))))
			return UNUSUAL;
		return connection->timestamp_shift ? shift_word(&word[1], connection->timestamp_shift) : 0;
	}
	if (length > ALIGNED_TIMESTAMP_LENGTH) {
		blocks = (length - ALIGNED_TIMESTAMP_LENGTH - 4) / 8;
		if ((void *)(word + 4) > end || (word[3] & ALIGNED_SACK_MASK) != ALIGNED_SACK ||
		    bpf_ntohl(word[3] & ~ALIGNED_SACK_MASK) != 2 + 8 * blocks || blocks > SACK_BLOCKS_MAX ||
		    (void *)(word + 4 + 2 * blocks) > end)
			return UNUSUAL;
		for (__u32 edge = 0; edge < 2 * SACK_BLOCKS_MAX; edge++) {
			__be32 *at = word + 4 + edge;

			/* clang knows that this lies before the end, and the verifier has to be shown. */
			asm volatile("" : "+r"(at));
			if (edge >= 2 * blocks || (void *)(at + 1) > end)
				break;
			change += shift_word(at, -connection->sequence_shift);
		}
	}
	if (connection->timestamp_shift)
		change += shift_word(&word[2], -connection->timestamp_shift);
	return change;
}

static __always_inline void rewrite_ipv4(struct iphdr *ip, const struct way *way)
{
	__be16 *ttl = (__be16 *)&ip->ttl, old_ttl = *ttl;
	sum_t change = change32(ip->saddr, way->source.word[3]) + change32(ip->daddr, way->destination.word[3]);

	ip->saddr = way->source.word[3];
	ip->daddr = way->destination.word[3];
	ip->ttl--;
	change += change16(old_ttl, *ttl);
	ip->check = checksum_after(ip->check, change);
}

static __always_inline void rewrite_ipv6(struct ipv6hdr *ip, const struct way *way)
{
	__builtin_memcpy(&ip->saddr, &way->source, 16);
	__builtin_memcpy(&ip->daddr, &way->destination, 16);
	ip->hop_limit--;
}

/* False, with nothing done, where the segment has to go the long way. */
static __always_inline bool rewrite_in_place(struct xdp_md *ctx, const struct packet *packet,
					     const struct connection *connection, enum direction direction,
					     const struct egress *egress)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const struct way *way = &connection->to[direction];
	struct ethhdr *eth = data;
	struct tcphdr *tcp = data + L4(packet);
	void *ip = data + L3(packet);
	sum_t change;

	if ((void *)(eth + 1) + VLAN_HEADER > end || (void *)(tcp + 1) > end || ip + sizeof(struct ipv6hdr) > end)
		return false;
	change = shift_options(connection, packet, direction, tcp, end);
	if (change == UNUSUAL)
		return false;
	__builtin_memcpy(eth->h_dest, way->next_mac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, egress->mac, ETH_ALEN);
	if (egress->vlan) {
		__be16 *tci = (__be16 *)(eth + 1);

		/* The priority is the sender's. */
		*tci = (*tci & VLAN_PRIORITY) | bpf_htons(egress->vlan);
	}
	if (packet->is_ipv6)
		rewrite_ipv6(ip, way);
	else
		rewrite_ipv4(ip, way);
	change += way->checksum;
	change += shift_numbers(tcp, connection->sequence_shift, direction);
	tcp->source = way->source_port;
	tcp->dest = way->destination_port;
	tcp->check = checksum_after(tcp->check, change);
	return true;
}

#endif
