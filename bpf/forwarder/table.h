/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connection table. A slot is taken by making its generation odd, and
 * freed by making it even; whoever holds a reference of another generation
 * holds nothing.
 */
#ifndef TRUEPEER_FORWARDER_TABLE_H
#define TRUEPEER_FORWARDER_TABLE_H

#include "clock.h"
#include "count.h"
#include "tuples.h"

#define CONNECTION_FIN_BOTH (CONNECTION_FINISHED_CLIENT | CONNECTION_FINISHED_BACKEND)
#define CONNECTION_RESET_ANY (CONNECTION_RESET_CLIENT | CONNECTION_RESET_BACKEND)

static __always_inline enum connection_state connection_state(__u32 flags)
{
	if (!(flags & CONNECTION_OPEN))
		return STATE_FREE;
	if ((flags & (CONNECTION_RESET_ANY | CONNECTION_ABORTED)) || (flags & CONNECTION_FIN_BOTH) == CONNECTION_FIN_BOTH)
		return STATE_CLOSED;
	if (flags & (CONNECTION_FIN_CLIENT | CONNECTION_FIN_BACKEND | CONNECTION_RESET_DOUBTED))
		return STATE_CLOSING;
	if (flags & CONNECTION_ESTABLISHED)
		return STATE_ESTABLISHED;
	return flags & CONNECTION_ANSWERED ? STATE_SYN_RECEIVED : STATE_SYN_SENT;
}

static __always_inline struct backend *backend_of(const struct connection *connection)
{
	__u32 number = connection->backend;

	return bpf_map_lookup_elem(&backends, &number);
}

/* NULL where the reference is to a connection that is gone. */
static __always_inline struct connection *connection_of(const struct reference *reference)
{
	struct connection *connection = connection_at(slot_of(reference));

	if (!connection || connection->generation != reference->generation)
		return NULL;
	if ((connection->flags & (CONNECTION_OPEN | CONNECTION_FREEING)) != CONNECTION_OPEN)
		return NULL;
	return connection;
}

static __always_inline bool is_expired(const struct connection *connection, __u32 now)
{
	enum connection_state state = connection_state(connection->flags);
	__u32 number = connection->service;
	struct service *service = bpf_map_lookup_elem(&services, &number);
	__u32 idle = now - connection->seen;

	/* Another CPU's clock may be a tick ahead of ours. */
	return state != STATE_FREE && state < STATE_COUNT && service && (__s32)idle > 0 &&
	       idle > service->timeouts[state];
}

/* The two words of a connection that tell whose a slot is, as one. */
union holding {
	struct {
		__u32 generation;
		__u32 flags;
	};
	__u64 word;
} __attribute__((may_alias));

#define CHANGES_TRIED 8

/*
 * Clears and sets flags of the connection of that generation, unless it has
 * any of those in `unless`. True where it did. At one blow with the generation,
 * for another CPU may have freed the connection meanwhile, and opened another
 * one in its place, which must not inherit what a segment of the former means.
 */
static __noinline bool change_flags(struct connection *connection, __u32 generation, __u32 clear, __u32 set,
				    __u32 unless)
{
	union holding *holding = (union holding *)&connection->generation;

	for (int attempt = 0; attempt < CHANGES_TRIED; attempt++) {
		union holding before = { .word = *(volatile __u64 *)&holding->word }, after = before;

		if (before.generation != generation || (before.flags & (CONNECTION_OPEN | unless)) != CONNECTION_OPEN)
			return false;
		after.flags = (before.flags & ~clear) | set;
		if (__sync_val_compare_and_swap(&holding->word, before.word, after.word) == before.word)
			return true;
	}
	return false;
}

/*
 * Frees the connection of that generation in a slot, whatever its state, but
 * not where it has any of the flags in `unless`. True for the one caller that
 * did it. What its caller knows of the connection it must have read after the
 * generation.
 */
__noinline int free_slot_unless(__u32 slot, __u32 generation, __u32 unless)
{
	struct connection *connection = connection_at(slot);
	struct backend *backend;

	if (!connection || !change_flags(connection, generation, 0, CONNECTION_FREEING, CONNECTION_FREEING | unless))
		return false;
	leave_both(connection, slot);
	backend = backend_of(connection);
	if (backend) {
		__sync_fetch_and_add(&backend->active, -1);
		if (connection_state(connection->flags) == STATE_SYN_SENT)
			__sync_fetch_and_add(&backend->unanswered, 1);
	}
	connection->flags = 0;
	__sync_fetch_and_add(&connection->generation, 1);
	return true;
}

