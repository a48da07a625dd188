/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Editing TCP options, in a copy of a segment's option list. Only SYNs,
 * segments to be tagged and lists of an unusual shape come here.
 */
#ifndef TRUEPEER_FORWARDER_OPTIONS_H
#define TRUEPEER_FORWARDER_OPTIONS_H

#include "count.h"
#include "scratch.h"

#define OPTION_MSS 2
#define OPTION_WINDOW_SCALE 3
#define OPTION_WINDOW_SCALE_LENGTH 3
#define OPTION_SACK_PERMITTED 4
#define OPTION_SACK_PERMITTED_LENGTH 2
#define OPTION_SACK 5
#define OPTION_TIMESTAMP 8
#define OPTION_TIMESTAMP_LENGTH 10

/* NOP, NOP, timestamp: how every system begins the options of a segment that has timestamps and is no SYN. */
#define ALIGNED_TIMESTAMP bpf_htonl(0x0101080a)
#define ALIGNED_TIMESTAMP_LENGTH 12
/* NOP, NOP, SACK, whatever its length. */
#define ALIGNED_SACK bpf_htonl(0x01010500)
#define ALIGNED_SACK_MASK bpf_htonl(0xffffff00)

/* A header's options come in words. Compared with that, Linux 6.1 sees whether there is something to copy. */
#define OPTIONS_UNIT 4

/*
 * A length of options in one register for all that follows, and in bounds that
 * every verifier sees: 6.1 does not know that two copies are the same, and
 * others take what may be below zero for anything.
 */
#define OPTIONS_LENGTH(length)                                \
	({                                                    \
		__u32 length_ = (length);                     \
		asm volatile("" : "+r"(length_));             \
		length_ &= OPTIONS_BYTES - 1;                 \
		length_;                                      \
	})

/* A SYN's MSS is not brought below what every path carries (RFC 9293, 3.7.1). */
#define SMALLEST_MSS 536

/* Every option that anybody is known to send as TOA; filled in by the control plane. */
volatile const toa_rules known_options SEC(".rodata.known");

/* An offset into OPTIONS_BYTES behind which any one option still lies inside. */
#define AT(offset) ((offset) & 63)

static __always_inline __be32 shifted(__u8 *at, __u32 by)
{
	__be32 value;

	__builtin_memcpy(&value, at, 4);
	value = bpf_htonl(bpf_ntohl(value) + by);
	__builtin_memcpy(at, &value, 4);
	return value;
}

/*
 * Overwrites so many bytes of the options in scratch from an offset on. For the verifier's sake a function of its own:
 * it learns something of the size from each byte, and would follow all that it learned through whatever comes next.
 */
__noinline int overwrite(__u32 at, __u32 size, __u32 with)
{
	struct scratch *scratch = scratch_of_cpu();

	if (!scratch)
		return 0;
	for (__u32 byte = 0; byte < TCP_MAX_OPTIONS; byte++)
		if (byte < size)
			scratch->edit.options[AT(at) + byte] = with;
	return 0;
}

static __always_inline void edit_timestamp(struct edit *edit, __u32 at)
{
	__u8 *option = &edit->options[AT(at)];
	__be32 value;

	if (edit->strip_timestamps) {
		overwrite(at, OPTION_TIMESTAMP_LENGTH, TCPOPT_NOP);
		return;
	}
	if (edit->direction == TO_CLIENT) {
		shifted(option + 6, -edit->timestamp_shift);
		return;
	}
	if (edit->timestamp_base) {
		__builtin_memcpy(&value, option + 2, 4);
		edit->timestamp_shift = edit->timestamp_base - bpf_ntohl(value);
	}
	shifted(option + 2, edit->timestamp_shift);
}

static __always_inline void edit_mss(struct edit *edit, __u32 at)
{
	__u8 *option = &edit->options[AT(at)];
	__s32 mss = option[2] << 8 | option[3];

	if (mss <= SMALLEST_MSS)
		return;
	if (mss > edit->mss_most)
		mss = edit->mss_most;
	mss -= edit->mss_less;
	if (mss < SMALLEST_MSS)
		mss = SMALLEST_MSS;
	option[2] = mss >> 8;
	option[3] = mss;
}

static __always_inline void edit_sack(struct edit *edit, __u32 at, __u32 size)
{
	for (__u32 edge = 0; edge < 8; edge++)
		if (2 + 4 * (edge + 1) <= size)
			shifted(&edit->options[AT(at) + 2 + 4 * edge], -edit->sequence_shift);
}

/* The formats that carry a client, by where its address is. */
#define CLIENT4_FORMATS                                                                 \
	(TOA_FORMAT_BIT(TOA_FORMAT_IPV4) | TOA_FORMAT_BIT(TOA_FORMAT_IPV4_VIP) | \
	 TOA_FORMAT_BIT(TOA_FORMAT_VTOA4))
#define CLIENT6_FORMATS (TOA_FORMAT_BIT(TOA_FORMAT_IPV6) | TOA_FORMAT_BIT(TOA_FORMAT_VTOA6))

