// SPDX-License-Identifier: Apache-2.0
/*
 * Tells each client whom the server takes it for.
 *
 * usage: peername-server ADDRESS PORT [--accept accept|accept4|io_uring|getpeername]
 *                        [--defer] [--fastopen] [--mptcp] [--v6only] [--log] [--seconds S]
 *
 * Prints "listening", then sends every client one line, "ADDRESS PORT", just
 * as the kernel returned it, and closes when the client has closed. `::` is
 * dual-stack unless --v6only.
 *
 *	--accept   where the address is taken from (default accept): what that
 *	           call returns; getpeername is accept() without an address,
 *	           then getpeername()
 *	--defer    TCP_DEFER_ACCEPT: clients must send first
 *	--fastopen TCP_FASTOPEN (wants net.ipv4.tcp_fastopen to have bit 2)
 *	--log      prints the lines, too
 *	--seconds  gives up, with exit code 1, after so long (default 600)
 *
 * A peer that cannot be told is the line "error ERRNO". After a server with
 * io_uring has ended, the kernel keeps its port for some milliseconds more.
 */
#include "common.h"

#include "accept-ring.h"

#include <fcntl.h>
#include <getopt.h>
#include <sys/epoll.h>

#define EVENTS 256
#define ACCEPTED_AT_ONCE 256
#define DEFER_SECONDS 10
#define FASTOPEN_QUEUE 1024

enum way { WAY_ACCEPT, WAY_ACCEPT4, WAY_IO_URING, WAY_GETPEERNAME, WAY_COUNT };

static const char *const way_names[WAY_COUNT] = { "accept", "accept4", "io_uring", "getpeername" };

struct server {
	struct endpoint at;
	enum way way;
	bool defer;
	bool fastopen;
	bool mptcp;
	bool v6only;
	bool log;
	uint64_t seconds;
	int listener;
	int epoll;
	struct accept_ring ring;
};

static enum way way_of(const char *name)
{
	for (enum way way = 0; way < WAY_COUNT; way++)
		if (!strcmp(name, way_names[way]))
			return way;
	stop(EXIT_USAGE, "--accept '%s' is none of accept, accept4, io_uring, getpeername", name);
}

static void read_arguments(struct server *server, int argc, char **argv)
{
	static const struct option options[] = {
		{ "accept", required_argument, NULL, 'a' }, { "defer", no_argument, NULL, 'd' },
		{ "fastopen", no_argument, NULL, 'f' },     { "mptcp", no_argument, NULL, 'm' },
		{ "v6only", no_argument, NULL, '6' },       { "log", no_argument, NULL, 'l' },
		{ "seconds", required_argument, NULL, 's' }, { 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'a': server->way = way_of(optarg); break;
		case 'd': server->defer = true; break;
		case 'f': server->fastopen = true; break;
		case 'm': server->mptcp = true; break;
		case '6': server->v6only = true; break;
		case 'l': server->log = true; break;
		case 's': server->seconds = number("--seconds", optarg, 1, 86400); break;
		default: exit(EXIT_USAGE);
		}
	}
	if (argc - optind != 2)
		stop(EXIT_USAGE, "usage: peername-server ADDRESS PORT [OPTION]...");
	server->at = endpoint_of(argv[optind], (uint16_t)number("port", argv[optind + 1], 1, 65535));
	if (server->v6only && server->at.any.sa_family != AF_INET6)
		stop(EXIT_USAGE, "--v6only wants an IPv6 address, not '%s'", argv[optind]);
}

static void watch(const struct server *server, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	must(epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void open_server(struct server *server)
{
	const int defer = DEFER_SECONDS, queue = FASTOPEN_QUEUE, protocol = server->mptcp ? IPPROTO_MPTCP : 0;

	server->epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	server->listener = listen_on(&server->at, SOCK_STREAM, protocol, server->v6only);
	if (server->defer)
		must(setsockopt(server->listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer, sizeof(defer)),
		     "setsockopt TCP_DEFER_ACCEPT");
	if (server->fastopen)
		must(setsockopt(server->listener, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)),
		     "setsockopt TCP_FASTOPEN");
	if (server->way == WAY_IO_URING) {
		accept_ring_open(&server->ring, server->listener);
		watch(server, server->ring.fd);
	} else {
		must(fcntl(server->listener, F_SETFL, O_NONBLOCK), "fcntl O_NONBLOCK");
		watch(server, server->listener);
	}
}

/* A new connection, or -1 with errno; *error is getpeername()'s where it has no peer to tell, else 0. */
static int take(struct server *server, struct endpoint *peer, int *error)
{
	int fd;

	*error = 0;
	peer->length = ENDPOINT_ROOM;
	switch (server->way) {
	case WAY_ACCEPT: return accept(server->listener, &peer->any, &peer->length);
	case WAY_ACCEPT4: return accept4(server->listener, &peer->any, &peer->length, SOCK_CLOEXEC);
	case WAY_IO_URING: return accept_ring_take(&server->ring, peer);
	default: break;
	}
	fd = accept(server->listener, NULL, NULL);
	if (fd >= 0 && !peer_of(fd, peer))
		*error = errno;
	return fd;
}

static void answer(const struct server *server, int fd, const struct endpoint *peer, int error)
{
	char line[ENDPOINT_TEXT];
	const int length = error ? snprintf(line, sizeof(line), "error %s\n", strerrorname_np(error))
				 : endpoint_line(peer, line);

	/* A client that has gone already shows itself to the watch, too. Nobody else may go without an answer. */
	if (send(fd, line, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) != length && errno != EPIPE && errno != ECONNRESET)
		stop(EXIT_FAILURE, "cannot answer a client: %s", strerrorname_np(errno));
	if (server->log)
		fputs(line, stdout);
	watch(server, fd);
}

static void take_all(struct server *server)
{
	struct endpoint peer;
	int error;

	for (int taken = 0; taken < ACCEPTED_AT_ONCE; taken++) {
		const int fd = take(server, &peer, &error);

		if (fd >= 0)
			answer(server, fd, &peer, error);
		else if (errno == EAGAIN)
			return;
		else if (errno != ECONNABORTED && errno != EINTR)
			must(fd, way_names[server->way]);
	}
}

static void close_if_over(int fd)
{
	char heard[4096];
	const ssize_t length = recv(fd, heard, sizeof(heard), MSG_DONTWAIT);

	if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
		close(fd);
}

int main(int argc, char **argv)
{
	static struct server server = { .seconds = 600 };
	struct epoll_event events[EVENTS];

	read_arguments(&server, argc, argv);
	end_after(server.seconds);
	need_descriptors(0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_server(&server);
	say("listening");
	for (;;) {
		const int count = epoll_wait(server.epoll, events, EVENTS, -1);

		if (count < 0 && errno != EINTR)
			must(count, "epoll_wait");
		for (int i = 0; i < count; i++) {
			const int fd = events[i].data.fd;

			if (fd == server.listener || (server.way == WAY_IO_URING && fd == server.ring.fd))
				take_all(&server);
			else
				close_if_over(fd);
		}
	}
}
