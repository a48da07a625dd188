/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a frame is addressed to this host. */
#ifndef TRUEPEER_FORWARDER_STATION_H
#define TRUEPEER_FORWARDER_STATION_H

#include "ethernet.h"
#include "maps.h"

/* 00-00-5E-00-01-xx and 00-00-5E-00-02-xx are the virtual routers' of VRRP (RFC 9568, 7.3), whichever host they are at. */
static __always_inline bool is_virtual_router(const __u8 mac[6])
{
	return mac[0] == 0x00 && mac[1] == 0x00 && mac[2] == 0x5e && mac[3] == 0x00 && (mac[4] == 1 || mac[4] == 2);
}

/*
 * It is not where a switch sent it everywhere because it did not know where
 * else: a standby must not answer for its twin, of whose connections it knows
 * nothing. A function of its own, for the stack: see push_embryo().
 */
__noinline int is_to_us(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	const struct ethhdr *eth = data;
	struct station station = {};

	if ((const void *)(eth + 1) > end)
		return false;
	__builtin_memcpy(station.mac, eth->h_dest, ETH_ALEN);
	return bpf_map_lookup_elem(&stations, &station) || is_virtual_router(station.mac);
}

#endif