/* Believes a trusted forwarder's TOA. Its own formats without a port are none that forwarders send. */
static __always_inline void take_client(struct edit *edit, __u32 at, __u8 kind, __u16 format)
{
	const __u8 *option = &edit->options[AT(at)];
	__be32 ipv4;

	if (edit->has_client || toa_is_impostor(kind, format, edit->is_syn, option[2], option[3]))
		return;
	if (format & CLIENT4_FORMATS) {
		__builtin_memcpy(&ipv4, option + 4, 4);
		edit->client = mapped(ipv4);
	} else if (format & CLIENT6_FORMATS) {
		__builtin_memcpy(&edit->client, option + 4, 16);
		/* An IPv4 client in disguise would leave as another kind than it came. */
		if (is_mapped(&edit->client))
			return;
	} else {
		return;
	}
	__builtin_memcpy(&edit->client_port, option + 2, 2);
	edit->has_client = edit->client_port != 0 && !is_impossible_client(&edit->client, false, false);
}

/* Edits the option at an offset; returns how long it is, or 0 where the list ends. */
__noinline __u32 edit_option(__u32 at)
{
	struct scratch *scratch = scratch_of_cpu();
	struct edit *edit;
	__u16 format;
	__u8 kind, size;

	if (!scratch)
		return 0;
	edit = &scratch->edit;
	if (at >= edit->length || at >= TCP_MAX_OPTIONS)
		return 0;
	kind = edit->options[AT(at)];
	if (kind == TCPOPT_NOP)
		return 1;
	size = edit->options[AT(at) + 1];
	/* Behind the end of the list is padding. Some receivers read on there: leave nothing to find. */
	if (kind == TCPOPT_EOL || size < 2 || at + size > edit->length) {
		if (edit->scrub)
			overwrite(at, edit->length - at, TCPOPT_EOL);
		return 0;
	}
	if (kind == OPTION_MSS && size == 4 && edit->is_syn)
		edit_mss(edit, at);
	else if (kind == OPTION_TIMESTAMP && size == OPTION_TIMESTAMP_LENGTH)
		edit_timestamp(edit, at);
	else if (kind == OPTION_SACK && edit->direction == TO_CLIENT)
		edit_sack(edit, at, size);
	/*
	 * TOA, and what looks like it: not every receiver tells it from Fast Open's experimental option, which is 12 bytes
	 * long from Linux, and none of TOA's; whoever has another one does without.
	 */
	format = edit->scrub ? known_options[kind] & toa_formats_of_length[size & 63] : 0;
	if (format) {
		if (edit->take_client)
			take_client(edit, at, kind, format);
		overwrite(at, size, TCPOPT_NOP);
		edit->scrubbed++;
	}
	return size;
}

/* How long the option at an offset is, if it is one of those in every SYN that stay as they are; else 0. */
static __always_inline __u32 plain_option(const struct edit *edit, __u32 at)
{
	const __u8 *option = &edit->options[AT(at)];
	__u32 size;

	switch (option[0]) {
	case TCPOPT_NOP: size = 1; break;
	case OPTION_WINDOW_SCALE: size = OPTION_WINDOW_SCALE_LENGTH; break;
	case OPTION_SACK_PERMITTED: size = OPTION_SACK_PERMITTED_LENGTH; break;
	default: return 0;
	}
	return at + size <= edit->length && (size == 1 || option[1] == size) ? size : 0;
}

static __always_inline void edit_options(struct edit *edit)
{
	__u32 at = 0;

	for (int option = 0; option < TCP_MAX_OPTIONS; option++) {
		__u32 size = plain_option(edit, at) ?: edit_option(at);

		if (size == 0)
			break;
		at += size;
	}
}

/* Copies one option unless it is padding; how long it is, and from bit 8 on how much was copied. */
__noinline __u32 pack_option(__u32 at, __u32 to)
{
	struct scratch *scratch = scratch_of_cpu();
	struct edit *edit;
	__u8 size;

	if (!scratch)
		return 0;
	edit = &scratch->edit;
	if (at >= edit->length || at >= TCP_MAX_OPTIONS || to > at)
		return 0;
	if (edit->options[AT(at)] == TCPOPT_NOP)
		return 1;
	if (edit->options[AT(at)] == TCPOPT_EOL)
		return 0;
	size = edit->options[AT(at) + 1];
	/* A list that is not understood is not moved either. */
	if (size < 2 || at + size > edit->length)
		return 0;
	if (edit->leave_timestamps_out && edit->options[AT(at)] == OPTION_TIMESTAMP)
		return size;
	for (__u32 byte = 0; byte < TCP_MAX_OPTIONS; byte++)
		if (byte < size)
			edit->packed[AT(to) + byte] = edit->options[AT(at) + byte];
	return size | size << 8;
}

/* Takes the padding out of the list: into packed, filled up to whole words. */
static __always_inline void pack_options(struct edit *edit)
{
	__u32 at = 0, to = 0;

	__builtin_memset(edit->packed, 0, TCP_MAX_OPTIONS);
	for (int option = 0; option < TCP_MAX_OPTIONS; option++) {
		__u32 seen = pack_option(at, to);

		if (seen == 0)
			break;
		at += seen & 0xff;
		to += seen >> 8;
	}
	/* Zeros behind the last option end the list. */
	edit->packed_length = (to + 3) & ~3U;
}

#endif
