// SPDX-License-Identifier: Apache-2.0
/*
 * Holds connections open and says whether their peers' addresses stay.
 *
 * usage: keep-peers ADDRESS PORT COUNT [--seconds S]
 *
 * Prints "listening", accepts COUNT connections, records what getpeername()
 * first says of each and prints "holding COUNT". For every line on standard
 * input, "again" or "again TIMES", it asks all of them so many times and prints
 *
 *	{"checked":COUNT,"same":..,"changed":..,"gone":..}
 *
 * of the last time, where gone are those without a peer any more (ENOTCONN); of
 * the others the first few that changed are told on standard error. When standard input
 * ends, each client is sent its line, "ADDRESS PORT", as getpeername() says
 * it then: `connect-load --concurrency COUNT --check` can therefore be the
 * clients, and compares it with what it bound. Exit code 1 if any address
 * ever changed.
 */
#include "common.h"

#include <getopt.h>

#define TOLD_AT_MOST 10

struct kept {
	int fd;
	char first[ENDPOINT_TEXT];
};

static struct kept *accept_all(int listener, uint64_t count)
{
	struct kept *kept = calloc(count, sizeof(*kept));
	struct endpoint peer;

	if (!kept)
		stop(EXIT_FAILURE, "no memory for %llu connections", (unsigned long long)count);
	for (uint64_t i = 0; i < count; i++) {
		kept[i].fd = must(accept(listener, NULL, NULL), "accept");
		must(peer_of(kept[i].fd, &peer) ? 0 : -1, "the first getpeername");
		endpoint_line(&peer, kept[i].first);
	}
	return kept;
}

struct answers {
	uint64_t same, changed, gone;
};

static struct answers check_all(const struct kept *kept, uint64_t count)
{
	struct answers answers = { 0 };
	char line[ENDPOINT_TEXT];
	struct endpoint peer;

	for (uint64_t i = 0; i < count; i++) {
		if (!peer_of(kept[i].fd, &peer)) {
			answers.gone++;
			continue;
		}
		endpoint_line(&peer, line);
		if (!strcmp(line, kept[i].first))
			answers.same++;
		else if (answers.changed++ < TOLD_AT_MOST)
			fprintf(stderr, "was %.*s, is %s", (int)strcspn(kept[i].first, "\n"), kept[i].first, line);
	}
	return answers;
}

/* Returns how many changed, of all times. */
static uint64_t check(const struct kept *kept, uint64_t count, uint64_t times)
{
	struct answers answers = { 0 };
	uint64_t changed = 0;

	for (uint64_t i = 0; i < times; i++) {
		answers = check_all(kept, count);
		changed += answers.changed;
	}
	printf("{\"checked\":%llu,\"same\":%llu,\"changed\":%llu,\"gone\":%llu}\n", (unsigned long long)count,
	       (unsigned long long)answers.same, (unsigned long long)answers.changed, (unsigned long long)answers.gone);
	fflush(stdout);
	return changed;
}

static void tell_all(const struct kept *kept, uint64_t count)
{
	char line[ENDPOINT_TEXT];
	struct endpoint peer;

	for (uint64_t i = 0; i < count; i++)
		if (peer_of(kept[i].fd, &peer))
			(void)!send(kept[i].fd, line, (size_t)endpoint_line(&peer, line),
				    MSG_DONTWAIT | MSG_NOSIGNAL);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "seconds", required_argument, NULL, 's' }, { 0 } };
	uint64_t seconds = 600, changed = 0, count;
	struct kept *kept;
	struct endpoint at;
	char asked[256];
	int option, listener;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 's')
			exit(EXIT_USAGE);
		seconds = number("--seconds", optarg, 1, 86400);
	}
	if (argc - optind != 3)
		stop(EXIT_USAGE, "usage: keep-peers ADDRESS PORT COUNT [--seconds S]");
	at = endpoint_of(argv[optind], (uint16_t)number("port", argv[optind + 1], 1, 65535));
	count = number("count", argv[optind + 2], 1, 1000000);
	end_after(seconds);
	need_descriptors(count);
	listener = listen_on(&at, SOCK_STREAM, 0, false);
	say("listening");
	kept = accept_all(listener, count);
	printf("holding %llu\n", (unsigned long long)count);
	fflush(stdout);
	while (fgets(asked, sizeof(asked), stdin)) {
		unsigned long long times = 1;

		sscanf(asked, "again %llu", &times);
		changed += check(kept, count, times);
	}
	tell_all(kept, count);
	free(kept);
	return changed ? EXIT_FAILURE : EXIT_SUCCESS;
}
