/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the forwarder's program and the control plane share:
 * src/forwarder/layout.ts mirrors it.
 */
#ifndef TRUEPEER_FORWARDER_H
#define TRUEPEER_FORWARDER_H

#include "address.h"
#include "toa.h"

/* Times are in ticks of 2^20 ns (1.05 ms) of CLOCK_MONOTONIC, cut to 32 bits: compare differences. */
#define TICK_SHIFT 20

#define SERVICES_MAX 128    /* number 0 is no service: what belongs to none is counted there */
#define BACKENDS_MAX 131072 /* number 0 is no backend */
#define LOCALS_MAX 64       /* local addresses of each family */
#define EGRESSES_MAX 64     /* interfaces to send from, VLANs on top of them included; number 0 is none */
#define SCHEDULE_SIZE 65537 /* prime, as Maglev wants it */

/* Which way a segment goes. */
enum direction {
	TO_BACKEND = 0,
	TO_CLIENT = 1,
};

/* One interface to send from, in the map egresses; egress_of tells its number by ifindex. */
struct egress {
	__u32 ifindex; /* as routes name it: the VLAN interface, where there is one */
	__u32 port;    /* ifindex of the interface that frames leave by */
	__u16 vlan;    /* host order; 0: untagged */
	__u8 mac[6];
	__u32 is_veth; /* what XDP_TX sends by a veth waits until the other end looks by itself, so it is redirected */
};

/* A segment's addresses as it arrives. The map tuples leads from it to the connection, from both sides. */
struct tuple {
	struct address remote; /* who sent it */
	struct address local;
	__be16 remote_port;
	__be16 local_port;
} __attribute__((may_alias)); /* see struct way */

/* It holds as long as the connection in that slot is of that generation. */
struct reference {
	__u32 slot;       /* in the map connections; REFERENCE_TO_CLIENT beside it */
	__u32 generation;
};

#define REFERENCE_TO_CLIENT 0x80000000U

#define BUCKET_ENTRIES 8

/* Of the map tuples: entries are 0, or half a hash above the slot with REFERENCE_TO_CLIENT beside it. */
struct bucket {
	__u64 entries[BUCKET_ENTRIES];
};

/* All that sending a segment on takes, in one cache line; one of these for each direction. */
struct way {
	/* What the segment carries from here on. Read as a struct tuple, it is that of the answers. */
	struct address destination;
	struct address source;
	__be16 destination_port;
	__be16 source_port;
	__u16 checksum;        /* what the change of addresses and ports adds to a checksum */
	__u16 mtu;             /* of the route */
	__u32 checked;         /* tick of the last look at the route */
	__u32 acknowledged;    /* the newest acknowledgement that went this way, as its receiver reads it */
	__u32 fin;             /* what acknowledges the FIN that came this way, as its sender counts */
	__u8 next_mac[6];
	__u8 egress;           /* number in egresses; 0: no route looked up yet */
	__u8 reserved;
	__u16 vlan;            /* of the SYN that next_mac was learned from, while no route has been looked up; 0: none */
	__u8 reserved2[2];
};

