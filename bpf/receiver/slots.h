/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The fast place for a connection: an array, at the index that the socket's cookie ends with. Cookies are counted up as
 * they are first asked for, which is done here, so that connections that follow each other lie side by side, and the
 * processor has the next slot at hand. The kernel makes a socket's storage from two pieces of memory it has not seen
 * for long, and gives them back one by one, which takes longer than all else that is done for a connection.
 *
 * A slot is its owner's until the owner's socket has closed. Who finds it taken goes into the socket's storage.
 */
#ifndef TRUEPEER_SLOTS_H
#define TRUEPEER_SLOTS_H

#include <bpf/bpf_helpers.h>

#include "../receiver.h"
#include "socket.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

static __always_inline struct slot *slot_of(__u64 cookie)
{
	__u32 at = cookie % SLOTS;

	return bpf_map_lookup_elem(&slots, &at);
}

/* What tells the cookies of one slot apart, and is not what is in a slot that nobody has used. */
static __always_inline __u32 mark_of(__u64 cookie)
{
	return cookie / SLOTS + 1;
}

/* A pointer that no processor can follow before it has read a value, for reads whose order matters. */
#define AFTER(value, pointer)                                        \
	({                                                           \
		__u64 nothing = (value);                             \
		asm volatile("%0 &= 0" : "+r"(nothing) : : "memory"); \
		(typeof(pointer))((void *)(pointer) + nothing);      \
	})

/*
 * Whether the slot of a socket's cookie is its own, and what is in it. Who lists sockets holds no lock: one may close
 * and the slot become another's meanwhile, so it is looked at once more.
 */
static __always_inline bool read_slot(__u64 cookie, struct connection *to)
{
	struct slot *slot = cookie ? slot_of(cookie) : NULL;
	__u64 read = 0;

	if (!slot || slot->owner != cookie)
		return false;
	barrier();
	*to = slot->connection;
	for (__u32 i = 0; i < sizeof(*to) / 8; i++)
		read |= ((__u64 *)to)[i];
	if (AFTER(read, slot)->owner != cookie)
		return false;
	slot->asked = mark_of(cookie);
	return true;
}

/*
 * Of those who claim a slot at once, each finds more claims than its own, but for at most one. Linux before 5.12
 * loads no program with a compare-and-swap, used or not, and the kernel's lock for programs takes longer than all the rest.
 */
static __always_inline bool claim(struct slot *slot)
{
	__u32 claims = slot->claims;

	if (claims)
		return false;
	__sync_fetch_and_add(&slot->claims, 1);
	claims = *(volatile __u32 *)&slot->claims;
	/* One who gives it up may be seen to have left before it is seen to own it no more. */
	if (claims == 1 && !AFTER(claims, slot)->owner)
		return true;
	__sync_fetch_and_add(&slot->claims, -1);
	return false;
}

static __always_inline void free_slot(struct slot *slot)
{
	slot->owner = 0;
	barrier();
	__sync_fetch_and_add(&slot->claims, -1);
}

/* Puts a connection into the slot of its socket, unless that is another's. */
static __always_inline bool take_slot(const struct tcp_sock *socket, __u64 cookie, const struct connection *connection)
{
	struct slot *slot = slot_of(cookie);

	if (!socket || !slot || !claim(slot))
		return false;
	slot->socket = (__u64)socket;
	slot->connection = *connection;
	/* The list takes no lock either, and believes what it sees with an owner. */
	barrier();
	slot->owner = cookie;
	return true;
}

#endif
