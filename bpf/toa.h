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

/*
 * A value that the mask covers, unchanged, of which the verifier then knows
 * no more than the mask. All it knows keeps apart the paths that have led to
 * it; here they shall meet again, or it walks each one to the end.
 */
static __always_inline __u32 toa_forget(__u32 value, __u32 mask)
{
	asm volatile("%0 &= %1" : "+r"(value) : "r"(mask));
	return value;
}

/* Whether a match of kind and length is another protocol's option all the same. */
static __always_inline bool toa_is_impostor(__u8 kind, __u16 format_bit, bool syn, __u8 first, __u8 second)
{
	/* Only on a SYN: behind a handshake ACK the same two bytes are client port 63881. */
	if (kind == TCPOPT_EXPERIMENT_254 && toa_forget(syn, 1) && first == TFO_MAGIC_HIGH && second == TFO_MAGIC_LOW)
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

/* One option of a well-formed list, as toa_step() finds it. */
struct toa_option {
	__u8 kind;
	__u8 size;
	__u16 shaped; /* the formats that have this size */
};

enum toa_step { TOA_STEP_SKIP, TOA_STEP_OPTION, TOA_STEP_END, TOA_STEP_BROKEN };

/*
 * One step of a walk over a header's options. A walk visits every offset `at`
 * and acts on those where an option begins (`next`). So all reads are at
 * constant offsets, `next` is only ever compared, and the verifier sees a few
 * states an offset, where a walk that adds each length to a pointer makes
 * millions.
 */
static __always_inline enum toa_step toa_step(const __u8 *options, __u32 length, const void *end, __u32 at,
					      __u32 *next, struct toa_option *found)
{
	const __u8 *option = options + at;
	__u32 kind;

	if (at >= length)
		return TOA_STEP_END;
	/* The last byte there is can only be padding. */
	if ((const void *)(option + 2) > end)
		return at == *next && (const void *)(option + 1) <= end && option[0] > TCPOPT_NOP ? TOA_STEP_BROKEN :
												 TOA_STEP_END;
	if (at != *next)
		return TOA_STEP_SKIP;
	found->kind = option[0];
	kind = toa_forget(found->kind, 255);
	if (found->kind == TCPOPT_EOL)
		return TOA_STEP_END;
	/* Unlikely only so that the verifier, which tries what falls through first, sees the wider path before this. */
	if (__builtin_expect(found->kind == TCPOPT_NOP, 0)) {
		/* Its kind and its length are both 1. */
		*next = toa_forget(at + kind, 63);
		return TOA_STEP_SKIP;
	}
	found->size = option[1];
	if (found->size < 2 || toa_forget(at + found->size, 511) > toa_forget(length, 63))
		return TOA_STEP_BROKEN;
	*next = toa_forget(at + found->size, 63);
	found->shaped = toa_formats_of_length[found->size & 63];
	return TOA_STEP_OPTION;
}

/* Bit `at` if value is not 0. Arithmetic, for the verifier's sake: a branch here doubles its work an offset. */
static __always_inline __u64 toa_mark(__u32 value, __u32 at)
{
	__u32 negated = -value;

	asm volatile("" : "+r"(negated));
	return (__u64)(negated >> 31) << at;
}

/* The lowest offset marked: the count of ones below it. Arithmetic again; BPF has no instruction for it. */
static __always_inline __u8 toa_first_mark(__u64 marks)
{
	__u64 below = (marks & -marks) - 1;

	below -= below >> 1 & 0x5555555555555555ULL;
	below = (below & 0x3333333333333333ULL) + (below >> 2 & 0x3333333333333333ULL);
	below = (below + (below >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return below * 0x0101010101010101ULL >> 56;
}

/*
 * Walks the options of one TCP header; returns a packed struct toa_found.
 *
 * options: the first byte behind the fixed header; length: how many there are
 * by the header's own word, at most TCP_MAX_OPTIONS. end: what the verifier
 * takes as the end of readable memory: no byte at or behind it is read.
 *
 * The first matching option decides: whatever a client hid behind the
 * forwarder's option is never looked at. The walk stops at EOL.
 */
static __always_inline __u32 toa_walk(const __u8 *options, __u32 length, const void *end, bool syn,
				      const volatile __u16 *rules, const volatile __u16 *known)
{
	struct toa_found found = {};
	struct toa_option option = {};
	__u16 format_bit = 0;
	__u64 lookalikes = 0, others = 0; /* the offsets of such options */
	__u32 next = 0;

	for (__u32 at = 0; at < TCP_MAX_OPTIONS; at++) {
		/* Where a step finds an option, next was at. */
		const __u8 *payload = options + toa_forget(next, 63) + 2;
		enum toa_step step = toa_step(options, length, end, at, &next, &option);

		if (step == TOA_STEP_END)
			break;
		if (step == TOA_STEP_BROKEN) {
			found.verdict = TOA_MALFORMED;
			found.at = at;
			break;
		}
		if (step == TOA_STEP_SKIP)
			continue;
		lookalikes |= toa_mark(rules[option.kind], at);
		others |= toa_mark(known[option.kind] & option.shaped, at);
		format_bit = rules[option.kind] & option.shaped;
		/* Every format is at least 6 long, so its first two payload bytes are there. */
		if (format_bit && (const void *)(payload + 2) <= end &&
		    !toa_is_impostor(option.kind, format_bit, syn, payload[0], payload[1])) {
			found.verdict = TOA_MATCH;
			found.at = at;
			break;
		}
	}
	if (found.verdict == TOA_MATCH) {
		found.format = toa_format_of(format_bit);
	} else if (found.verdict == TOA_NONE && lookalikes) {
		found.verdict = TOA_LOOKALIKE;
		found.at = toa_first_mark(lookalikes);
	} else if (found.verdict == TOA_NONE && others) {
		found.verdict = TOA_OTHER_KIND;
		found.at = toa_first_mark(others);
	}
	return toa_pack(found);
}

/* Where a VIP option stands directly behind the client's option, or 0. */
static __always_inline __u8 toa_vip_behind(const __u8 *options, __u32 length, const void *end,
					   struct toa_found found, const volatile __u16 *rules)
{
	__u32 next = found.at + toa_format_length(found.format);
	const __u8 *option = options + next;

	if (next + 8 > length || next > TCP_MAX_OPTIONS - 8 || (const void *)(option + 2) > end)
		return 0;
	if (option[1] != 8 || !(rules[option[0]] & TOA_FORMAT_BIT(TOA_FORMAT_VIP)))
		return 0;
	return next;
}

#endif
