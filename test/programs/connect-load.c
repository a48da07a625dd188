// SPDX-License-Identifier: Apache-2.0
/*
 * Makes many connections to a peername-server, each as another client, and
 * compares what the server takes it for.
 *
 * usage: connect-load SERVER PORT[-PORT] --count N --concurrency C
 *                     (--clients CIDR [--first K] [--check] | --plain)
 *                     [--send | --fastopen] [--seconds S]
 *
 *	--clients  the i-th connection binds its socket to the i-th client of
 *	           this range (see client-range.h). Without the tagger's bind
 *	           hook the kernel refuses that: "bind EADDRNOTAVAIL".
 *	--first    the first connection is client K (default 0), so that several
 *	           of these programs share one range
 *	--check    the server's line must name the client, for IPv4 also as
 *	           ::ffff:ADDRESS
 *	--plain    no bind: untagged connections
 *	--send     sends one byte first: for TCP_DEFER_ACCEPT
 *	--fastopen sends it in the SYN, once the kernel has a cookie
 *	--seconds  stops after so long (default 60)
 *
 * The i-th connection goes to the i-th port of the range, round and round.
 * Each reads one line and closes with a reset, so that no TIME_WAIT is left.
 * Prints one JSON line:
 *
 *	{"connections":N,"ok":..,"swapped":..,"missing":..,"errors":{..},"seconds":..,"rate":..}
 *
 *	connections  those that ended: the sum of all that follow
 *	swapped      the line named another client of the range
 *	missing      the line named nobody of the range
 *	errors       by step (socket, bind, or connect: all from there to the
 *	             line) and errno: "bind EADDRNOTAVAIL"; "connect EOF": closed
 *	             without a line; ECANCELED: not done when the time was over
 *	rate         connections per second
 *
 * The first few wrong lines, and connections that were not done, are told on
 * standard error. Exit code 0 only if all N are ok.
 */
#include "client-range.h"
#include "common.h"
#include "tally.h"

#include <getopt.h>
#include <sys/epoll.h>

#define EVENTS 256
#define GRACE_SECONDS 5

struct connection {
	int fd; /* -1: free */
	bool sent;
	uint64_t index;
	size_t length;
	char line[ENDPOINT_TEXT + 1];
};

struct load {
	struct endpoint server;
	uint16_t ports;
	uint64_t count;
	uint64_t concurrency;
	uint64_t first;
	uint64_t seconds;
	uint64_t started;
	bool bind;
	bool check;
	bool send;
	bool fastopen;
	struct client_range clients;
	int epoll;
	struct connection *connections;
	struct tally tally;
};

static void read_server(struct load *load, const char *address, char *ports)
{
	char *last = strchr(ports, '-');
	uint64_t from, to;

	if (last)
		*last++ = '\0';
	from = number("port", ports, 1, 65535);
	to = last ? number("last port", last, from, 65535) : from;
	load->server = endpoint_of(address, (uint16_t)from);
	load->ports = (uint16_t)(to - from + 1);
}

static void refuse_contradictions(const struct load *load, bool plain, bool first)
{
	if (!load->count || !load->concurrency)
		stop(EXIT_USAGE, "--count and --concurrency must be given");
	if (load->bind == plain)
		stop(EXIT_USAGE, "exactly one of --clients and --plain must be given");
	if (plain && (load->check || first))
		stop(EXIT_USAGE, "--check and --first go with --clients, not with --plain");
	if (load->send && load->fastopen)
		stop(EXIT_USAGE, "--fastopen sends already: leave out --send");
	if (plain)
		return;
	if (load->clients.base.any.sa_family != load->server.any.sa_family)
		stop(EXIT_USAGE, "--clients and SERVER must be of one family");
	if (load->first + load->count > load->clients.addresses * PORTS_PER_ADDRESS)
		stop(EXIT_USAGE, "--clients has only %llu clients",
		     (unsigned long long)load->clients.addresses * PORTS_PER_ADDRESS);
}

