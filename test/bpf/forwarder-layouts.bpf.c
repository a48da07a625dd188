// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* No program, only names: bpf/forwarder.h whole, its macros as enums, for a test that compares TypeScript's side. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../../bpf/forwarder.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum limits {
	TICK_SHIFT_ = TICK_SHIFT,
	SERVICES_MAX_ = SERVICES_MAX,
	BACKENDS_MAX_ = BACKENDS_MAX,
	LOCALS_MAX_ = LOCALS_MAX,
	EGRESSES_MAX_ = EGRESSES_MAX,
	SCHEDULE_SIZE_ = SCHEDULE_SIZE,
	FORWARDER_COUNTERS_ = FORWARDER_COUNTERS,
};

enum connection_flags {
	OPEN_ = CONNECTION_OPEN,
	ANSWERED_ = CONNECTION_ANSWERED,
	ESTABLISHED_ = CONNECTION_ESTABLISHED,
	FIN_CLIENT_ = CONNECTION_FIN_CLIENT,
	FIN_BACKEND_ = CONNECTION_FIN_BACKEND,
	FINISHED_CLIENT_ = CONNECTION_FINISHED_CLIENT,
	FINISHED_BACKEND_ = CONNECTION_FINISHED_BACKEND,
	RESET_CLIENT_ = CONNECTION_RESET_CLIENT,
	ABORTED_ = CONNECTION_ABORTED,
	UPSTREAM_ = CONNECTION_UPSTREAM,
	TAGGED_SYN_ = CONNECTION_TAGGED_SYN,
	TAGGED_ACK_ = CONNECTION_TAGGED_ACK,
	TAGGED_DATA_ = CONNECTION_TAGGED_DATA,
	MISSED_ = CONNECTION_MISSED,
	FREEING_ = CONNECTION_FREEING,
	REPORTED_ = CONNECTION_REPORTED,
	RESET_BACKEND_ = CONNECTION_RESET_BACKEND,
	TALKED_ = CONNECTION_TALKED,
	TOLD_SYN_ = CONNECTION_TOLD_SYN,
	TOLD_ = CONNECTION_TOLD,
	RESET_DOUBTED_ = CONNECTION_RESET_DOUBTED,
};

enum service_flags {
	SERVICE_OPEN_ = SERVICE_OPEN,
	SERVICE_MISSING_RESET_ = SERVICE_MISSING_RESET,
	SERVICE_DOWN_RESET_ = SERVICE_DOWN_RESET,
	SERVICE_STRIP_TIMESTAMPS_ = SERVICE_STRIP_TIMESTAMPS,
	SERVICE_YIELD_TIMESTAMPS_ = SERVICE_YIELD_TIMESTAMPS,
	SERVICE_UPSTREAMS_ = SERVICE_UPSTREAMS,
};

enum forwarder_tag { TAG_SYN_ = FORWARDER_TAG_SYN, TAG_ACK_ = FORWARDER_TAG_ACK, TAG_DATA_ = FORWARDER_TAG_DATA };

enum backend_flags {
	BACKEND_USED_ = BACKEND_USED,
	BACKEND_UP_ = BACKEND_UP,
	BACKEND_DRAINING_ = BACKEND_DRAINING,
	BACKEND_REMOVED_ = BACKEND_REMOVED,
};

enum address_flags { ADDRESS_SERVICE_ = ADDRESS_SERVICE, ADDRESS_LOCAL_ = ADDRESS_LOCAL };

struct egress egress;
struct tuple tuple;
struct reference reference;
struct bucket bucket;
struct connection connection;
struct service service;
struct backend backend;
struct forwarder_settings forwarder_settings;
struct positions positions;
struct upstream_key upstream_key;
struct listener listener;
struct station station;
struct forwarder_counters forwarder_counters;
struct sweep sweep;
enum limits limits;
enum direction direction;
enum connection_flags connection_flags;
enum connection_state connection_state;
enum scheduler scheduler;
enum service_flags service_flags;
enum forwarder_tag forwarder_tag;
enum backend_flags backend_flags;
enum address_flags address_flags;
enum forwarder_counter forwarder_counter;