/* struct connection, flags */
#define CONNECTION_OPEN 0x0001          /* filled in */
#define CONNECTION_ANSWERED 0x0002      /* the backend's SYN-ACK passed */
#define CONNECTION_ESTABLISHED 0x0004   /* the client's acknowledgement of it passed, or what a backend sends after that */
#define CONNECTION_FIN_CLIENT 0x0008    /* a FIN passed, sent by the client */
#define CONNECTION_FIN_BACKEND 0x0010
#define CONNECTION_FINISHED_CLIENT 0x0020 /* and was acknowledged */
#define CONNECTION_FINISHED_BACKEND 0x0040
#define CONNECTION_RESET_CLIENT 0x0080  /* a RST passed that the backend believes, and nothing else of that side since */
#define CONNECTION_ABORTED 0x0100       /* given up here: every segment is answered with a RST */
#define CONNECTION_UPSTREAM 0x0200      /* the client is a trusted forwarder: its TOA is passed on */
#define CONNECTION_TAGGED_SYN 0x0400    /* which segments carried TOA */
#define CONNECTION_TAGGED_ACK 0x0800
#define CONNECTION_TAGGED_DATA 0x1000
#define CONNECTION_MISSED 0x2000        /* one that should have did not: see the counters for why */
#define CONNECTION_FREEING 0x4000       /* its tuples are being deleted */
#define CONNECTION_REPORTED 0x8000      /* expired, and told to the daemon, which resets both sides */
#define CONNECTION_RESET_BACKEND 0x10000 /* a believable RST passed, and nothing else of that side since */
#define CONNECTION_TALKED 0x20000       /* the backend sent payload or a FIN: for it, the handshake is complete */
#define CONNECTION_TOLD_SYN 0x40000     /* an upstream's SYN said who the client is */
#define CONNECTION_TOLD 0x80000         /* and so did a later segment, which stays */
#define CONNECTION_RESET_DOUBTED 0x100000 /* the client's RST may be somebody else's; cleared like CONNECTION_RESET_CLIENT */

/*
 * One connection, a slot of the map connections: a cache line for each
 * direction, and one that both look into. Its state is not stored: the flags
 * tell (see connection_state()).
 *
 * The client's own address and port are to[TO_CLIENT].destination, the
 * service's to[TO_CLIENT].source, the local address to[TO_BACKEND].source, the
 * backend's to[TO_BACKEND].destination.
 */
struct connection {
	struct way to[2];         /* by enum direction */
	__u32 generation;         /* odd: in use. Grows when the slot is taken and when it is freed */
	__u32 flags;              /* CONNECTION_* */
	__u32 backend;            /* number */
	__u16 service;            /* number */
	__be16 client_port;       /* what TOA says, as client does: the upstream's word where one is trusted */
	struct address client;
	__u32 created;            /* tick */
	__u32 seen;               /* tick of the last segment, either way */
	__u32 isn;                /* of the client, as the backend sees it */
	__u32 backend_isn;
	__u32 sequence_shift;     /* added to the client's sequence numbers */
	__u32 timestamp_shift;    /* added to the client's timestamps; 0: they pass as they are */
	__u32 timestamp_base;     /* what the first SYN's timestamp becomes; 0 once the shift is known */
	__u8 reserved[4];
};

enum connection_state {
	STATE_FREE = 0,
	STATE_SYN_SENT = 1,     /* the SYN went to the backend */
	STATE_SYN_RECEIVED = 2, /* the SYN-ACK went to the client */
	STATE_ESTABLISHED = 3,
	STATE_CLOSING = 4,      /* a FIN passed, or a RST that may be forged */
	STATE_CLOSED = 5,       /* both did and were acknowledged, or a RST passed */
	STATE_COUNT,
};

enum scheduler {
	SCHEDULER_MAGLEV = 0,
	SCHEDULER_SOURCE = 1,            /* Maglev over the client's address alone */
	SCHEDULER_ROUND_ROBIN = 2,       /* one after the other through the table, which repeats by weight */
	SCHEDULER_LEAST_CONNECTIONS = 3, /* the least connections for its weight, of up to 32 in a row of the table */
};

/* struct service, flags */
#define SERVICE_OPEN 0x01             /* accepts connections */
#define SERVICE_MISSING_RESET 0x02    /* no room for TOA: reset the connection instead of forwarding it */
#define SERVICE_DOWN_RESET 0x04       /* no backend: answer with a RST instead of silence */
#define SERVICE_STRIP_TIMESTAMPS 0x08 /* never let timestamps be negotiated */
#define SERVICE_YIELD_TIMESTAMPS 0x10 /* give them up where TOA has no room otherwise */
#define SERVICE_UPSTREAMS 0x20        /* has entries in the map upstreams */

