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
	__u32 found;   /* result: of toa_walk() */
	__u8 options[TCP_MAX_OPTIONS];
};

static __always_inline bool has_client(__u8 format)
{
	return format != TOA_FORMAT_VIP && format != TOA_FORMAT_VPC;
}

/* Global, so that the verifier checks one record and not every path through all of them. Returns whether it is there. */
__noinline int walk_record(struct xdp_md *ctx, __u32 index)
{
	const void *end = (void *)(long)ctx->data_end;
	struct record *record = (void *)(long)ctx->data;
	struct toa_found found;
	struct rule_set *set;
	__u32 length, key;

	if (index >= RECORDS)
		return 0;
	record += index;
	/* Else clang adds again where the record is used, and the verifier takes that for another pointer. */
	asm volatile("" : "+r"(record));
	if ((void *)record->options > end)
		return 0;
	key = record->rule_set;
	length = record->length;
	set = bpf_map_lookup_elem(&rule_sets, &key);
	if (!set || length > TCP_MAX_OPTIONS)
		return 0;

	record->found = toa_walk(record->options, length, end, record->syn, set->rules, set->known);
	found = toa_unpack(record->found);
	if (found.verdict == TOA_MATCH && found.at < TCP_MAX_OPTIONS && has_client(found.format))
		record->vip_at = toa_vip_behind(record->options, length, end, found, set->rules);
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
