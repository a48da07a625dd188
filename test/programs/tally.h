/* SPDX-License-Identifier: Apache-2.0 */
/* How the connections of connect-load ended. */
#ifndef TALLY_H
#define TALLY_H

#include "common.h"

#define ERRNOS 256
#define TOLD_AT_MOST 10

enum step { STEP_SOCKET, STEP_BIND, STEP_CONNECT, STEP_COUNT };

static const char *const step_names[STEP_COUNT] = { "socket", "bind", "connect" };

struct tally {
	uint64_t connections;
	uint64_t ok;
	uint64_t swapped;
	uint64_t missing;
	uint64_t errors[STEP_COUNT][ERRNOS]; /* [..][0]: the server closed before a whole line */
};

static inline void tally_error(struct tally *tally, enum step step, int error)
{
	tally->errors[step][error > 0 && error < ERRNOS ? error : 0]++;
}

/* Tells the first few wrong answers in full. */
static inline void tally_wrong(struct tally *tally, uint64_t *kind, uint64_t index, const char *bound,
			       const char *told)
{
	if (tally->swapped + tally->missing < TOLD_AT_MOST)
		fprintf(stderr, "connection %llu: bound %.*s, the server says %s", (unsigned long long)index,
			(int)strcspn(bound, "\n"), bound, told);
	++*kind;
}

static inline void tally_print(const struct tally *tally, double seconds)
{
	const char *comma = "";

	printf("{\"connections\":%llu,\"ok\":%llu,\"swapped\":%llu,\"missing\":%llu,\"errors\":{",
	       (unsigned long long)tally->connections, (unsigned long long)tally->ok,
	       (unsigned long long)tally->swapped, (unsigned long long)tally->missing);
	for (int step = 0; step < STEP_COUNT; step++) {
		for (int error = 0; error < ERRNOS; error++) {
			if (!tally->errors[step][error])
				continue;
			printf("%s\"%s %s\":%llu", comma, step_names[step],
			       error ? strerrorname_np(error) : "EOF",
			       (unsigned long long)tally->errors[step][error]);
			comma = ",";
		}
	}
	printf("},\"seconds\":%.3f,\"rate\":%.0f}\n", seconds, (double)tally->connections / seconds);
	fflush(stdout);
}

#endif
