/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The forwarder's maps. All are pinned, so that a restarted or upgraded control plane finds them as they are. */
#ifndef TRUEPEER_FORWARDER_MAPS_H
#define TRUEPEER_FORWARDER_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../forwarder.h"

/*
 * Sizes of 1 are the control plane's to set, by the capacity asked for, before
 * it loads the program: connections and tuples as many slots as struct
 * forwarder_settings says, embryos as many as there.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct connection);
} connections SEC(".maps");

/* A hash table, see tuples.h. It can be mapped into memory because then each bucket is a cache line, and not parts of two. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bucket);
} tuples SEC(".maps");

/* A ring of the connections whose handshake is not complete: where it is full of them, a new one evicts the oldest. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct reference);
} embryos SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct positions);
} positions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct forwarder_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SERVICES_MAX);
	__type(key, struct listener);
	__type(value, __u32);
} listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SERVICES_MAX);
	__type(key, __u32);
	__type(value, struct service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BACKENDS_MAX);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

/* Backend numbers, SCHEDULE_SIZE for each service. Every entry is valid by itself at any moment. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SERVICES_MAX *SCHEDULE_SIZE);
	__type(key, __u32);
	__type(value, __u32);
} schedule SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * LOCALS_MAX);
	__type(key, __u32);
	__type(value, struct address);
} locals SEC(".maps");

/* Values are ADDRESS_*. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SERVICES_MAX + 2 * LOCALS_MAX);
	__type(key, struct address);
	__type(value, __u32);
} addresses SEC(".maps");

/* From whom TOA is accepted, and passed on. Values are not used. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct upstream_key);
	__type(value, __u32);
} upstreams SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EGRESSES_MAX);
	__type(key, __u32);
	__type(value, struct egress);
} egresses SEC(".maps");

/* What frames to us are addressed to; twice as many as there can be, for new ones come before old ones go. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * EGRESSES_MAX);
	__type(key, struct station);
	__type(value, __u32);
} stations SEC(".maps");

/* By ifindex, as routes name interfaces: the number in egresses. Likewise. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * EGRESSES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} egress_of SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SERVICES_MAX);
	__type(key, __u32);
	__type(value, struct forwarder_counters);
} counters SEC(".maps");

#endif
