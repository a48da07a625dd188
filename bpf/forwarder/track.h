/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a segment that passes means for its connection. */
#ifndef TRUEPEER_FORWARDER_TRACK_H
#define TRUEPEER_FORWARDER_TRACK_H

#include "scratch.h"
#include "table.h"

/*
 * Whether the slot was given to another connection since the segment's was found: then what is known of it is a mixture of
 * both, and nothing that lasts may come of that. Volatile, so that clang reads it after all that was read of the connection.
 */
static __always_inline bool has_changed_hands(const struct connection *connection, const struct packet *packet)
{
	return *(const volatile __u32 *)&connection->generation != packet->generation;
}

/* A look first, for few segments change anything. True for the one caller that set it. */
static __always_inline bool set_flag(struct connection *connection, const struct packet *packet, __u32 flag)
{
	return !(connection->flags & flag) && change_flags(connection, packet->generation, 0, flag, flag);
}

static __always_inline void clear_flags(struct connection *connection, const struct packet *packet, __u32 flags)
{
	if (connection->flags & flags)
		change_flags(connection, packet->generation, flags, 0, 0);
}

/* As much as is in flight at most, both ways; to whoever guesses, one number in a thousand. */
#define FLIGHT_WINDOW (1U << 22)
/*
 * One that is overlooked never comes again, and may stand behind as much as a receiver lets be under way, which is 32 MiB
 * for Linux: one number in 64. A backend is no stranger.
 */
#define CLIENT_FIN_WINDOW (1U << 26)
#define BACKEND_FIN_WINDOW (1U << 28)

/* Whether a segment's number is where the connection is, as far as acknowledgements tell. */
static __always_inline bool is_near(const struct connection *connection, const struct packet *packet,
				    enum direction direction, __u32 window)
{
	const struct way *back = &connection->to[direction == TO_BACKEND ? TO_CLIENT : TO_BACKEND];

	return !(connection->flags & CONNECTION_ESTABLISHED) ||
	       packet->sequence - back->acknowledged + window / 2 < window;
}

/*
 * A client's address can be forged, and a thousand guesses come near enough. So what an established backend believes for
 * sure is a RST with the very number that it expects next (RFC 5961): what it has acknowledged last. Any other may be the
 * client's, behind data that is still under way, or may not: a SYN after that is the backend's to answer.
 */
static __always_inline void track_reset(struct connection *connection, const struct packet *packet,
					enum direction direction)
{
	if (!is_near(connection, packet, direction, FLIGHT_WINDOW))
		return;
	if (direction == TO_CLIENT)
		set_flag(connection, packet, CONNECTION_RESET_BACKEND);
	else if (!(connection->flags & CONNECTION_ESTABLISHED) ||
		 packet->sequence == connection->to[TO_CLIENT].acknowledged)
		set_flag(connection, packet, CONNECTION_RESET_CLIENT);
	else
		set_flag(connection, packet, CONNECTION_RESET_DOUBTED);
}

/*
 * What a backend sends at most before it hears of the client's acknowledgement: something only under Fast Open. To
 * whoever guesses, one number in 4,096: an established connection keeps its slot for long, and not every backend
 * answers a wrong guess with a RST.
 */
#define EARLY_WINDOW (1U << 20)

static __always_inline bool is_answered_only(const struct connection *connection)
{
	return (connection->flags & (CONNECTION_ANSWERED | CONNECTION_ESTABLISHED)) == CONNECTION_ANSWERED;
}

/* The handshake is complete; so much of the backend's has the client acknowledged. */
static __always_inline void establish(struct connection *connection, const struct packet *packet, __u32 acknowledged)
{
	struct backend *backend = backend_of(connection);

	connection->to[TO_BACKEND].acknowledged = acknowledged;
	if (!set_flag(connection, packet, CONNECTION_ESTABLISHED))
		return;
	count(connection->service, COUNT_ESTABLISHED);
	if (backend)
		__sync_fetch_and_add(&backend->established, 1);
}

static __always_inline void track_to_backend(struct connection *connection, const struct packet *packet)
{
	struct way *way = &connection->to[TO_BACKEND];

	if (!(packet->flags & TCP_ACK))
		return;
	if (is_answered_only(connection) && !(packet->flags & TCP_SYN) &&
	    packet->acknowledgement - connection->backend_isn - 1 < EARLY_WINDOW)
		establish(connection, packet, packet->acknowledgement);
	if ((__s32)(packet->acknowledgement - way->acknowledged) > 0)
		way->acknowledged = packet->acknowledgement;
	if (connection->flags & CONNECTION_FIN_BACKEND &&
	    (__s32)(way->acknowledged - connection->to[TO_CLIENT].fin) >= 0)
		set_flag(connection, packet, CONNECTION_FINISHED_BACKEND);
}

