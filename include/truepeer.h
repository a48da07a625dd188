/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The whole truth about one TCP connection, for any program:
 *
 *	struct truepeer_info info;
 *	socklen_t length = sizeof(info);
 *	if (getsockopt(fd, IPPROTO_TCP, TRUEPEER_INFO, &info, &length) == 0)
 *		...
 *
 * Errors: EINVAL where fewer than sizeof(info) bytes are offered (from Linux
 * 5.18; before that the kernel's own ENOPROTOOPT), ENOTCONN on a socket that
 * is not connected, ENOPROTOOPT where no receiver is attached (or it was
 * attached with --no-sockopt).
 *
 * Addresses are 16 bytes in network order, IPv4 as ::ffff:a.b.c.d. Ports are
 * in network order. Everything else is in host order.
 */
#ifndef TRUEPEER_H
#define TRUEPEER_H

#include <linux/types.h>

#define TRUEPEER_INFO 0x5450

#define TRUEPEER_HAS_CLIENT 0x01 /* client was told by a trusted forwarder; else it equals peer */
#define TRUEPEER_HAS_PORT 0x02   /* ... with its port; else client_port is the transport's */
#define TRUEPEER_HAS_VIP 0x04    /* vip and vip_port: the address the client connected to */
#define TRUEPEER_HAS_VID 0x08    /* vid: the tenant network's number */
#define TRUEPEER_FROM_SYN 0x10   /* the option was read from the SYN, not the completing segment */
#define TRUEPEER_NAT64 0x20      /* an IPv6 client on an IPv4 connection: getpeername() cannot say it */

struct truepeer_info {
	__u8 client[16];
	__u8 peer[16];         /* the transport peer: what ss shows */
	__u8 vip[16];
	__be16 client_port;
	__be16 peer_port;
	__be16 vip_port;
	__u8 flags;            /* TRUEPEER_* */
	__u8 kind;             /* TCP option kind and length the client came in; 0 without TOA */
	__u8 length;
	__u8 reserved[3];
	__u32 vid;
	__u64 established_ns;  /* CLOCK_BOOTTIME when the connection was established; 0 without TOA */
};

#endif
