/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tagger's programs and the control plane share: src/tagger/layout.ts mirrors it. */
#ifndef TRUEPEER_TAGGER_H
#define TRUEPEER_TAGGER_H

#include "address.h"
#include "toa.h"

/* On which segments the option is written. */
#define TAG_ON_SYN 0x01
#define TAG_ON_ACK 0x02  /* the one that completes the handshake */
#define TAG_ON_DATA 0x04 /* the first payload, until it is acknowledged */

/* Fixed in the programs, as their read-only data. */
struct tagger_settings {
	__u8 kind4;   /* for IPv4 clients; 0: such a client is not tagged */
	__u8 format4; /* enum toa_format */
	__u8 kind6;   /* for IPv6 clients */
	__u8 format6;
	__u8 on;      /* TAG_ON_* */
	__u8 take_local; /* take binds to the host's own addresses as clients too: for a cgroup with nothing but them */
	__u8 reserved[2];
};

/* What is kept with a socket between its bind and its first acknowledged payload. */
struct tag {
	struct address client;
	__be16 port;
	__u8 reserved[2];
};

struct tagger_counters {
	__u64 binds;    /* a bind was taken as the client's address */
	__u64 syn;      /* options written, by segment */
	__u64 ack;
	__u64 data;
	__u64 no_room;  /* the option did not fit behind the others */
	__u64 no_kind;  /* no kind is set for the client's family */
	__u64 no_memory;
	__u64 too_many_addresses; /* binds left alone because the host has more addresses than are looked at */
	__u64 reserved[8];
};

#endif
