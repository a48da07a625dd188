/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From one TOA option to what is kept with the socket. */
#ifndef TRUEPEER_DECODE_H
#define TRUEPEER_DECODE_H

#include "../include/truepeer.h"
#include "address.h"
#include "receiver.h"

/* Copies size bytes from offset at of the option; false where the verifier cannot see that they are there. */
#define TAKE(to, at, size)                                                   \
	({                                                                   \
		bool there = (const void *)(option + (at) + (size)) <= end;  \
		if (there)                                                   \
			__builtin_memcpy(to, option + (at), size);           \
		there;                                                       \
	})

/*
 * Reads one option of a format that toa_walk() has matched. client_port is
 * left as it is where the format has none. False only where the option does
 * not lie before end, which after a match does not happen.
 */
static __always_inline bool decode_client(const __u8 *option, const void *end, __u8 format, struct connection *to)
{
	__u32 ipv4;

	if (!TAKE(&to->kind, 0, 1) || !TAKE(&to->length, 1, 1))
		return false;
	to->format = format;

	switch (format) {
	case TOA_FORMAT_IPV4:
	case TOA_FORMAT_IPV4_VIP:
	case TOA_FORMAT_VTOA4:
		if (!TAKE(&to->client_port, 2, 2) || !TAKE(&ipv4, 4, 4))
			return false;
		to->client = mapped(ipv4);
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT;
		break;
	case TOA_FORMAT_IPV6:
	case TOA_FORMAT_VTOA6:
		if (!TAKE(&to->client_port, 2, 2) || !TAKE(&to->client, 4, 16))
			return false;
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT;
		break;
	case TOA_FORMAT_ADDRESS4:
		if (!TAKE(&ipv4, 3, 4))
			return false;
		to->client = mapped(ipv4);
		to->flags |= TRUEPEER_HAS_CLIENT;
		break;
	case TOA_FORMAT_ADDRESS6:
		if (!TAKE(&to->client, 3, 16))
			return false;
		to->flags |= TRUEPEER_HAS_CLIENT;
		break;
	}
	return true;
}

/* Reads the VIP and tenant network that the formats with room for them carry. */
static __always_inline bool decode_vip(const __u8 *option, const void *end, __u8 format, struct connection *to)
{
	__u32 ipv4;

	switch (format) {
	case TOA_FORMAT_VIP:
		if (!TAKE(&to->vip_port, 2, 2) || !TAKE(&ipv4, 4, 4))
			return false;
		break;
	case TOA_FORMAT_IPV4_VIP:
		if (!TAKE(&to->vip_port, 10, 2) || !TAKE(&ipv4, 12, 4))
			return false;
		break;
	case TOA_FORMAT_VTOA4:
		/* The number is stored the way the sender's little-endian host keeps it, and so do we. */
		if (!TAKE(&to->vid, 8, 4) || !TAKE(&ipv4, 12, 4) || !TAKE(&to->vip_port, 16, 2))
			return false;
		to->flags |= TRUEPEER_HAS_VID;
		break;
	case TOA_FORMAT_VTOA6:
		if (!TAKE(&to->vid, 20, 3) || !TAKE(&to->vip, 24, 16))
			return false;
		to->flags |= TRUEPEER_HAS_VID | TRUEPEER_HAS_VIP;
		return true;
	default:
		return true;
	}
	to->vip = mapped(ipv4);
	to->flags |= TRUEPEER_HAS_VIP;
	return true;
}

#undef TAKE

/* Whether the format carries its client as an IPv6 address, which must then not be a mapped IPv4 one. */
static __always_inline bool is_ipv6_format(__u8 format)
{
	return format == TOA_FORMAT_IPV6 || format == TOA_FORMAT_VTOA6 || format == TOA_FORMAT_ADDRESS6;
}

#endif
