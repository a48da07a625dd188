/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From one TOA option to what is kept with the socket. */
#ifndef TRUEPEER_DECODE_H
#define TRUEPEER_DECODE_H

#include "../../include/truepeer.h"
#include "../address.h"
#include "../receiver.h"

/* The vid of VTOA for IPv6 has three bytes, least significant first. */
#define VID6_MASK 0x00ffffff

/* Wherever they stand: clang would read them byte by byte, for machines that we do not run on. */
#define HALF(at) (*(const __u16 *)(option + (at)))
#define WORD(at) (*(const __u32 *)(option + (at)))
#define ADDRESS(at) ((struct address){ { WORD(at), WORD((at) + 4), WORD((at) + 8), WORD((at) + 12) } })

/* Whether the verifier can see that so many bytes of the option are there; after a match they are. */
#define HAS(size) ((const void *)(option + (size)) <= end)

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
	if (!HAS(2))
		return false;
	to->kind = option[0];
	to->length = option[1];
	to->format = format;

	switch (format) {
	case TOA_FORMAT_IPV4:
		if (!HAS(8))
			return false;
		to->client_port = HALF(2);
		to->client = mapped(WORD(4));
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT;
		return true;
	case TOA_FORMAT_IPV6:
		if (!HAS(20))
			return false;
		to->client_port = HALF(2);
		to->client = ADDRESS(4);
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT;
		return true;
	case TOA_FORMAT_IPV4_VIP:
		if (!HAS(16))
			return false;
		to->client_port = HALF(2);
		to->client = mapped(WORD(4));
		to->vip_port = HALF(10);
		to->vip = mapped(WORD(12));
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT | TRUEPEER_HAS_VIP;
		return true;
	case TOA_FORMAT_VTOA4:
		if (!HAS(18))
			return false;
		to->client_port = HALF(2);
		to->client = mapped(WORD(4));
		/* The vid is stored the way the sender's little-endian host keeps it, and so do we. */
		to->vid = WORD(8);
		to->vip = mapped(WORD(12));
		to->vip_port = HALF(16);
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT | TRUEPEER_HAS_VIP | TRUEPEER_HAS_VID;
		return true;
	case TOA_FORMAT_VTOA6:
		if (!HAS(40))
			return false;
		to->client_port = HALF(2);
		to->client = ADDRESS(4);
		to->vid = WORD(20) & VID6_MASK;
		to->vip = ADDRESS(24);
		to->flags |= TRUEPEER_HAS_CLIENT | TRUEPEER_HAS_PORT | TRUEPEER_HAS_VIP | TRUEPEER_HAS_VID;
		return true;
	case TOA_FORMAT_ADDRESS4:
		if (!HAS(7))
			return false;
		to->client = mapped(WORD(3));
		to->flags |= TRUEPEER_HAS_CLIENT;
		return true;
	case TOA_FORMAT_ADDRESS6:
		if (!HAS(19))
			return false;
		to->client = ADDRESS(3);
		to->flags |= TRUEPEER_HAS_CLIENT;
		return true;
	case TOA_FORMAT_VIP:
		if (!HAS(8))
			return false;
		to->vip_port = HALF(2);
		to->vip = mapped(WORD(4));
		to->flags |= TRUEPEER_HAS_VIP;
		return true;
	default:
		return true;
	}
}

/* Reads a VIP option that stands beside the client's. */
static __always_inline void decode_vip(const __u8 *option, const void *end, struct connection *to)
{
	if (!HAS(8))
		return;
	to->vip_port = HALF(2);
	to->vip = mapped(WORD(4));
	to->flags |= TRUEPEER_HAS_VIP;
}

#undef HALF
#undef WORD
#undef ADDRESS
#undef HAS

#define TOA_IPV6_FORMATS \
	(TOA_FORMAT_BIT(TOA_FORMAT_IPV6) | TOA_FORMAT_BIT(TOA_FORMAT_VTOA6) | TOA_FORMAT_BIT(TOA_FORMAT_ADDRESS6))

/* Whether the format carries its client as an IPv6 address, which must then not be a mapped IPv4 one. */
static __always_inline bool is_ipv6_format(__u8 format)
{
	return TOA_FORMAT_BIT(format & 15) & TOA_IPV6_FORMATS;
}

#endif
