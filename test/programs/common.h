/* SPDX-License-Identifier: Apache-2.0 */
/* What the test programs share: strict arguments, a time limit, and how an endpoint is written. */
#ifndef COMMON_H
#define COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE 2

struct endpoint {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t length;
};

#define ENDPOINT_ROOM ((socklen_t)sizeof(struct sockaddr_in6))
#define ENDPOINT_TEXT (INET6_ADDRSTRLEN + sizeof(" 65535\n"))

__attribute__((noreturn, format(printf, 2, 3))) static inline void stop(int status, const char *format, ...)
{
	va_list values;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
	exit(status);
}

/* The result of a system call that cannot go on without. */
static inline int must(int result, const char *call)
{
	if (result < 0)
		stop(EXIT_FAILURE, "%s: %s", call, strerror(errno));
	return result;
}

static inline uint64_t number(const char *what, const char *text, uint64_t least, uint64_t most)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value < least || value > most)
		stop(EXIT_USAGE, "%s '%s' is not a number from %llu to %llu", what, text,
		     (unsigned long long)least, (unsigned long long)most);
	return value;
}

static inline struct endpoint endpoint_of(const char *address, uint16_t port)
{
	struct endpoint endpoint = { .length = 0 };

	if (inet_pton(AF_INET, address, &endpoint.v4.sin_addr) == 1) {
		endpoint.v4.sin_family = AF_INET;
		endpoint.v4.sin_port = htons(port);
		endpoint.length = sizeof(endpoint.v4);
	} else if (inet_pton(AF_INET6, address, &endpoint.v6.sin6_addr) == 1) {
		endpoint.v6.sin6_family = AF_INET6;
		endpoint.v6.sin6_port = htons(port);
		endpoint.length = sizeof(endpoint.v6);
	} else {
		stop(EXIT_USAGE, "'%s' is not an IPv4 or IPv6 address", address);
	}
	return endpoint;
}

/* "ADDRESS PORT\n", as inet_ntop() writes it: a v4-mapped address stays one. Returns the length. */
static inline int endpoint_line(const struct endpoint *endpoint, char line[ENDPOINT_TEXT])
{
	const bool v4 = endpoint->any.sa_family == AF_INET;
	const void *bytes = v4 ? (const void *)&endpoint->v4.sin_addr : &endpoint->v6.sin6_addr;
	const in_port_t port = v4 ? endpoint->v4.sin_port : endpoint->v6.sin6_port;
	char address[INET6_ADDRSTRLEN];

	if (!inet_ntop(endpoint->any.sa_family, bytes, address, sizeof(address)))
		return snprintf(line, ENDPOINT_TEXT, "family %u\n", endpoint->any.sa_family);
	return snprintf(line, ENDPOINT_TEXT, "%s %u\n", address, ntohs(port));
}

/* getpeername(); returns false with errno. */
static inline bool peer_of(int fd, struct endpoint *peer)
{
	peer->length = ENDPOINT_ROOM;
	return getpeername(fd, &peer->any, &peer->length) == 0;
}

/* Listens on an address; `::` serves IPv4 too unless v6only. Nothing is left to sysctl settings. */
static inline int listen_on(const struct endpoint *at, int type, int protocol, bool v6only)
{
	const int fd = must(socket(at->any.sa_family, type | SOCK_CLOEXEC, protocol), "socket");
	const int on = 1, only = v6only;

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "setsockopt SO_REUSEADDR");
	if (at->any.sa_family == AF_INET6)
		must(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)), "setsockopt IPV6_V6ONLY");
	must(bind(fd, &at->any, at->length), "bind");
	must(listen(fd, SOMAXCONN), "listen");
	return fd;
}

/* Tells whoever started the program how far it is. */
static inline void say(const char *text)
{
	puts(text);
	fflush(stdout);
}

static inline double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline void time_is_over(int signal)
{
	static const char text[] = "the time limit (--seconds) is over\n";

	(void)signal;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(EXIT_FAILURE);
}

static inline void end_after(uint64_t seconds)
{
	signal(SIGALRM, time_is_over);
	alarm((unsigned int)seconds);
}

/* Takes as many file descriptors as are allowed, and stops where these are too few. */
static inline void need_descriptors(uint64_t count)
{
	struct rlimit limit;

	must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	if (limit.rlim_max < count + 16)
		stop(EXIT_FAILURE, "%llu descriptors are allowed (ulimit -Hn), %llu are needed",
		     (unsigned long long)limit.rlim_max, (unsigned long long)count + 16);
}

#endif
