/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One line of a role's `connections`, as bpf/sockets.bpf.c writes it. */
#ifndef TRUEPEER_SOCKETS_H
#define TRUEPEER_SOCKETS_H

#include "address.h"

/*
 * What a role keeps with a socket: struct connection of the receiver, struct
 * tag of the tagger. The kernel puts 72 bytes before it and allocates powers of
 * two and 192 bytes, so one byte more would take 64 of memory.
 */
#define SOCKET_VALUE_BYTES 56

struct socket_line {
	__u8 value[SOCKET_VALUE_BYTES];
	struct address peer;
	struct address local;
	__be16 peer_port;
	__u16 local_port; /* host order, as the kernel keeps it */
	__u32 netns;      /* inode number of the network namespace */
	__u64 inode;      /* of the socket; 0 before accept() */
	__u16 family;     /* AF_INET or AF_INET6, of the socket */
	__u8 state;       /* TCP_ESTABLISHED, ... */
	__u8 reserved[5];
};

#endif
