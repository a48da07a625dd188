// SPDX-License-Identifier: Apache-2.0
/*
 * Sends SYNs from random IPv4 addresses and ports to one port, as fast as it can, and prints how many.
 *
 * usage: syn-flood ADDRESS PORT COUNT
 */
#include "common.h"

#include <netinet/ip.h>

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

static uint32_t sum_words(const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static uint32_t random32(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16);
}

/* The kernel fills in the IP header's length, identification and checksum. */
static struct segment random_syn(const struct endpoint *to)
{
	struct segment syn = { .ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP } };

	/* 11.0.0.0 to 74.255.255.255: nobody's here */
	syn.ip.saddr = htonl((11U << 24) + (random32() & 0x3fffffff));
	syn.ip.daddr = to->v4.sin_addr.s_addr;
	syn.tcp.source = htons((uint16_t)(1024 + random32() % 64000));
	syn.tcp.dest = to->v4.sin_port;
	syn.tcp.seq = random32();
	syn.tcp.doff = sizeof(syn.tcp) / 4;
	syn.tcp.syn = 1;
	syn.tcp.window = htons(65535);
	syn.tcp.check = folded(sum_words(&syn.ip.saddr, 8) + IPPROTO_TCP + sizeof(syn.tcp) +
			       sum_words(&syn.tcp, sizeof(syn.tcp)));
	return syn;
}

int main(int argc, char **argv)
{
	struct endpoint to;
	uint64_t count;
	int fd;

	if (argc != 4)
		stop(EXIT_USAGE, "usage: syn-flood ADDRESS PORT COUNT");
	to = endpoint_of(argv[1], (uint16_t)number("port", argv[2], 1, 65535));
	count = number("count", argv[3], 1, 100000000);
	if (to.any.sa_family != AF_INET)
		stop(EXIT_USAGE, "'%s' is not an IPv4 address", argv[1]);
	end_after(300);
	fd = must(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), "socket");
	for (uint64_t sent = 0; sent < count;) {
		const struct segment syn = random_syn(&to);

		if (sendto(fd, &syn, sizeof(syn), 0, &to.any, to.length) >= 0)
			sent++;
		else if (errno != ENOBUFS)
			must(-1, "sendto");
	}
	printf("%llu\n", (unsigned long long)count);
	return EXIT_SUCCESS;
}
