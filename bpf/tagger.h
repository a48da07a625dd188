/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tagger's programs and the control plane share: src/tagger/layout.ts mirrors it. */
#ifndef TRUEPEER_TAGGER_H
#define TRUEPEER_TAGGER_H

#include "address.h"
#include "toa.h"

/* On which segments the option is written. */
#define TAG_ON_SYN 0x01
#define TAG_ON_ACK 0x02  /* the one that completes the handshake; the first payload where no other goes before it */
#define TAG_ON_DATA 0x04 /* the first payload, until it is acknowledged */

/* Fixed in the programs, as their read-only data. */
struct tagger_settings {
	__u8 kind4;      /* for IPv4 clients; 0: such a client is not tagged */
	__u8 format4;    /* enum toa_format */
	__u8 kind6;      /* for IPv6 clients */
	__u8 format6;
	__u8 on;         /* TAG_ON_* */
	__u8 take_local; /* take binds to the host's own addresses as clients too: for a cgroup with nothing but them */
	__u8 reserved[2];
	char note[504];  /* JSON for `tagger status`, which the programs do not read */
};

/* One per socket that was bound to a client: it lives and dies with the socket. */
struct tag {
	__u64 bound_ns; /* CLOCK_BOOTTIME */
	struct address client;
	__be16 port;
	__u8 written;   /* TAG_ON_* of the segments that carried the option */
	__u8 decided;   /* the connection's outcome is counted */
	__u8 passed;    /* the backend has the option, and a segment was let pass without it */
	__u8 shared;    /* another program writes options on the connection */
	__u8 sent;      /* TAG_ON_* of the segments that were sent, with the option or without */
	__u8 reserved[25];
};

/* Every connection that the cgroup opens ends in one of these, once it is clear which. */
enum tag_outcome {
	TAG_TAGGED = 0,     /* a segment carried the option */
	TAG_NO_CLIENT = 1,  /* not bound to a client: health checks, lookups, the proxy's own traffic */
	TAG_NO_KIND = 2,    /* no option is set for the client's address family */
	TAG_NO_ROOM = 3,    /* the option fitted behind the others on no segment */
	TAG_SIGNED = 4,     /* an option would spoil the segments' signatures (TCP-AO) */
	TAG_OUTCOME_COUNT,
};

/* One value per CPU. Room is kept so that new counters need no new layout. */
struct tagger_counters {
	__u64 opened;             /* connections the cgroup began to open */
	__u64 outcomes[15];       /* by enum tag_outcome */
	__u64 binds;              /* binds taken as a client */
	__u64 binds_local;        /* binds left alone: the address is the host's own */
	__u64 binds_unchecked;    /* binds left alone: the host has more addresses than are looked at */
	__u64 binds_no_memory;    /* binds left alone: the kernel could not store the client */
	__u64 written_syn;        /* options written, by segment */
	__u64 written_ack;
	__u64 written_data;
	__u64 no_room;            /* segments on which the option did not fit */
	__u64 reserved[8];
};

/* One decision about one connection, for `tagger explain`. */
struct decision {
	__u64 sequence;
	__u64 at_ns;
	struct address client;
	struct address backend;
	__be16 client_port;
	__be16 backend_port;
	__u8 outcome;
	__u8 written;
	__u8 reserved[2];
	__u64 sequence_end;
};

#endif