/* On which segments TOA is written. */
#define FORWARDER_TAG_SYN 0x01
#define FORWARDER_TAG_ACK 0x02  /* the one that completes the handshake, and other empty ones beside it */
#define FORWARDER_TAG_DATA 0x04 /* payload, until the client has acknowledged the backend's first */

struct service {
	struct address address;
	__be16 port;
	__u8 scheduler;     /* enum scheduler */
	__u8 flags;         /* SERVICE_* */
	__u8 tag_on;        /* FORWARDER_TAG_* */
	__u8 kind4;         /* of the 8-byte option, for IPv4 clients; 0: such clients are not tagged */
	__u8 kind6;         /* of the 20-byte option */
	__u8 reserved;
	__u32 schedule;     /* how many entries of its part of the map schedule are in use; 0: no backend */
	__u32 cursor;       /* of round robin */
	__u32 timeouts[STATE_COUNT]; /* ticks without a segment, by enum connection_state */
	char name[56];      /* ends with NUL */
};

/* struct backend, flags: the control plane's own notes; the program reads the schedule alone */
#define BACKEND_USED 0x01
#define BACKEND_UP 0x02
#define BACKEND_DRAINING 0x04
#define BACKEND_REMOVED 0x08 /* not in the configuration any more: its last connections go on */

struct backend {
	struct address address;
	__be16 port;
	__u16 service;      /* number */
	__u32 flags;        /* BACKEND_* */
	__u32 weight;
	__u32 ports_cursor; /* next (local address, port) to try */
	__u32 active;       /* connections that hold a slot */
	__u32 crowded;      /* tick in which no port was free any more, but for those of connections that are over */
	__u64 opened;       /* SYNs sent on */
	__u64 established;
	__u64 unanswered;   /* opened, and expired without any answer */
	__u64 refused;      /* SYNs answered with a RST */
};

struct forwarder_settings {
	__u64 key[2];       /* secret, of initial sequence numbers and timestamp shifts */
	__u32 slots;        /* of the map connections, and buckets of the map tuples */
	__u32 embryos;      /* at most so many connections before their handshake is complete */
	__u32 locals4;      /* how many of the map locals are in use: 0 ..., and for IPv6 LOCALS_MAX ... */
	__u32 locals6;
	__u32 port_first;   /* local ports handed out */
	__u32 port_count;
	__u32 table_key[10]; /* secret, of the map tuples; it stays as long as that does */
};

/* Where the next look at the slots, and the next embryo's place in its ring, are. */
struct positions {
	__u32 hand;
	__u32 embryo;
	__u32 crowded; /* tick in which no slot was free any more, but for those of connections that are over */
};

/* Key of the map upstreams: longest prefix first, within a service. */
struct upstream_key {
	__u32 prefix_length; /* 16 + bits of the address, which is always 16 bytes */
	__be16 service;
	__u8 address[16];
} __attribute__((packed));

/* Key of the map listeners; its value is the service's number. */
struct listener {
	struct address address;
	__be16 port;
	__u16 zero;
};

/* Key of the map stations: a MAC. */
struct station {
	__u8 mac[6];
	__u8 zero[2];
};

/* Map addresses: whose an address is. */
#define ADDRESS_SERVICE 0x01
#define ADDRESS_LOCAL 0x02

