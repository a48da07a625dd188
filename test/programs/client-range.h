/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CIDR as a list of distinct clients: the i-th has the address
 * base + i % addresses, and every address has PORTS_PER_ADDRESS ports, which
 * follow each other in no simple order.
 */
#ifndef CLIENT_RANGE_H
#define CLIENT_RANGE_H

#include "common.h"

#define FIRST_PORT 1024
#define PORTS_PER_ADDRESS 60000
#define PORT_STRIDE 7919 /* prime, and so without a common factor with PORTS_PER_ADDRESS: no port comes twice */
#define ADDRESS_STRIDE 131 /* clients that follow each other differ in port, too */
#define MOST_ADDRESSES (UINT64_C(1) << 32)

struct client_range {
	struct endpoint base;
	unsigned int prefix;
	uint64_t addresses;
};

static inline uint8_t *address_bytes(struct endpoint *endpoint)
{
	return endpoint->any.sa_family == AF_INET ? (uint8_t *)&endpoint->v4.sin_addr :
						    (uint8_t *)&endpoint->v6.sin6_addr;
}

static inline bool in_range(const struct client_range *range, struct endpoint endpoint)
{
	struct endpoint base = range->base;
	const uint8_t *a = address_bytes(&endpoint), *b = address_bytes(&base);
	const unsigned int whole = range->prefix / 8, rest = range->prefix % 8;

	if (endpoint.any.sa_family != base.any.sa_family || memcmp(a, b, whole))
		return false;
	return !rest || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static inline struct client_range client_range_of(const char *cidr)
{
	const size_t length = strcspn(cidr, "/");
	char address[INET6_ADDRSTRLEN] = "";
	struct client_range range = { .prefix = 0 };
	unsigned int bits;

	if (!cidr[length] || length >= sizeof(address))
		stop(EXIT_USAGE, "--clients '%s' is not ADDRESS/PREFIX", cidr);
	memcpy(address, cidr, length);
	range.base = endpoint_of(address, 0);
	bits = range.base.any.sa_family == AF_INET ? 32 : 128;
	range.prefix = (unsigned int)number("prefix", cidr + length + 1, 1, bits);
	range.addresses = bits - range.prefix >= 32 ? MOST_ADDRESSES : UINT64_C(1) << (bits - range.prefix);
	for (unsigned int bit = range.prefix; bit < bits; bit++)
		if (address_bytes(&range.base)[bit / 8] & (0x80 >> bit % 8))
			stop(EXIT_USAGE, "--clients '%s' has bits set behind its prefix", cidr);
	return range;
}

static inline struct endpoint client_at(const struct client_range *range, uint64_t index)
{
	const uint64_t address = index % range->addresses, round = index / range->addresses;
	const uint64_t port = FIRST_PORT + (round * PORT_STRIDE + address * ADDRESS_STRIDE) % PORTS_PER_ADDRESS;
	const bool v4 = range->base.any.sa_family == AF_INET;
	struct endpoint client = range->base;
	uint8_t *last = address_bytes(&client) + (v4 ? 0 : 12);

	for (unsigned int byte = 0; byte < 4; byte++)
		last[byte] |= (uint8_t)(address >> (24 - 8 * byte));
	*(v4 ? &client.v4.sin_port : &client.v6.sin6_port) = htons((uint16_t)port);
	return client;
}

#endif
