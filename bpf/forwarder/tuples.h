/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finding a connection by a segment's addresses: a hash table whose buckets
 * are one cache line each. An entry is a reference and a part of the hash, and
 * the addresses themselves are compared where they are needed anyway, in the
 * connection. The kernel's hash maps copy them, which takes two or three lines
 * more for each side, and lock a bucket to change it.
 *
 * An entry is in the table for as long as the connection's addresses stay as
 * they are, so whoever finds it, and the connection's generation the same
 * before and after the comparison, has found the connection.
 */
#ifndef TRUEPEER_FORWARDER_TUPLES_H
#define TRUEPEER_FORWARDER_TUPLES_H

#include "maps.h"
#include "scratch.h"

static __always_inline struct connection *connection_at(__u32 slot)
{
	return bpf_map_lookup_elem(&connections, &slot);
}

/* How the segments of a connection look when they arrive, going in that direction. */
static __always_inline const struct tuple *arriving(const struct connection *connection, enum direction direction)
{
	return (const struct tuple *)&connection->to[direction == TO_BACKEND ? TO_CLIENT : TO_BACKEND];
}

static __always_inline bool is_same_tuple(const struct tuple *a, const struct tuple *b)
{
	return is_same_address(&a->remote, &b->remote) && is_same_address(&a->local, &b->local) &&
	       a->remote_port == b->remote_port && a->local_port == b->local_port;
}

static __always_inline enum direction direction_of(const struct reference *reference)
{
	return reference->slot & REFERENCE_TO_CLIENT ? TO_CLIENT : TO_BACKEND;
}

static __always_inline __u32 slot_of(const struct reference *reference)
{
	return reference->slot & ~REFERENCE_TO_CLIENT;
}

/* Where a tuple's entry may be, and what tells it from most others there. */
struct place {
	struct bucket *first, *second;
	__u32 tag;
};

/* The upper half of an entry; never 0, which is a free one. */
static __always_inline __u32 tag_of(__u64 hash)
{
	return (__u32)(hash >> 32) | 1;
}

/* MurmurHash3's finish: spreads a number over all bits. */
static __always_inline __u64 mixed(__u64 hash)
{
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdULL;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return hash ^ hash >> 33;
}

/*
 * NH, the universal hash of UMAC (RFC 4418, 5.2), spread over all bits: who
 * does not know the key cannot find tuples that fill a bucket.
 */
static __always_inline __u64 hash_of(const struct tuple *tuple, const __u32 key[10])
{
	const __be32 *remote = tuple->remote.word, *local = tuple->local.word;
	__u32 ports = (__u32)tuple->remote_port << 16 | tuple->local_port;
	__u64 hash = (__u64)(ports + key[8]) * key[9];

#pragma unroll
	for (int word = 0; word < 4; word += 2) {
		hash += (__u64)(remote[word] + key[word]) * (remote[word + 1] + key[word + 1]);
		hash += (__u64)(local[word] + key[word + 4]) * (local[word + 1] + key[word + 5]);
	}
	return mixed(hash);
}

static __always_inline struct bucket *bucket_at(__u32 hash, __u32 buckets)
{
	__u32 index = (__u64)hash * buckets >> 32;

	return bpf_map_lookup_elem(&tuples, &index);
}

static __always_inline bool find_place(const struct tuple *tuple, struct place *place)
{
	__u32 zero = 0;
	const struct forwarder_settings *own = bpf_map_lookup_elem(&settings, &zero);
	__u64 hash;

	if (!own)
		return false;
	hash = hash_of(tuple, own->table_key);
	place->tag = tag_of(hash);
	place->first = bucket_at(hash, own->slots);
	place->second = bucket_at(place->tag * 0x9e3779b1U, own->slots);
	return place->first && place->second;
}

/* Has memory fetched that is needed soon, without waiting for it. */
static __always_inline void touch_bucket(const struct bucket *bucket)
{
	(void)*(volatile const __u64 *)&bucket->entries[0];
}

/* The entries of both buckets, one after the other. Rolled up, for so they take less stack, of which there is little. */
#define FOR_EACH_ENTRY(turn) _Pragma("clang loop unroll(disable)") for (int turn = 0; turn < 2 * BUCKET_ENTRIES; turn++)

static __always_inline volatile __u64 *entry_at(const struct place *place, int turn)
{
	struct bucket *bucket = turn < BUCKET_ENTRIES ? place->first : place->second;

	return &bucket->entries[turn & (BUCKET_ENTRIES - 1)];
}

/* Whether a bucket has an entry with that tag, but for one: a short look, for mostly there is none. */
static __always_inline bool has_tag(const struct bucket *bucket, __u32 tag, __u64 but)
{
#pragma unroll
	for (int at = 0; at < BUCKET_ENTRIES; at++) {
		__u64 entry = *(volatile const __u64 *)&bucket->entries[at];

		if (entry >> 32 == tag && entry != but)
			return true;
	}
	return false;
}

