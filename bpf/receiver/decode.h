/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From one TOA option to what is kept with the socket. */
#ifndef TRUEPEER_DECODE_H
#define TRUEPEER_DECODE_H

#include "../../include/truepeer.h"
#include "../address.h"
#include "../receiver.h"

/* Copies size bytes from offset at of the option; false where the verifier cannot see that they are there. */
#define TAKE(to, at, size)                                                   \
	({                                                                   \
		bool there = (const void *)(option + (at) + (size)) <= end;  \
		if (there)                                                   \
			__builtin_memcpy(to, option + (at), size);           \
		there;                                                       \
	})

/*
 * Reads one option of a format that TOA_WALK has matched. client_port is
 * left as it is where the format has none. False only where the option does
 * not lie before end, which after a match does not happen.
 *
 * One switch for all there is to read: with two, the verifier would go through
 * the second for each case of the first.
 */
static __always_inline bool decode_option(const __u8 *option, const void *end, __u8 format, struct connection *to)
{
	__u32 client4, vip4;

	if (!TAKE(&to->kind, 0, 1) || !TAKE(&to->length, 1, 1))
		return false;
	to->format = format;

	switch (format) {
	case TOA_FORMAT_IPV4:
		if (!TAKE(&to->client_port, 2, 2) || !TAKE(&client4, 4, 4))
			return false;
		to->client = mapped(client4);
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT;
		return true;
	case TOA_FORMAT_IPV6:
		if (!TAKE(&to->client_port, 2, 2) || !TAKE(&to->client, 4, 16))
			return false;
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT;
		return true;
	case TOA_FORMAT_IPV4_VIP:
		if (!TAKE(&to->client_port, 2, 2) || !TAKE(&client4, 4, 4) || !TAKE(&to->vip_port, 10, 2) ||
		    !TAKE(&vip4, 12, 4))
			return false;
		to->client = mapped(client4);
		to->vip = mapped(vip4);
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT | TRUEPEER_HAS_VIP;
		return true;
	case TOA_FORMAT_VTOA4:
		/* The vid is stored the way the sender's little-endian host keeps it, and so do we. */
		if (!TAKE(&to->client_port, 2, 2) || !TAKE(&client4, 4, 4) || !TAKE(&to->vid, 8, 4) ||
		    !TAKE(&vip4, 12, 4) || !TAKE(&to->vip_port, 16, 2))
			return false;
		to->client = mapped(client4);
		to->vip = mapped(vip4);
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT | TRUEPEER_HAS_VIP | TRUEPEER_HAS_VID;
		return true;
	case TOA_FORMAT_VTOA6:
		if (!TAKE(&to->client_port, 2, 2) || !TAKE(&to->client, 4, 16) || !TAKE(&to->vid, 20, 3) ||
		    !TAKE(&to->vip, 24, 16))
			return false;
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT | TRUEPEER_HAS_VIP | TRUEPEER_HAS_VID;
		return true;
	case TOA_FORMAT_ADDRESS4:
		if (!TAKE(&client4, 3, 4))
			return false;
		to->client = mapped(client4);
		to->flags |= TRUEPEER_HAS_CLIENT;
		return true;
	case TOA_FORMAT_ADDRESS6:
		if (!TAKE(&to->client, 3, 16))
			return false;
		to->flags |= TRUEPEER_HAS_CLIENT;
		return true;
	case TOA_FORMAT_VIP:
		if (!TAKE(&to->vip_port, 2, 2) || !TAKE(&vip4, 4, 4))
			return false;
		to->vip = mapped(vip4);
		to->flags |= TRUEPEER_HAS_VIP;
		return true;
	default:
		return true;
	}
}

/* Reads a VIP option that stands beside the client's. */
static __always_inline void decode_vip(const __u8 *option, const void *end, struct connection *to)
{
	__u32 vip4;

	if (!TAKE(&to->vip_port, 2, 2) || !TAKE(&vip4, 4, 4))
		return;
	to->vip = mapped(vip4);
	to->flags |= TRUEPEER_HAS_VIP;
}

#undef TAKE

#define TOA_IPV6_FORMATS \
	(TOA_FORMAT_BIT(TOA_FORMAT_IPV6) | TOA_FORMAT_BIT(TOA_FORMAT_VTOA6) | TOA_FORMAT_BIT(TOA_FORMAT_ADDRESS6))

/* Whether the format carries its client as an IPv6 address, which must then not be a mapped IPv4 one. */
static __always_inline bool is_ipv6_format(__u8 format)
{
	return TOA_FORMAT_BIT(format & 15) & TOA_IPV6_FORMATS;
}

#endif
