/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TOA on the wire: the option formats, and the one walk over a TCP header's
 * options that every program here uses. src/wire/ is its TypeScript twin; a
 * differential test holds the two together.
 */
#ifndef TRUEPEER_TOA_H
#define TRUEPEER_TOA_H

#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>

#define TCP_FIXED_HEADER 20
#define TCP_MAX_OPTIONS 40
#define TCPOPT_EOL 0
#define TCPOPT_NOP 1

/* Fast Open's experimental option (RFC 7413, appendix A) shares kind 254. */
#define TCPOPT_EXPERIMENT_254 254
#define TFO_MAGIC_HIGH 0xF9
#define TFO_MAGIC_LOW 0x89

/* The only version of the address-only option (kind 28) there is. */
#define TOA_ADDRESS_VERSION 1

/* Layouts behind kind and length. Each has exactly one length. */
enum toa_format {
	TOA_FORMAT_NONE = 0,
	TOA_FORMAT_IPV4 = 1,         /*  8: port, IPv4 */
	TOA_FORMAT_IPV6 = 2,         /* 20: port, IPv6 */
	TOA_FORMAT_IPV4_VIP = 3,     /* 16: port, IPv4, pad(2), vport, VIP */
	TOA_FORMAT_VTOA4 = 4,        /* 20: port, IPv4, vid(4, little-endian), VIP, vport, pad(2) */
	TOA_FORMAT_VTOA6 = 5,        /* 40: port, IPv6, vid(3, little-endian), reserved(1), VIPv6 */
	TOA_FORMAT_ADDRESS4 = 6,     /*  7: version, IPv4 (no port) */
	TOA_FORMAT_ADDRESS6 = 7,     /* 19: version, IPv6 (no port) */
	TOA_FORMAT_VIP = 8,          /*  8: vport, VIP (no client) */
	TOA_FORMAT_VPC = 9,          /*  6: VPC id(4) (no client) */
};

#define TOA_FORMAT_BIT(format) (1U << (format))

/*
 * What a kind may carry, one word per kind: bit TOA_FORMAT_BIT(f) set means
 * the kind is read as format f where the length is f's. Two formats of one
 * length never share a word: src/wire/rules.ts refuses that choice.
 */
typedef __u16 toa_rules[256];

/* How a walk ended. A greater value outranks a smaller one found before it. */
enum toa_verdict {
	TOA_NONE = 0,       /* nothing that looks like TOA */
	TOA_OTHER_KIND = 1, /* TOA of a kind and length that is known but not enabled */
	TOA_LOOKALIKE = 2,  /* an enabled kind with another protocol's shape */
	TOA_MALFORMED = 3,  /* the option list itself is broken */
	TOA_MATCH = 4,
};

struct toa_found {
	__u8 verdict; /* enum toa_verdict */
	__u8 format;  /* enum toa_format, with TOA_MATCH; else TOA_FORMAT_NONE */
	__u8 at;      /* offset of the option the verdict is about, from the first option byte */
};

/* A walk's result in one register, the only way out of a global function. */
static __always_inline __u32 toa_pack(struct toa_found found)
{
	return found.verdict | found.format << 8 | found.at << 16;
}

static __always_inline struct toa_found toa_unpack(__u32 packed)
{
	struct toa_found found = { .verdict = packed, .format = packed >> 8, .at = packed >> 16 };

	return found;
}

/* How many bytes of options a TCP header has by its own word; 0 where that word is nonsense. */
static __always_inline __u32 toa_options_length(const __u8 *header)
{
	__u32 length = (header[12] >> 4) * 4;

	return length >= TCP_FIXED_HEADER ? length - TCP_FIXED_HEADER : 0;
}

/* Tables, not switches, here and below: every branch multiplies the states the verifier must visit. */
static const __u8 toa_length_of_format[64] = {
	[TOA_FORMAT_IPV4] = 8,
	[TOA_FORMAT_IPV6] = 20,
	[TOA_FORMAT_IPV4_VIP] = 16,
	[TOA_FORMAT_VTOA4] = 20,
	[TOA_FORMAT_VTOA6] = 40,
	[TOA_FORMAT_ADDRESS4] = 7,
	[TOA_FORMAT_ADDRESS6] = 19,
	[TOA_FORMAT_VIP] = 8,
	[TOA_FORMAT_VPC] = 6,
};