/* Looks for a tuple where it may be, but not at that entry. */
static __always_inline bool look_for(const struct tuple *tuple, const struct place *place, __u64 but,
				     struct reference *found)
{
	if (!has_tag(place->first, place->tag, but) && !has_tag(place->second, place->tag, but))
		return false;
	FOR_EACH_ENTRY(turn) {
		__u64 entry = *entry_at(place, turn);
		const struct connection *connection;

		if (entry >> 32 != place->tag || entry == but)
			continue;
		found->slot = entry;
		connection = connection_at(slot_of(found));
		if (!connection)
			continue;
		/* Or clang reads its words before the loop, and keeps them on the stack. */
		asm volatile("" : "+r"(tuple));
		found->generation = *(volatile const __u32 *)&connection->generation;
		if (is_same_tuple(arriving(connection, direction_of(found)), tuple))
			return true;
	}
	return false;
}

/* Whose segments arrive by a tuple; it holds as long as the connection is of that generation. */
static __always_inline bool find(const struct tuple *tuple, struct reference *found)
{
	struct place place;

	return find_place(tuple, &place) && look_for(tuple, &place, 0, found);
}

/* So many of each bucket are filled before more of either, so that the second is rarely looked into and none gets full. */
#define ENTRIES_AT_FIRST 4

static __always_inline bool put_in(const struct place *place, __u64 entry)
{
	FOR_EACH_ENTRY(turn) {
		struct bucket *bucket = turn & ENTRIES_AT_FIRST ? place->second : place->first;
		volatile __u64 *at = &bucket->entries[turn % ENTRIES_AT_FIRST + turn / BUCKET_ENTRIES * ENTRIES_AT_FIRST];

		if (!*at && __sync_val_compare_and_swap(at, 0, entry) == 0)
			return true;
	}
	return false;
}

static __always_inline void take_out(const struct place *place, __u64 entry)
{
	FOR_EACH_ENTRY(turn)
		if (*entry_at(place, turn) == entry) {
			*entry_at(place, turn) = 0;
			return;
		}
}

enum entered {
	ENTERED,
	ENTERED_BEFORE, /* the tuple is another connection's, to which scratch->held refers */
	NOT_ENTERED,    /* both buckets are full */
};

/* Enters a slot's connection, whose addresses are filled in, for one direction: slot, REFERENCE_TO_CLIENT beside it. */
__noinline int enter(__u32 reference)
{
	struct connection *connection = connection_at(reference & ~REFERENCE_TO_CLIENT);
	struct scratch *scratch = scratch_of_cpu();
	struct reference *held;
	const struct tuple *tuple;
	struct place place;
	__u64 entry;

	if (!connection || !scratch)
		return NOT_ENTERED;
	held = &scratch->held;
	tuple = arriving(connection, reference & REFERENCE_TO_CLIENT ? TO_CLIENT : TO_BACKEND);
	if (!find_place(tuple, &place))
		return NOT_ENTERED;
	entry = (__u64)place.tag << 32 | reference;
	/* That a client's is not there is why its SYN opens a connection. */
	if (reference & REFERENCE_TO_CLIENT && look_for(tuple, &place, 0, held))
		return ENTERED_BEFORE;
	if (!put_in(&place, entry))
		return NOT_ENTERED;
	/* Of two CPUs that entered the same tuple at once, at least one sees the other's entry, and steps back. */
	if (look_for(tuple, &place, entry, held)) {
		take_out(&place, entry);
		return ENTERED_BEFORE;
	}
	return ENTERED;
}

/* Takes out what was entered. Nobody else does, and the connection's addresses are still the same. */
static __always_inline void leave(const struct connection *connection, __u32 reference)
{
	const struct tuple *tuple = arriving(connection, reference & REFERENCE_TO_CLIENT ? TO_CLIENT : TO_BACKEND);
	struct place place;

	if (find_place(tuple, &place))
		take_out(&place, (__u64)place.tag << 32 | reference);
}

/* For both sides, so that they wait for memory together. Hardly any entry is in its second bucket: that is not fetched. */
static __always_inline void leave_both(const struct connection *connection, __u32 slot)
{
	struct place to_backend, to_client;

	if (!find_place(arriving(connection, TO_BACKEND), &to_backend) ||
	    !find_place(arriving(connection, TO_CLIENT), &to_client))
		return;
	touch_bucket(to_client.first);
	take_out(&to_backend, (__u64)to_backend.tag << 32 | slot);
	take_out(&to_client, (__u64)to_client.tag << 32 | slot | REFERENCE_TO_CLIENT);
}

#endif
