// SPDX-License-Identifier: Apache-2.0
/*
 * What one getsockopt() and one getpeername() cost.
 *
 * usage: many-getsockopt CALLS [--seconds S]
 *
 * Makes CALLS calls of each sort on the accepted end of a connection over
 * 127.0.0.1, in ROUNDS rounds that take the sorts in turn, and prints the
 * median round, in nanoseconds a call:
 *
 *	{"calls":N,"ns":{"SO_ERROR":..,"TCP_NODELAY":..,"TCP_INFO":..,"getpeername":..}}
 */
#include "common.h"

#include <getopt.h>

#define ROUNDS 9

struct sort {
	const char *name;
	int level;
	int option;       /* -1: getpeername() */
	socklen_t length; /* of the buffer, as programs give it: the kernel takes a slower path for large ones */
	double ns[ROUNDS];
};

static struct sort sorts[] = {
	{ .name = "SO_ERROR", .level = SOL_SOCKET, .option = SO_ERROR, .length = sizeof(int) },
	{ .name = "TCP_NODELAY", .level = IPPROTO_TCP, .option = TCP_NODELAY, .length = sizeof(int) },
	{ .name = "TCP_INFO", .level = IPPROTO_TCP, .option = TCP_INFO, .length = sizeof(struct tcp_info) },
	{ .name = "getpeername", .option = -1 },
};

#define SORTS (sizeof(sorts) / sizeof(sorts[0]))

/* The accepted end. The connecting end stays open until the program ends. */
static int accepted_end(void)
{
	struct endpoint at = endpoint_of("127.0.0.1", 0);
	const int listener = listen_on(&at, SOCK_STREAM, 0, false);
	const int client = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	must(getsockname(listener, &at.any, &at.length), "getsockname");
	must(connect(client, &at.any, at.length), "connect");
	return must(accept(listener, NULL, NULL), "accept");
}

static double ns_per_call(const struct sort *sort, int fd, uint64_t calls)
{
	struct tcp_info answer;
	struct endpoint peer;
	double began;

	began = now();
	for (uint64_t call = 0; call < calls; call++) {
		socklen_t length = sort->length;

		if (sort->option < 0 ? !peer_of(fd, &peer)
				     : getsockopt(fd, sort->level, sort->option, &answer, &length) < 0)
			stop(EXIT_FAILURE, "%s: %s", sort->name, strerror(errno));
	}
	return (now() - began) * 1e9 / (double)calls;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "seconds", required_argument, NULL, 's' }, { 0 } };
	uint64_t seconds = 60, calls;
	int option, fd;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 's')
			exit(EXIT_USAGE);
		seconds = number("--seconds", optarg, 1, 86400);
	}
	if (argc - optind != 1)
		stop(EXIT_USAGE, "usage: many-getsockopt CALLS [--seconds S]");
	calls = number("calls", argv[optind], ROUNDS, 1000000000);
	end_after(seconds);
	fd = accepted_end();
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < SORTS; i++)
			sorts[i].ns[round] = ns_per_call(&sorts[i], fd, calls / ROUNDS);
	printf("{\"calls\":%llu,\"ns\":{", (unsigned long long)(calls / ROUNDS * ROUNDS));
	for (size_t i = 0; i < SORTS; i++) {
		qsort(sorts[i].ns, ROUNDS, sizeof(double), by_size);
		printf("%s\"%s\":%.1f", i ? "," : "", sorts[i].name, sorts[i].ns[ROUNDS / 2]);
	}
	say("}}");
	return EXIT_SUCCESS;
}
