// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Runs the walk of bpf/toa.h over many option blocks at once, for the
 * comparison with src/wire/walk.ts: the packet is a row of records, and each
 * gets its result written into it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../../bpf/toa.h"

#define RULE_SETS 32
/* As many as a test run's packet of one page has room for. */
#define RECORDS 72

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct rule_set {
	toa_rules rules;
	toa_rules known;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RULE_SETS);
	__type(key, __u32);
	__type(value, struct rule_set);
} rule_sets SEC(".maps");

/* The last record of a packet ends with its last option byte, as a TCP header does. */
struct record {
	__u8 rule_set;
	__u8 syn;
	__u8 length;
	__u8 vip_at;   /* result: of toa_vip_behind() */
	__u32 found;   /* result: of TOA_WALK */
	__u8 options[TCP_MAX_OPTIONS];
};

static __always_inline bool has_client(__u8 format)
{
	return format != TOA_FORMAT_VIP && format != TOA_FORMAT_VPC;
}

struct place {
	struct record *record;
	struct rule_set *set;
	const void *end;
};

/* One record of the packet; false where it is not there, or is none. */
static __always_inline bool find_record(struct xdp_md *ctx, __u32 index, struct place *place)
{
	struct record *record = (void *)(long)ctx->data;
	__u32 key;

	place->end = (void *)(long)ctx->data_end;
	if (index >= RECORDS)
		return false;
	record += index;
	/* Else clang adds again where the record is used, and the verifier takes that for another pointer. */
	asm volatile("" : "+r"(record));
	if ((const void *)record->options > place->end)
		return false;
	key = record->rule_set;
	place->record = record;
	place->set = bpf_map_lookup_elem(&rule_sets, &key);
	return place->set && record->length <= TCP_MAX_OPTIONS;
}

__noinline __u32 look_record(struct xdp_md *ctx, __u32 index, __u32 at)
{
	struct place place = {};

	if (!find_record(ctx, index, &place))
		return 0;
	return toa_look(place.record->options, place.record->length, place.end, at, place.record->syn,
			place.set->rules, place.set->known);
}

__noinline __u32 walk_one(struct xdp_md *ctx, __u32 index)
{
#define LOOK(at) look_record(ctx, index, at)
	return TOA_WALK(LOOK);
#undef LOOK
}

/* Whether the two short ways to the end of a walk lead there, where they are open. */
static __always_inline bool shortcuts_agree(const struct place *place, __u32 walked)
{
	const struct record *record = place->record;
	__u32 first = toa_first(record->options, record->length, place->end, record->syn, place->set->rules,
				place->set->known);

	if (first && first != walked)
		return false;
	return walked == 0 || !toa_is_plain(record->options, record->length, place->end, 0);
}

__noinline int walk_record(struct xdp_md *ctx, __u32 index)
{
	__u32 walked = walk_one(ctx, index);
	struct toa_found found = toa_unpack(walked);
	struct place place = {};

	if (!find_record(ctx, index, &place))
		return 0;
	/* Else the record keeps what no walk finds. */
	if (shortcuts_agree(&place, walked))
		place.record->found = walked;
	if (found.verdict == TOA_MATCH && found.at < TCP_MAX_OPTIONS && has_client(found.format))
		place.record->vip_at = toa_vip_behind(place.record->options, place.record->length, place.end,
						      found.at + toa_format_length(found.format), place.set->rules);
	return 1;
}

/* Returns how many records it has walked. */
SEC("xdp")
int walk_records(struct xdp_md *ctx)
{
	int walked = 0;

	for (__u32 index = 0; index < RECORDS; index++)
		walked += walk_record(ctx, index);
	return walked;
}