/* 0 where there is no such format. */
static __always_inline __u8 toa_format_length(__u8 format)
{
	return toa_length_of_format[format & 63];
}

/* The formats that have this length, as bits. */
static const __u16 toa_formats_of_length[64] = {
	[6] = TOA_FORMAT_BIT(TOA_FORMAT_VPC),
	[7] = TOA_FORMAT_BIT(TOA_FORMAT_ADDRESS4),
	[8] = TOA_FORMAT_BIT(TOA_FORMAT_IPV4) | TOA_FORMAT_BIT(TOA_FORMAT_VIP),
	[16] = TOA_FORMAT_BIT(TOA_FORMAT_IPV4_VIP),
	[19] = TOA_FORMAT_BIT(TOA_FORMAT_ADDRESS6),
	[20] = TOA_FORMAT_BIT(TOA_FORMAT_IPV6) | TOA_FORMAT_BIT(TOA_FORMAT_VTOA4),
	[40] = TOA_FORMAT_BIT(TOA_FORMAT_VTOA6),
};

#define TOA_ADDRESS_FORMATS (TOA_FORMAT_BIT(TOA_FORMAT_ADDRESS4) | TOA_FORMAT_BIT(TOA_FORMAT_ADDRESS6))

/* Whether a match of kind and length is another protocol's option all the same. */
static __always_inline bool toa_is_impostor(__u8 kind, __u16 format_bit, bool syn, __u8 first, __u8 second)
{
	/* Only on a SYN: behind a handshake ACK the same two bytes are client port 63881. */
	if (kind == TCPOPT_EXPERIMENT_254 && syn && first == TFO_MAGIC_HIGH && second == TFO_MAGIC_LOW)
		return true;
	return (format_bit & TOA_ADDRESS_FORMATS) && first != TOA_ADDRESS_VERSION;
}

/* The one format among bits, or TOA_FORMAT_NONE. */
static __always_inline __u8 toa_format_of(__u16 bits)
{
	for (__u8 format = TOA_FORMAT_IPV4; format <= TOA_FORMAT_VPC; format++)
		if (bits & TOA_FORMAT_BIT(format))
			return format;
	return TOA_FORMAT_NONE;
}

/*
 * An offset in a register that clang takes for new, so that it cannot compare
 * one copy of it and add another, of whose bounds the verifier knows nothing,
 * to a pointer.
 */
static __always_inline __u32 toa_offset(__u32 at)
{
	asm volatile("" : "+r"(at));
	return at;
}

/* What stands at one offset: a verdict about it, and where the next option begins. */
struct toa_look {
	__u8 verdict; /* enum toa_verdict: of this option alone */
	__u8 format;  /* with TOA_MATCH */
	__u8 size;    /* 0 where the walk ends here */
};

static __always_inline __u32 toa_pack_look(__u8 verdict, __u8 format, __u8 size)
{
	return verdict | format << 8 | size << 16;
}

/*
 * Looks at the option at one offset; returns a packed struct toa_look.
 *
 * options: the first byte behind the fixed header; length: how many there are
 * by the header's own word, at most TCP_MAX_OPTIONS. end: what the verifier
 * takes as the end of readable memory: no byte at or behind it is read.
 */
static __always_inline __u32 toa_look(const __u8 *options, __u32 length, const void *end, __u32 at, bool syn,
				      const volatile __u16 *rules, const volatile __u16 *known)
{
	__u16 enabled, shaped;
	const __u8 *option;
	__u8 kind, size;

	at = toa_offset(at);
	if (at >= length || at >= TCP_MAX_OPTIONS)
		return toa_pack_look(TOA_NONE, 0, 0);
	option = options + at;
	if ((const void *)(option + 1) > end)
		return toa_pack_look(TOA_NONE, 0, 0);
	kind = option[0];
	if (kind == TCPOPT_EOL)
		return toa_pack_look(TOA_NONE, 0, 0);
	if (kind == TCPOPT_NOP)
		return toa_pack_look(TOA_NONE, 0, 1);
	if (at + 2 > length || (const void *)(option + 2) > end)
		return toa_pack_look(TOA_MALFORMED, 0, 0);
	size = option[1];
	if (size < 2 || at + size > length)
		return toa_pack_look(TOA_MALFORMED, 0, 0);
	enabled = rules[kind];
	shaped = toa_formats_of_length[size & 63];
	/* Every format is at least 6 long, so its first two payload bytes are there. */
	if ((enabled & shaped) && (const void *)(option + 4) <= end &&
	    !toa_is_impostor(kind, enabled & shaped, syn, option[2], option[3]))
		return toa_pack_look(TOA_MATCH, toa_format_of(enabled & shaped), 0);
	if (enabled)
		return toa_pack_look(TOA_LOOKALIKE, 0, size);
	return toa_pack_look(known[kind] & shaped ? TOA_OTHER_KIND : TOA_NONE, 0, size);
}

