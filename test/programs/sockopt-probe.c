// SPDX-License-Identifier: Apache-2.0
/*
 * Asks a socket everything that programs ask for the client, with buffers
 * that are too small, exact and too large.
 *
 * usage: sockopt-probe ADDRESS PORT [--seconds S]
 *
 * Once it listens it prints one JSON line, the answers of sockets that have
 * no client: {"unconnected": ANSWERS, "listening": ANSWERS, "udp": ANSWERS}.
 * Then it serves one connection after another: each is sent one JSON line,
 * the ANSWERS of its own socket, and closed. ANSWERS is an object by call:
 *
 *	"getpeername"                the hex is the sockaddr
 *	"LEVEL/OPTION/LENGTH"        getsockopt() with a buffer of that length:
 *	                             ip/4096/20, ipv6/1347/24, tcp/0x5450/72, ...
 *
 * and each answer is {"ret", "errno": "ENOTCONN" or null, "optlen": as it
 * came back, "hex": the optlen bytes of a success, "stray": bytes changed
 * that the call had no right to change}.
 */
#include "common.h"
#include "truepeer.h"

#include <getopt.h>
#include <sys/time.h>

#define ROOM 256
#define UNTOUCHED 0xa5
#define CLIENT_SECONDS 2
#define READS 64

struct question {
	const char *name;
	int level;
	int option;
	socklen_t length;
};

static const struct question questions[] = {
	{ "ip/4096/19", IPPROTO_IP, 4096, 19 },
	{ "ip/4096/20", IPPROTO_IP, 4096, 20 },
	{ "ip/4096/64", IPPROTO_IP, 4096, 64 },
	{ "ip/1345/11", IPPROTO_IP, 1345, 11 },
	{ "ip/1345/12", IPPROTO_IP, 1345, 12 },
	{ "ip/1346/31", IPPROTO_IP, 1346, 31 },
	{ "ip/1346/32", IPPROTO_IP, 1346, 32 },
	{ "ip/1346/33", IPPROTO_IP, 1346, 33 },
	{ "ip/1347/23", IPPROTO_IP, 1347, 23 },
	{ "ip/1347/24", IPPROTO_IP, 1347, 24 },
	{ "ipv6/1347/23", IPPROTO_IPV6, 1347, 23 },
	{ "ipv6/1347/24", IPPROTO_IPV6, 1347, 24 },
	{ "tcp/0x5450/71", IPPROTO_TCP, TRUEPEER_INFO, 71 },
	{ "tcp/0x5450/72", IPPROTO_TCP, TRUEPEER_INFO, 72 },
};

_Static_assert(sizeof(struct truepeer_info) == 72, "the table asks with one byte too few, and just enough");

static void put_answer(FILE *to, const char *name, int ret, int error, const uint8_t *bytes, socklen_t length)
{
	const size_t told = ret < 0 ? 0 : length < ROOM ? length : ROOM;
	unsigned int stray = 0;

	for (size_t at = told; at < ROOM; at++)
		stray += bytes[at] != UNTOUCHED;
	fprintf(to, "\"%s\":{\"ret\":%d,\"errno\":", name, ret);
	if (ret < 0)
		fprintf(to, "\"%s\"", strerrorname_np(error));
	else
		fputs("null", to);
	fprintf(to, ",\"optlen\":%u,\"hex\":\"", length);
	for (size_t at = 0; at < told; at++)
		fprintf(to, "%02x", bytes[at]);
	fprintf(to, "\",\"stray\":%u}", stray);
}

static void put_answers(FILE *to, int fd)
{
	uint8_t bytes[ROOM];
	socklen_t length = ENDPOINT_ROOM;
	int ret, error;

	memset(bytes, UNTOUCHED, ROOM);
	ret = getpeername(fd, (struct sockaddr *)bytes, &length);
	error = errno;
	fputc('{', to);
	put_answer(to, "getpeername", ret, error, bytes, length);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		const struct question *question = &questions[i];

		memset(bytes, UNTOUCHED, ROOM);
		length = question->length;
		ret = getsockopt(fd, question->level, question->option, bytes, &length);
		error = errno;
		fputc(',', to);
		put_answer(to, question->name, ret, error, bytes, length);
	}
	fputc('}', to);
}

static void put_clientless(int family, int listener)
{
	const int tcp = must(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	const int udp = must(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");

	fputs("{\"unconnected\":", stdout);
	put_answers(stdout, tcp);
	fputs(",\"listening\":", stdout);
	put_answers(stdout, listener);
	fputs(",\"udp\":", stdout);
	put_answers(stdout, udp);
	say("}");
	close(tcp);
	close(udp);
}

/* Until the client closes: bytes left unread would make our close a reset, which can overtake the answer. */
static void drain(int fd)
{
	const struct timeval patience = { .tv_sec = CLIENT_SECONDS };
	char heard[4096];

	must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), "setsockopt SO_RCVTIMEO");
	for (int reads = 0; reads < READS; reads++)
		if (recv(fd, heard, sizeof(heard), 0) <= 0)
			return;
}

static void serve(int fd)
{
	FILE *to = fdopen(fd, "w");

	if (!to)
		stop(EXIT_FAILURE, "fdopen: %s", strerror(errno));
	put_answers(to, fd);
	fputc('\n', to);
	fflush(to);
	shutdown(fd, SHUT_WR);
	drain(fd);
	fclose(to);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "seconds", required_argument, NULL, 's' }, { 0 } };
	uint64_t seconds = 600;
	struct endpoint at;
	int option, listener;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 's')
			exit(EXIT_USAGE);
		seconds = number("--seconds", optarg, 1, 86400);
	}
	if (argc - optind != 2)
		stop(EXIT_USAGE, "usage: sockopt-probe ADDRESS PORT [--seconds S]");
	at = endpoint_of(argv[optind], (uint16_t)number("port", argv[optind + 1], 1, 65535));
	end_after(seconds);
	signal(SIGPIPE, SIG_IGN);
	listener = listen_on(&at, SOCK_STREAM, 0, false);
	put_clientless(at.any.sa_family, listener);
	for (;;)
		serve(must(accept(listener, NULL, NULL), "accept"));
}