static __always_inline int free_slot(__u32 slot, __u32 generation)
{
	return free_slot_unless(slot, generation, 0);
}

/* Frees a connection that expired, and counts why; one that was reported has been counted then. */
static __always_inline void expire(__u32 slot, const struct connection *connection, __u32 generation)
{
	__u32 flags = connection->flags, service = connection->service;
	enum connection_state state = connection_state(flags);

	if (!free_slot(slot, generation) || state == STATE_CLOSED || flags & CONNECTION_REPORTED)
		return;
	count(service, state == STATE_ESTABLISHED || state == STATE_CLOSING ? COUNT_EXPIRED_ESTABLISHED :
									      COUNT_EXPIRED_EMBRYO);
}

enum slot_found {
	SLOT_TAKEN,
	SLOT_CLOSED, /* in use by a connection that is over, but not for long enough */
	SLOT_BUSY,
};

/* Takes a slot if it is free, or its connection expired. */
__noinline int try_slot(__u32 slot, __u32 now)
{
	struct connection *connection = connection_at(slot);
	__u32 generation;

	if (!connection)
		return SLOT_BUSY;
	generation = connection->generation;
	if (generation & 1) {
		if (!(connection->flags & CONNECTION_OPEN))
			return SLOT_BUSY;
		if (!is_expired(connection, now))
			return connection_state(connection->flags) == STATE_CLOSED ? SLOT_CLOSED : SLOT_BUSY;
		expire(slot, connection, generation);
		generation = connection->generation;
		if (generation & 1)
			return SLOT_BUSY;
	}
	return __sync_val_compare_and_swap(&connection->generation, generation, generation + 1) == generation ?
		       SLOT_TAKEN :
		       SLOT_BUSY;
}

/* After so many looks in turn, one looks anywhere: connections that stay often lie side by side, by the thousand. */
#define LOOKS_IN_TURN 8
/* After so many, what a connection that is over still holds will do: where connections come fast, all hold something. */
#define LOOKS_FOR_FREE 12

/*
 * Once all that was looked at is held, and some only by connections that are
 * over, the first of those will do for an eighth of a second: what comes next
 * in turn has rested for longest anyway, and looks at memory that is not in
 * the cache are most of what a new connection costs.
 */
#define CROWDED_TICKS (TICKS_PER_SECOND / 8)

/* How many looks to go on for something free. */
static __always_inline __u32 looks_for_free(__u32 crowded, __u32 now)
{
	return now - crowded < CROWDED_TICKS ? 0 : LOOKS_FOR_FREE;
}

static __always_inline __u32 next_turn(__u32 *cursor, __u32 look)
{
	return look < LOOKS_IN_TURN ? __sync_fetch_and_add(cursor, 1) : bpf_get_prandom_u32();
}

/* Frees a connection if it is still over: another CPU may have thought of the same slot first. */
static __always_inline bool free_closed(__u32 slot)
{
	struct connection *connection = connection_at(slot);
	__u32 generation;

	if (!connection)
		return false;
	generation = *(volatile __u32 *)&connection->generation;
	return connection_state(*(volatile __u32 *)&connection->flags) == STATE_CLOSED && free_slot(slot, generation);
}

#define NO_SLOT 0xffffffffU
#define SLOTS_LOOKED_AT 128

/*
 * Takes a free slot behind the one that was taken last, so that a freed one
 * rests for as long as possible; or NO_SLOT.
 */
__noinline __u32 take_slot(__u32 slots, __u32 now)
{
	__u32 zero = 0, closed = NO_SLOT;
	struct positions *at = bpf_map_lookup_elem(&positions, &zero);
	__u32 enough;

	if (!at || slots == 0)
		return NO_SLOT;
	enough = looks_for_free(at->crowded, now);
	for (__u32 look = 0; look < SLOTS_LOOKED_AT; look++) {
		__u32 slot = next_turn(&at->hand, look) % slots;
		int found = try_slot(slot, now);

		if (found == SLOT_TAKEN)
			return slot;
		if (found == SLOT_CLOSED && closed == NO_SLOT)
			closed = slot;
		if (closed != NO_SLOT && look >= enough)
			break;
	}
	if (enough)
		at->crowded = now;
	if (closed == NO_SLOT || !free_closed(closed) || try_slot(closed, now) != SLOT_TAKEN)
		return NO_SLOT;
	count(0, COUNT_RECYCLED);
	return closed;
}

#endif
