// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * No program, only names: what the shipped objects' BTF does not tell because
 * it is used on their stacks alone, or is a macro.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../../bpf/receiver.h"
/* Either role has a struct decision. */
#define decision tag_decision
#include "../../bpf/tagger.h"
#undef decision
#include "../../bpf/sockets.h"
#include "../../include/truepeer.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum truepeer_flags {
	HAS_CLIENT = TRUEPEER_HAS_CLIENT,
	HAS_PORT = TRUEPEER_HAS_PORT,
	HAS_VIP = TRUEPEER_HAS_VIP,
	HAS_VID = TRUEPEER_HAS_VID,
	FROM_SYN = TRUEPEER_FROM_SYN,
	NAT64 = TRUEPEER_NAT64,
};

enum tag_on { SYN = TAG_ON_SYN, ACK = TAG_ON_ACK, DATA = TAG_ON_DATA };

enum numbers {
	SOCKET_VALUE = SOCKET_VALUE_BYTES,
};

struct socket_line socket_line;
struct truepeer_info truepeer_info;
enum outcome outcome;
enum tag_outcome tag_outcome;
enum toa_format toa_format;
enum toa_verdict toa_verdict;
enum truepeer_flags truepeer_flags;
enum tag_on tag_on;
enum numbers numbers;
