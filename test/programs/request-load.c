// SPDX-License-Identifier: Apache-2.0
/*
 * Asks web servers for the same small answer, over a new connection each time.
 * It stays for as long as it is told what to do, so that a benchmark can go
 * back and forth between servers in less time than a program takes to start.
 *
 * usage: request-load SERVER PATH --concurrency C
 *
 * Reads lines `PORT COUNT`. For each it makes so many requests of that port, C
 * at once, and prints the seconds they took as one JSON line:
 *
 *	{"seconds":..}
 *
 * An answer is read until the server closes. One that is not there, or not
 * "200", ends the program with an error.
 */
#include "common.h"

#include <getopt.h>
#include <sys/epoll.h>

#define EVENTS 256
#define OK "HTTP/1.1 200 "

struct request {
	int fd;
	bool sent;
	bool answered;
};

struct load {
	struct endpoint server;
	char text[256];
	uint64_t concurrency;
	int epoll;
	struct request *requests;
};

static void read_arguments(struct load *load, int argc, char **argv)
{
	static const struct option options[] = { { "concurrency", required_argument, NULL, 'c' }, { 0 } };
	int length;

	while (getopt_long(argc, argv, "", options, NULL) != -1) {
		if (!optarg)
			exit(EXIT_USAGE);
		load->concurrency = number("--concurrency", optarg, 1, 100000);
	}
	if (argc - optind != 2 || !load->concurrency)
		stop(EXIT_USAGE, "usage: request-load SERVER PATH --concurrency C");
	load->server = endpoint_of(argv[optind], 0);
	length = snprintf(load->text, sizeof(load->text), "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
			  argv[optind + 1], argv[optind]);
	if (length >= (int)sizeof(load->text))
		stop(EXIT_USAGE, "PATH '%s' is too long", argv[optind + 1]);
}

static void start(struct load *load, struct request *request)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = request };

	*request = (struct request){ 0 };
	request->fd = must(socket(load->server.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
	if (connect(request->fd, &load->server.any, load->server.length) < 0 && errno != EINPROGRESS)
		stop(EXIT_FAILURE, "connect: %s", strerror(errno));
	must(epoll_ctl(load->epoll, EPOLL_CTL_ADD, request->fd, &event), "epoll_ctl");
}

/* Whether the server has answered and closed. */
static bool is_answered(struct request *request)
{
	char answer[4096];

	for (;;) {
		const ssize_t length = recv(request->fd, answer, sizeof(answer), 0);

		if (length < 0 && errno == EAGAIN)
			return false;
		must((int)length, "recv");
		if (length == 0 && !request->answered)
			stop(EXIT_FAILURE, "a server closed without an answer");
		if (length == 0)
			return true;
		if (!request->answered && (length < (ssize_t)strlen(OK) || memcmp(answer, OK, strlen(OK))))
			stop(EXIT_FAILURE, "an answer is not \"" OK "\": %.*s", (int)length, answer);
		request->answered = true;
	}
}

/* Goes on with a request; true when it has ended. */
static bool go_on(struct load *load, struct request *request, uint32_t events)
{
	if ((events & EPOLLOUT) && !request->sent) {
		must((int)send(request->fd, load->text, strlen(load->text), MSG_NOSIGNAL), "send");
		request->sent = true;
	}
	if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)) || !is_answered(request))
		return false;
	close(request->fd);
	return true;
}

static void run(struct load *load, uint64_t count)
{
	struct epoll_event events[EVENTS];
	uint64_t started = 0, ended = 0;

	while (started < count && started < load->concurrency)
		start(load, &load->requests[started++]);
	while (ended < count) {
		const int ready = must(epoll_wait(load->epoll, events, EVENTS, -1), "epoll_wait");

		for (int i = 0; i < ready; i++) {
			if (!go_on(load, events[i].data.ptr, events[i].events))
				continue;
			ended++;
			if (started < count) {
				started++;
				start(load, events[i].data.ptr);
			}
		}
	}
}

int main(int argc, char **argv)
{
	struct load load = { 0 };
	char line[64];

	read_arguments(&load, argc, argv);
	need_descriptors(load.concurrency);
	load.requests = calloc(load.concurrency, sizeof(*load.requests));
	if (!load.requests)
		stop(EXIT_FAILURE, "no memory for %llu requests", (unsigned long long)load.concurrency);
	load.epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	while (fgets(line, sizeof(line), stdin)) {
		char *count = strchr(line, ' ');
		double began;

		if (!count)
			stop(EXIT_USAGE, "'%s' is not PORT COUNT", line);
		*count++ = '\0';
		count[strcspn(count, "\n")] = '\0';
		load.server.v4.sin_port = htons((uint16_t)number("port", line, 1, 65535));
		began = now();
		run(&load, number("count", count, 1, 1000000000));
		printf("{\"seconds\":%.6f}\n", now() - began);
		fflush(stdout);
	}
	free(load.requests);
	return EXIT_SUCCESS;
}
