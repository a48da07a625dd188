/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which segments are tagged, and with what. */
#ifndef TRUEPEER_FORWARDER_TOA_OUT_H
#define TRUEPEER_FORWARDER_TOA_OUT_H

#include "options.h"
#include "table.h"

#define TOA_IPV4_LENGTH 8
#define TOA_IPV6_LENGTH 20

/*
 * Whether a client's segment that is no SYN may be the one that completes the
 * handshake. All that carry the acknowledgement which does are: the first may
 * be lost, and a request may follow it at once, or even carry the FIN. Until
 * the backend has shown that the handshake is over, so may all others: a
 * client can make it send SYN-ACKs with numbers that are not known here (SYN
 * cookies, a first SYN that only the forwarder heard), and whatever completes
 * the handshake must not carry TOA of the client's own.
 */
static __always_inline bool may_complete(const struct connection *connection, const struct packet *packet)
{
	return !(connection->flags & CONNECTION_TALKED) || packet->acknowledgement == connection->backend_isn + 1;
}

/* What kind of segment to be tagged this is, as FORWARDER_TAG_*, or 0. */
static __always_inline __u8 tag_chance(const struct connection *connection, const struct packet *packet)
{
	if (packet->flags & TCP_RST)
		return 0;
	if (packet->flags & TCP_SYN)
		return FORWARDER_TAG_SYN;
	if (!may_complete(connection, packet))
		return 0;
	return packet->payload ? FORWARDER_TAG_DATA : FORWARDER_TAG_ACK;
}

/* Writes the option; its length, or 0 where there is no kind for such a client. */
static __always_inline __u32 write_toa(__u8 toa[20], const struct connection *connection, const struct service *service)
{
	__be32 ipv4 = connection->client.word[3];

	__builtin_memset(toa, 0, 20);
	__builtin_memcpy(toa + 2, &connection->client_port, 2);
	if (is_mapped(&connection->client)) {
		toa[0] = service->kind4;
		toa[1] = TOA_IPV4_LENGTH;
		__builtin_memcpy(toa + 4, &ipv4, 4);
		return service->kind4 ? TOA_IPV4_LENGTH : 0;
	}
	toa[0] = service->kind6;
	toa[1] = TOA_IPV6_LENGTH;
	__builtin_memcpy(toa + 4, &connection->client, 16);
	return service->kind6 ? TOA_IPV6_LENGTH : 0;
}

/* Whether the client's address is lost for good when this segment goes without it. */
static __always_inline bool is_last_chance(const struct connection *connection, const struct service *service,
					   __u8 chance)
{
	/* That one carried it says nothing: it need not have arrived, and its checksum may have been wrong. */
	if (connection->flags & CONNECTION_TALKED)
		return false;
	return chance != FORWARDER_TAG_SYN || service->tag_on == FORWARDER_TAG_SYN;
}

/* How much shorter the client's segments must be so that they fit with the option. */
static __always_inline __u16 room_for_toa(const struct connection *connection, const struct service *service)
{
	__u16 room4 = service->kind4 ? TOA_IPV4_LENGTH : 0, room6 = service->kind6 ? TOA_IPV6_LENGTH : 0;

	if (!(service->tag_on & FORWARDER_TAG_DATA))
		return 0;
	/* An upstream may still speak for a client of the other family. */
	if (connection->flags & CONNECTION_UPSTREAM)
		return room6 ? room6 : room4;
	return is_mapped(&connection->client) ? room4 : room6;
}

#endif