/*
 * Walks the options of one TCP header; a packed struct toa_found. The first
 * matching option decides: whatever a client hid behind the forwarder's option
 * is never looked at.
 *
 * look(at) is to be a call of a global function around toa_look(). The
 * verifier checks such a function once, by itself, and takes what it returns
 * for unknown, so that all ways through the loop look alike to it. With the
 * look inlined they multiply, past what it is willing to visit, and how far
 * depends on the compiler.
 */
#define TOA_WALK(look)                                                            \
	({                                                                        \
		struct toa_found found = {};                                      \
		__u32 at = 0;                                                     \
                                                                                  \
		for (int options = 0; options < TCP_MAX_OPTIONS; options++) {     \
			__u32 seen = look(at);                                    \
			__u8 verdict = seen, size = seen >> 16;                   \
                                                                                  \
			if (verdict > found.verdict) {                            \
				found.verdict = verdict;                          \
				found.format = seen >> 8;                         \
				found.at = at;                                    \
			}                                                         \
			if (size == 0)                                            \
				break;                                            \
			at += size;                                               \
		}                                                                 \
		toa_pack(found);                                                  \
	})

/* NOP, NOP and a timestamp: what nearly every client completes a handshake with. */
#define TOA_PLAIN_LENGTH 12
#define TOA_PLAIN_HEAD bpf_htonl(0x0101080a)

/*
 * Whether the options at an offset begin with that: nothing in it is TOA,
 * whatever is enabled, for src/wire/kinds.ts refuses a timestamp's kind.
 */
static __always_inline bool toa_begins_plain(const __u8 *options, __u32 length, const void *end, __u32 at)
{
	const __u8 *option;

	at = toa_offset(at);
	if (at + TOA_PLAIN_LENGTH > length || at > TCP_MAX_OPTIONS - TOA_PLAIN_LENGTH)
		return false;
	option = options + at;
	return (const void *)(option + 4) <= end && *(const __u32 *)option == TOA_PLAIN_HEAD;
}

/* Whether the options from an offset on are that, or nothing. */
static __always_inline bool toa_is_plain(const __u8 *options, __u32 length, const void *end, __u32 at)
{
	return length == at || (length == at + TOA_PLAIN_LENGTH && toa_begins_plain(options, length, end, at));
}

/*
 * What the walk returns if it ends with the option that stands first, or
 * directly behind a timestamp, else 0. That is where forwarders and taggers put
 * theirs, so this is mostly all there is to a walk.
 */
static __always_inline __u32 toa_first(const __u8 *options, __u32 length, const void *end, bool syn,
				       const volatile __u16 *rules, const volatile __u16 *known)
{
	struct toa_found found = { .at = toa_begins_plain(options, length, end, 0) ? TOA_PLAIN_LENGTH : 0 };
	__u32 seen = toa_look(options, length, end, found.at, syn, rules, known);

	found.verdict = seen;
	found.format = seen >> 8;
	return found.verdict == TOA_MATCH ? toa_pack(found) : 0;
}

/* Where a VIP option stands at the offset directly behind the client's option, or 0. */
static __always_inline __u8 toa_vip_behind(const __u8 *options, __u32 length, const void *end, __u32 next,
					   const volatile __u16 *rules)
{
	const __u8 *option;

	next = toa_offset(next);
	option = options + next;
	if (next + 8 > length || next > TCP_MAX_OPTIONS - 8 || (const void *)(option + 2) > end)
		return 0;
	if (option[1] != 8 || !(rules[option[0]] & TOA_FORMAT_BIT(TOA_FORMAT_VIP)))
		return 0;
	return next;
}

#endif
