// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Lists the sockets that have a value in a role's storage: one struct
 * socket_line for each, straight from the kernel. Loaded for one reading of
 * the list and gone after it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kernel.h"
#include "sockets.h"

struct socket_value {
	__u64 words[SOCKET_VALUE_BYTES / 8];
};

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline struct address socket_address(const void *ipv4, const void *ipv6, __u16 family)
{
	struct address address = {};
	__be32 word = 0;

	if (family == AF_INET) {
		bpf_probe_read_kernel(&word, sizeof(word), ipv4);
		return mapped(word);
	}
	bpf_probe_read_kernel(&address, sizeof(address), ipv6);
	return address;
}

SEC("iter/bpf_sk_storage_map")
int list_sockets(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	const struct socket_value *value = ctx->value;
	struct sock *sk = ctx->sk;
	struct socket_line line = {};
	struct socket *socket;

	/* The last call of a reading has no socket. */
	if (!sk || !value)
		return 0;
	__builtin_memcpy(line.value, value->words, SOCKET_VALUE_BYTES);
	line.family = sk->__sk_common.skc_family;
	line.peer = socket_address(__builtin_preserve_access_index(&sk->__sk_common.skc_daddr),
				   __builtin_preserve_access_index(&sk->__sk_common.skc_v6_daddr), line.family);
	line.local = socket_address(__builtin_preserve_access_index(&sk->__sk_common.skc_rcv_saddr),
				    __builtin_preserve_access_index(&sk->__sk_common.skc_v6_rcv_saddr), line.family);
	line.peer_port = sk->__sk_common.skc_dport;
	line.local_port = sk->__sk_common.skc_num;
	line.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	line.state = sk->__sk_common.skc_state;
	socket = sk->sk_socket;
	if (socket)
		/* A socket is the first member of its struct socket_alloc. */
		line.inode = BPF_CORE_READ((struct socket_alloc *)socket, vfs_inode.i_ino);
	bpf_seq_write(ctx->meta->seq, &line, sizeof(line));
	return 0;
}