static void read_arguments(struct load *load, int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },   { "concurrency", required_argument, NULL, 'c' },
		{ "clients", required_argument, NULL, 'b' }, { "first", required_argument, NULL, 'k' },
		{ "seconds", required_argument, NULL, 't' }, { "check", no_argument, NULL, 'x' },
		{ "plain", no_argument, NULL, 'p' },         { "send", no_argument, NULL, 's' },
		{ "fastopen", no_argument, NULL, 'f' },      { 0 },
	};
	bool plain = false, first = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'n': load->count = number("--count", optarg, 1, 1000000000); break;
		case 'c': load->concurrency = number("--concurrency", optarg, 1, 1000000); break;
		case 'b': load->clients = client_range_of(optarg), load->bind = true; break;
		case 'k': load->first = number("--first", optarg, 0, UINT32_MAX), first = true; break;
		case 't': load->seconds = number("--seconds", optarg, 1, 86400); break;
		case 'x': load->check = true; break;
		case 'p': plain = true; break;
		case 's': load->send = true; break;
		case 'f': load->fastopen = true; break;
		default: exit(EXIT_USAGE);
		}
	}
	if (argc - optind != 2)
		stop(EXIT_USAGE, "usage: connect-load SERVER PORT[-PORT] --count N --concurrency C "
				 "(--clients CIDR [--first K] [--check] | --plain) [OPTION]...");
	read_server(load, argv[optind], argv[optind + 1]);
	refuse_contradictions(load, plain, first);
}

/* Every connection ends here, once, after it has been counted. */
static void end(struct load *load, struct connection *connection)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	load->tally.connections++;
	if (connection->fd < 0)
		return;
	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(connection->fd);
	connection->fd = -1;
}

static void end_with_error(struct load *load, struct connection *connection, enum step step, int error)
{
	tally_error(&load->tally, step, error);
	end(load, connection);
}

static struct endpoint server_of(const struct load *load, uint64_t index)
{
	struct endpoint server = load->server;
	in_port_t *port = server.any.sa_family == AF_INET ? &server.v4.sin_port : &server.v6.sin6_port;

	*port = htons((uint16_t)(ntohs(*port) + index % load->ports));
	return server;
}

static void start(struct load *load, struct connection *connection, uint64_t index)
{
	const bool sends = load->send || load->fastopen;
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
	const struct endpoint server = server_of(load, index);
	const int on = 1;

	*connection = (struct connection){ .index = index };
	connection->fd = socket(server.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connection->fd < 0)
		return end_with_error(load, connection, STEP_SOCKET, errno);
	if (load->bind) {
		const struct endpoint client = client_at(&load->clients, index);

		if (bind(connection->fd, &client.any, client.length) < 0)
			return end_with_error(load, connection, STEP_BIND, errno);
	}
	if (load->fastopen)
		must(setsockopt(connection->fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)),
		     "setsockopt TCP_FASTOPEN_CONNECT");
	if (connect(connection->fd, &server.any, server.length) < 0 && errno != EINPROGRESS)
		return end_with_error(load, connection, STEP_CONNECT, errno);
	if (sends)
		event.events = EPOLLIN | EPOLLOUT | EPOLLET;
	must(epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event), "epoll_ctl");
}

/* Whether an IPv4 client, as a line, is what the line told as v4-mapped. */
static bool is_mapped_line(const char *told, const char *client)
{
	static const char prefix[] = "::ffff:";

	return !strchr(client, ':') && !strncmp(told, prefix, sizeof(prefix) - 1) &&
	       !strcmp(told + sizeof(prefix) - 1, client);
}

static bool names_a_client(const struct load *load, const char *told)
{
	const size_t length = strcspn(told, " ");
	struct endpoint endpoint = { .length = 0 };
	char address[ENDPOINT_TEXT + 1] = "";

	memcpy(address, told, length);
	if (inet_pton(AF_INET, address, &endpoint.v4.sin_addr) == 1) {
		endpoint.v4.sin_family = AF_INET;
		return in_range(&load->clients, endpoint);
	}
	if (inet_pton(AF_INET6, address, &endpoint.v6.sin6_addr) != 1)
		return false;
	endpoint.v6.sin6_family = AF_INET6;
	if (IN6_IS_ADDR_V4MAPPED(&endpoint.v6.sin6_addr)) {
		const struct in_addr v4 = { endpoint.v6.sin6_addr.s6_addr32[3] };

		endpoint = (struct endpoint){ .v4.sin_family = AF_INET };
		endpoint.v4.sin_addr = v4;
	}
	return in_range(&load->clients, endpoint);
}

