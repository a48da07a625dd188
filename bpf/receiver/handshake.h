/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The end of an MPTCP connection's handshake, which tells its client, and for which accept() does not wait: the kernel
 * puts the connection into the listener's queue just before, and holds the subflow's lock until then, not the MPTCP
 * socket's. So a program that calls accept() on another CPU may be here first.
 */
#ifndef TRUEPEER_HANDSHAKE_H
#define TRUEPEER_HANDSHAKE_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../kernel.h"
#include "connections.h"
#include "settings.h"

/* How often it is looked for at the most: some 50 us. It takes a few, unless the other CPU is taken from the kernel. */
#define MAX_LOOKS 2048

/* A global function, for the verifier's sake: it is checked once, not once for every look. */
__noinline int is_shaking_hands(__u64 mptcp_socket)
{
	struct mptcp_sock *socket = (void *)mptcp_socket;
	struct sock *first;

	if (!settings.reads_kernel || !KNOWS_MPTCP)
		return 0;
	first = BPF_CORE_READ(socket, first);
	return first && BPF_CORE_READ(first, __sk_common.skc_state) == BPF_TCP_SYN_RECV;
}

/* Waits for the end of the handshake of the MPTCP socket that accept() or getpeername() is about. */
static __always_inline void await_handshake(struct bpf_sock_addr *ctx)
{
	void *socket = NULL;

	if (!settings.reads_kernel || !KNOWS_MPTCP)
		return;
	/* ctx->sk is of a type that must not be looked into, so its address is read as data. */
	bpf_core_read(&socket, sizeof(socket), &((struct bpf_sock_addr_kern *)ctx)->sk);
	for (int i = 0; i < MAX_LOOKS && is_shaking_hands((__u64)socket); i++)
		;
}

#endif
