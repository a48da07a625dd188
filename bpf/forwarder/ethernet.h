/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TRUEPEER_FORWARDER_ETHERNET_H
#define TRUEPEER_FORWARDER_ETHERNET_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VLAN_HEADER 4
#define VLAN_PRIORITY bpf_htons(0xf000)

static __always_inline __u32 ethernet_length(__u16 vlan)
{
	return sizeof(struct ethhdr) + (vlan ? VLAN_HEADER : 0);
}

static __always_inline __u32 ip_header_length(bool is_ipv6)
{
	return is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

static __always_inline void swap_macs(struct ethhdr *eth)
{
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
}

/* Writes the header, with a tag where vlan is not 0; the IP header's place, or NULL where the frame is too short. */
static __always_inline void *write_ethernet(void *data, const void *end, const __u8 to[6], const __u8 from[6],
					    __u16 vlan, bool is_ipv6)
{
	__be16 type = bpf_htons(is_ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	struct ethhdr *eth = data;
	__be16 *tag = (__be16 *)(eth + 1);

	if ((const void *)(tag + 2) > end)
		return NULL;
	__builtin_memcpy(eth->h_dest, to, ETH_ALEN);
	__builtin_memcpy(eth->h_source, from, ETH_ALEN);
	if (!vlan) {
		eth->h_proto = type;
		return eth + 1;
	}
	eth->h_proto = bpf_htons(ETH_P_8021Q);
	tag[0] = bpf_htons(vlan);
	tag[1] = type;
	return tag + 2;
}

#endif