static void judge(struct load *load, const struct connection *connection)
{
	char bound[ENDPOINT_TEXT];
	struct endpoint client;

	if (!load->check) {
		load->tally.ok++;
		return;
	}
	client = client_at(&load->clients, connection->index);
	endpoint_line(&client, bound);
	if (!strcmp(connection->line, bound) || is_mapped_line(connection->line, bound))
		load->tally.ok++;
	else if (names_a_client(load, connection->line))
		tally_wrong(&load->tally, &load->tally.swapped, connection->index, bound, connection->line);
	else
		tally_wrong(&load->tally, &load->tally.missing, connection->index, bound, connection->line);
}

/* Reads what is there: the events are edge-triggered where the client sends first. */
static void read_line(struct load *load, struct connection *connection)
{
	while (connection->length < ENDPOINT_TEXT) {
		char *to = connection->line + connection->length;
		const ssize_t length = recv(connection->fd, to, ENDPOINT_TEXT - connection->length, 0);

		if (length < 0 && errno == EAGAIN)
			return;
		if (length <= 0)
			return end_with_error(load, connection, STEP_CONNECT, length < 0 ? errno : 0);
		connection->length += (size_t)length;
		if (to[length - 1] == '\n') {
			judge(load, connection);
			return end(load, connection);
		}
	}
	end_with_error(load, connection, STEP_CONNECT, EMSGSIZE);
}

static void go_on(struct load *load, struct connection *connection, uint32_t events)
{
	if ((events & EPOLLOUT) && !connection->sent) {
		if (send(connection->fd, "x", 1, MSG_NOSIGNAL) < 0)
			return end_with_error(load, connection, STEP_CONNECT, errno);
		connection->sent = true;
	}
	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		read_line(load, connection);
}

/* Starts connections until one is under way in this place, or all are started. */
static void fill(struct load *load, struct connection *connection)
{
	while (connection->fd < 0 && load->started < load->count)
		start(load, connection, load->first + load->started++);
}

/* What the kernel knows of a connection that is not done when the time is over: whoever lost it left a trace there. */
static void tell_unfinished(const struct load *load, const struct connection *connection)
{
	struct endpoint local = { .length = ENDPOINT_ROOM };
	struct tcp_info info = { 0 };
	socklen_t length = sizeof(info);
	char text[ENDPOINT_TEXT];

	if (load->tally.errors[STEP_CONNECT][ECANCELED] >= TOLD_AT_MOST ||
	    getsockname(connection->fd, &local.any, &local.length) < 0 ||
	    getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
		return;
	endpoint_line(&local, text);
	fprintf(stderr, "connection %llu, from %.*s: TCP state %u, %u ms after the last ACK, %u retransmitted\n",
		(unsigned long long)connection->index, (int)strcspn(text, "\n"), text, info.tcpi_state,
		info.tcpi_last_ack_recv, info.tcpi_total_retrans);
}

static void run(struct load *load)
{
	const double deadline = now() + (double)load->seconds;
	struct epoll_event events[EVENTS];

	for (uint64_t i = 0; i < load->concurrency; i++) {
		load->connections[i].fd = -1;
		fill(load, &load->connections[i]);
	}
	while (load->tally.connections < load->count) {
		const double left = deadline - now();
		int count;

		if (left <= 0)
			break;
		count = must(epoll_wait(load->epoll, events, EVENTS, 1 + (int)(left * 1000)), "epoll_wait");
		for (int i = 0; i < count; i++) {
			go_on(load, events[i].data.ptr, events[i].events);
			fill(load, events[i].data.ptr);
		}
	}
	for (uint64_t i = 0; i < load->concurrency; i++) {
		if (load->connections[i].fd < 0)
			continue;
		tell_unfinished(load, &load->connections[i]);
		end_with_error(load, &load->connections[i], STEP_CONNECT, ECANCELED);
	}
}

int main(int argc, char **argv)
{
	struct load load = { .seconds = 60 };
	double began;

	read_arguments(&load, argc, argv);
	end_after(load.seconds + GRACE_SECONDS);
	need_descriptors(load.concurrency);
	load.connections = calloc(load.concurrency, sizeof(*load.connections));
	if (!load.connections)
		stop(EXIT_FAILURE, "no memory for %llu connections", (unsigned long long)load.concurrency);
	load.epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
	began = now();
	run(&load);
	tally_print(&load.tally, now() - began);
	free(load.connections);
	return load.tally.ok == load.count ? EXIT_SUCCESS : EXIT_FAILURE;
}