/* Every segment that is not simply forwarded is counted under one of these, for its service where it has one. */
enum forwarder_counter {
	/* Forwarded */
	COUNT_TO_BACKEND = 0,
	COUNT_TO_CLIENT,
	COUNT_BYTES_TO_BACKEND, /* of IP */
	COUNT_BYTES_TO_CLIENT,
	COUNT_OPENED,           /* connections */
	COUNT_ESTABLISHED,
	COUNT_TAGGED_SYN,
	COUNT_TAGGED_ACK,
	COUNT_TAGGED_DATA,
	COUNT_SCRUBBED,         /* TOA options of untrusted clients, overwritten */
	COUNT_UPSTREAM,         /* clients taken from a trusted forwarder's TOA */
	/* Forwarded without TOA, or reset for that, by the service's choice */
	COUNT_NO_KIND,          /* no option is set for the client's address family */
	COUNT_NO_ROOM,          /* it does not fit behind the others */
	COUNT_NO_ROOM_MTU,      /* the segment would outgrow the route's MTU */
	COUNT_COMPACTED,        /* it fitted after padding was taken out */
	COUNT_TIMESTAMPS_GIVEN_UP,
	/* Answered */
	COUNT_RESET_UNKNOWN,    /* a segment of no connection */
	COUNT_RESET_MISSING,    /* onMissing: reset */
	COUNT_RESET_DOWN,       /* whenAllDown: reset */
	COUNT_RESET_ABORTED,    /* a segment of a connection that was given up */
	COUNT_TOO_BIG,          /* fragmentation needed, or packet too big */
	/* Dropped */
	COUNT_DROP_DOWN,        /* whenAllDown: drop */
	COUNT_DROP_TABLE_FULL,
	COUNT_DROP_NO_PORT,     /* every local port looked at is in use for this backend */
	COUNT_DROP_NO_LOCAL,    /* no local address of the backend's family */
	COUNT_DROP_NO_ROUTE,
	COUNT_DROP_NO_NEIGHBOUR,
	COUNT_DROP_ELSEWHERE,   /* the route leaves by an interface that is not the forwarder's */
	COUNT_DROP_FORWARDING_OFF, /* sysctl ip_forward or ipv6 forwarding */
	COUNT_DROP_TTL,
	COUNT_DROP_FRAGMENT,
	COUNT_DROP_IP_OPTIONS,  /* IPv4 options, IPv6 extension headers */
	COUNT_DROP_MALFORMED,   /* lengths that contradict one another; a client's SYN-ACK */
	COUNT_DROP_UNKNOWN_RESET, /* a RST of no connection, or of one that was given up */
	COUNT_DROP_RACE,        /* two segments opened one connection at once, or met one being freed */
	COUNT_DROP_NO_HEADROOM,
	COUNT_DROP_INTERNAL,    /* a lookup that cannot fail did */
	/* Connections */
	COUNT_EXPIRED_EMBRYO,
	COUNT_EXPIRED_ESTABLISHED,
	COUNT_EVICTED_EMBRYO,   /* by newer ones: a SYN flood */
	COUNT_RECYCLED,         /* closed less than their timeout ago, and their slot or port was needed */
	/* ICMP */
	COUNT_ICMP_TO_BACKEND,  /* errors translated */
	COUNT_ICMP_TO_CLIENT,
	COUNT_ICMP_PASSED,      /* errors about none of our connections, or without a translation: left to the host */
	/* Forwarded without TOA, as those further up */
	COUNT_NOT_TOLD,         /* a trusted forwarder has not said so far who its client is */
	/* Dropped, as those further up */
	COUNT_DROP_UNSUMMED,    /* a SYN or SYN-ACK whose checksum was left to a network card */
	/* Left to the host, which drops it */
	COUNT_MISADDRESSED,     /* a segment of no connection, in a frame for another host */
	/* Answered, as those further up */
	COUNT_RESET_FORMER,     /* a backend's segment of a connection that had the local port before */
	FORWARDER_COUNTERS = 64, /* room, so that new ones need no new layout */
};

struct forwarder_counters {
	__u64 count[FORWARDER_COUNTERS];
};

/*
 * What the program `sweep` is told and tells, as its context: it visits slots
 * and frees the connections that expired.
 */
struct sweep {
	__u32 from;       /* first slot */
	__u32 count;      /* how many */
	__u32 now;        /* tick, which the program sets */
	__u32 freed;
	__u32 reported;   /* how many of expired[] are filled in */
	__u32 by_state[7]; /* slots met, by enum connection_state */
	__u32 expired[64]; /* slots whose connection expired, and may have sides that wait: reset both, then sweep again */
};

#endif
