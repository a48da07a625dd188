/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the parts of the program hand to one another about the packet at hand: one per CPU, for it never nests. */
#ifndef TRUEPEER_FORWARDER_SCRATCH_H
#define TRUEPEER_FORWARDER_SCRATCH_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include "../forwarder.h"

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* What a TCP segment's headers say. Multi-byte numbers in host order, but for the tuple. */
struct packet {
	struct tuple tuple;
	__u16 l3;           /* offset of the IP header */
	__u16 l4;           /* offset of the TCP header */
	__u16 ip_length;    /* of the whole IP packet */
	__u16 header;       /* of the TCP header with its options */
	__u16 payload;
	__u16 service;      /* number, for counting; 0 while it is not known */
	__u32 sequence;
	__u32 acknowledgement;
	__u32 generation;   /* of the connection, once that is known */
	__u32 backend;      /* number of the one that expect() chose */
	__u8 flags;         /* TCP_* */
	__u8 is_ipv6;
	__u8 ttl;
	__u8 priority;      /* of a VLAN tag: the first byte's upper half; 0 without one */
};

/* Where the headers are, in bounds that the verifier sees: two VLANs' worth of Ethernet and an IPv6 header at most. */
#define L3(packet) ((packet)->l3 & 31)
#define L4(packet) ((packet)->l4 & 63)

/* Twice as long as the longest list, so that a masked offset and what is read from there stay inside. */
#define OPTIONS_BYTES 128

/* What is to be done to a segment's options, and what came of it. */
struct edit {
	__u8 options[OPTIONS_BYTES]; /* the segment's, edited in place */
	__u8 packed[OPTIONS_BYTES];  /* without padding, where that was needed */
	__u32 length;                /* of options */
	__u32 packed_length;         /* 0: not packed */
	__u32 sequence_shift;        /* taken off the edges of SACK blocks */
	__u32 timestamp_shift;       /* added to the timestamp, or taken off its echo */
	__u32 timestamp_base;        /* not 0: what the timestamp shall become, and the shift with it */
	__u16 mss_most;              /* the MSS is cut to that */
	__u16 mss_less;              /* and then taken off it */
	__u8 direction;
	__u8 is_syn;
	__u8 strip_timestamps;       /* overwrite them */
	__u8 leave_timestamps_out;   /* of the packed list */
	__u8 scrub;                  /* overwrite TOA */
	__u8 take_client;            /* and take the client from the first one */
	__u8 scrubbed;               /* how many were overwritten */
	__u8 has_client;             /* client and client_port are taken */
	__be16 client_port;
	struct address client;
};

/* One side of a quoted segment, or of the packet that quotes it. */
struct end {
	struct address address;
	__be16 port;
};

/* An ICMP or ICMPv6 error to be sent, about a segment as its sender knows it. */
struct error {
	struct end to;       /* who sent the segment, and gets the error */
	struct end from;     /* whom the segment was sent to */
	__be32 sequence;     /* of the segment */
	__u32 mtu;           /* told with packet too big and fragmentation needed */
	__u16 length;        /* of the segment's IP packet */
	__be16 id;           /* of the IPv4 packet */
	__u16 vlan;          /* of the frame to send */
	__u8 ttl;            /* of the segment */
	__u8 type, code;
	__u8 to_mac[6], from_mac[6];
};

/* What to take when no port is free: an ended connection's rather than an embryo's. */
struct spare {
	struct reference held;
	__u32 looks; /* how many to go on for something free, once this is a connection's that is over */
	bool is_closed;
	bool is_there;
};

struct scratch {
	struct packet packet;
	struct error error;
	struct edit edit;
	struct reference held; /* see enter() */
	struct spare spare;    /* see try_port() */
	struct bpf_fib_lookup fib;
	__u8 toa[20];
	__u8 ip[40];        /* the IP header, while the packet's head moves */
	__u8 tcp[20];       /* likewise */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *scratch_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

#endif
