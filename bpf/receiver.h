/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the receiver's programs and the control plane share. src/receiver/
 * layout.ts mirrors these structs; a test compares the two through BTF.
 *
 * The maps of struct connection and struct counters are pinned and live on
 * through an upgrade. Another version's are told by the size of their values:
 * whoever changes what a field means must change a size with it.
 */
#ifndef TRUEPEER_RECEIVER_H
#define TRUEPEER_RECEIVER_H

#include "address.h"
#include "toa.h"

/* One per tagged socket. */
struct connection {
	__u64 established_ns; /* CLOCK_BOOTTIME */
	struct address client; /* IPv4 as ::ffff:a.b.c.d */
	struct address vip;
	__be16 client_port;
	__be16 vip_port;
	__u32 vid;
	__u8 kind;
	__u8 length;
	__u8 format;          /* enum toa_format */
	__u8 flags;           /* TRUEPEER_* of include/truepeer.h */
	__u8 reserved[4];
};

/* Where a connection is kept, as long as its socket can be asked for it. */
struct slot {
	__u32 claims; /* 1 while it is taken; more while another finds that it is */
	__u32 asked;  /* which owner was asked for its client: mark_of() its cookie */
	__u64 owner;  /* the socket's cookie, which no other socket ever has; 0: free */
	__u64 socket; /* its address in the kernel, for `receiver connections` */
	struct connection connection;
};

#define SLOTS (1 << 16)

/* Every established connection ends in exactly one of these. */
enum outcome {
	OUTCOME_TAGGED = 0,       /* the client is known, getpeername() says it */
	OUTCOME_NAT64 = 1,        /* the client is known; IPv6 on an IPv4 socket: only getsockopt says it */
	OUTCOME_VIP_ONLY = 2,     /* the option held the VIP and no client */
	OUTCOME_NO_OPTION = 3,    /* nothing that looks like TOA */
	OUTCOME_OTHER_KIND = 4,   /* TOA of a kind that no enabled profile reads */
	OUTCOME_UNTRUSTED = 5,    /* an option from an address that is not trusted */
	OUTCOME_MALFORMED = 6,    /* the segment's option list is broken */
	OUTCOME_LOOKALIKE = 7,    /* an enabled kind with another protocol's shape */
	OUTCOME_BAD_CLIENT = 8,   /* an address or port no client can have */
	OUTCOME_SUBFLOW = 9,      /* a further subflow of an MPTCP connection that is already known */
	OUTCOME_NO_MEMORY = 10,   /* the kernel could not store the client */
	OUTCOME_COUNT,
};

/* One value per CPU. Room is kept so that new counters need no new layout. */
struct counters {
	__u64 established;
	__u64 outcomes[31];       /* by enum outcome */
	__u64 peername_client;    /* getpeername() or accept() answered with the client */
	__u64 peername_mismatch;  /* ... could not: IPv6 client on an IPv4 socket, or VIP only */
	__u64 peername_transport; /* ... on a TCP socket without TOA */
	__u64 peername_other;     /* ... on a socket that is not TCP */
	__u64 sockopt_answered;   /* getsockopt() answered by us */
	__u64 reserved[27];
};

/* One decision about one connection, for `receiver explain`. */
struct decision {
	__u64 sequence;           /* equals sequence_end unless the writer was at it */
	__u64 at_ns;              /* CLOCK_BOOTTIME */
	struct address peer;
	struct address local;
	__be16 peer_port;
	__be16 local_port;
	__u8 outcome;
	__u8 option_at;           /* offset in options of what the outcome is about */
	__u8 options_length;
	__u8 syn;                 /* the options are the SYN's */
	__u8 options[TCP_MAX_OPTIONS];
	__u64 sequence_end;
};

/* An address is within it where it agrees with it in every bit of the mask. */
struct network {
	struct address address;
	struct address mask;
};

#define TRUST_FEW 16

/* What an attach decides, fixed in the programs it loads (their read-only data). */
struct receiver_settings {
	toa_rules completing; /* read from the segment that completes the handshake */
	toa_rules syn;        /* read from the saved SYN, where that segment had none */
	toa_rules known;      /* every TOA there is, to tell "not enabled" from "not there" */
	__u8 read_syn;        /* whether syn has any rule */
	__u8 refuse_loopback; /* client addresses that count as OUTCOME_BAD_CLIENT */
	__u8 refuse_private;
	__u8 trusted_few;     /* how many of trusted there are; 0: they are in the map trust */
	__u8 reads_kernel;    /* whether programs may read the kernel's memory: not under lockdown=confidentiality */
	__u8 reserved[3];
	struct network trusted[TRUST_FEW];
	char note[1016];      /* JSON for `receiver status`, which the programs do not read */
};

struct trust_key {
	__u32 prefix; /* in the 128-bit space: 10.0.0.0/8 is 104 */
	struct address address;
};

#define TRUST_MAX_PREFIXES 65536

#endif