/* What a connection may have become before the backend forgot it, and began anew with a SYN-ACK. */
#define CONNECTION_PROGRESS                                                                     \
	(CONNECTION_ESTABLISHED | CONNECTION_TALKED | CONNECTION_FIN_CLIENT | CONNECTION_FIN_BACKEND | \
	 CONNECTION_FINISHED_CLIENT | CONNECTION_FINISHED_BACKEND)

/* The backend's SYN-ACK: the first one, the same again, or one of another handshake. */
static __always_inline void track_answer(struct connection *connection, const struct packet *packet,
					 __u32 acknowledged)
{
	if (connection->flags & CONNECTION_ANSWERED && connection->backend_isn == packet->sequence)
		return;
	if (has_changed_hands(connection, packet))
		return;
	connection->backend_isn = packet->sequence;
	connection->to[TO_CLIENT].acknowledged = acknowledged;
	clear_flags(connection, packet, CONNECTION_PROGRESS);
	set_flag(connection, packet, CONNECTION_ANSWERED);
}

static __always_inline void track_to_client(struct connection *connection, const struct packet *packet)
{
	struct way *way = &connection->to[TO_CLIENT];
	__u32 acknowledged = packet->acknowledgement - connection->sequence_shift;

	if (!(packet->flags & TCP_ACK))
		return;
	if (packet->flags & TCP_SYN)
		track_answer(connection, packet, acknowledged);
	else if (packet->payload || packet->flags & TCP_FIN) {
		set_flag(connection, packet, CONNECTION_TALKED);
		/* Then the client has answered another SYN-ACK than the newest: under SYN cookies their numbers differ. */
		if (is_answered_only(connection))
			establish(connection, packet, packet->sequence);
	}
	if ((__s32)(acknowledged - way->acknowledged) > 0)
		way->acknowledged = acknowledged;
	if (connection->flags & CONNECTION_FIN_CLIENT &&
	    (__s32)(way->acknowledged - connection->to[TO_BACKEND].fin) >= 0)
		set_flag(connection, packet, CONNECTION_FINISHED_CLIENT);
}

/* Whether a backend's RST answers the SYN, and not what else a client sent: a backend's health is judged by that. */
static __always_inline bool is_refusal(const struct connection *connection, const struct packet *packet)
{
	return connection_state(connection->flags) == STATE_SYN_SENT && packet->flags & TCP_ACK &&
	       packet->acknowledgement == connection->isn + 1;
}

/*
 * Where the connection seems to be over, the backend may have forgotten it, and with SYN cookies take whatever comes now
 * for the end of a handshake: until it talks again, it has to be told once more who the client is.
 */
static __always_inline __u32 cleared_by_client(const struct connection *connection)
{
	__u32 resets = CONNECTION_RESET_CLIENT | CONNECTION_RESET_DOUBTED, flags = connection->flags;
	bool is_over = flags & (CONNECTION_RESET_ANY | CONNECTION_RESET_DOUBTED) ||
		       (flags & CONNECTION_FIN_BOTH) == CONNECTION_FIN_BOTH;

	return is_over ? resets | CONNECTION_TALKED : resets;
}

static __always_inline void track(struct connection *connection, const struct packet *packet,
				  enum direction direction, __u32 now)
{
	if (connection->seen != now)
		connection->seen = now;
	if (packet->flags & TCP_RST) {
		struct backend *backend;

		if (direction == TO_CLIENT && is_refusal(connection, packet)) {
			backend = backend_of(connection);
			if (backend)
				__sync_fetch_and_add(&backend->refused, 1);
		}
		track_reset(connection, packet, direction);
		return;
	}
	/* Whoever still talks has not reset anything: that RST was forged, or overtaken. */
	clear_flags(connection, packet, CONNECTION_REPORTED | (direction == TO_BACKEND ? cleared_by_client(connection) :
											 CONNECTION_RESET_BACKEND));
	if (direction == TO_BACKEND)
		track_to_backend(connection, packet);
	else
		track_to_client(connection, packet);
	/* Before that anybody can send one, and an embryo must not last as long as a connection that is closed. */
	if (packet->flags & TCP_FIN && connection->flags & CONNECTION_ESTABLISHED &&
	    is_near(connection, packet, direction, direction == TO_BACKEND ? CLIENT_FIN_WINDOW : BACKEND_FIN_WINDOW)) {
		connection->to[direction].fin = packet->sequence + packet->payload + 1;
		set_flag(connection, packet, direction == TO_BACKEND ? CONNECTION_FIN_CLIENT : CONNECTION_FIN_BACKEND);
	}
}

#endif
