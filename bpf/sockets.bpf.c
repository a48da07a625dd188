// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Lists the sockets that have a value in a role's storage, or in the receiver's
 * slots: one struct socket_line for each, straight from the kernel. The
 * programs are loaded for one reading of the list and gone after it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kernel.h"
#include "receiver/slots.h"
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

/* The role's own, given when this is loaded. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_value);
} storage SEC(".maps");

/* All but the value. The socket may be an address of which nothing is known: it is not followed, but read from. */
static __always_inline void describe(struct sock *sk, struct socket_line *line)
{
	struct sock_common *common = &sk->__sk_common;
	struct socket *socket = BPF_CORE_READ(sk, sk_socket);

	line->family = BPF_CORE_READ(common, skc_family);
	line->peer = socket_address(__builtin_preserve_access_index(&common->skc_daddr),
				    __builtin_preserve_access_index(&common->skc_v6_daddr), line->family);
	line->local = socket_address(__builtin_preserve_access_index(&common->skc_rcv_saddr),
				     __builtin_preserve_access_index(&common->skc_v6_rcv_saddr), line->family);
	line->peer_port = BPF_CORE_READ(common, skc_dport);
	line->local_port = BPF_CORE_READ(common, skc_num);
	line->netns = BPF_CORE_READ(common, skc_net.net, ns.inum);
	line->state = BPF_CORE_READ(common, skc_state);
	if (socket)
		/* A socket is the first member of its struct socket_alloc. */
		line->inode = BPF_CORE_READ((struct socket_alloc *)socket, vfs_inode.i_ino);
}

static __always_inline void tell(struct seq_file *seq, struct sock *sk, const struct socket_value *value)
{
	struct socket_line line = {};

	__builtin_memcpy(line.value, value->words, SOCKET_VALUE_BYTES);
	describe(sk, &line);
	bpf_seq_write(seq, &line, sizeof(line));
}

/* Every socket of the storage. */
SEC("iter/bpf_sk_storage_map")
int list_sockets(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	const struct socket_value *value = ctx->value;
	struct sock *sk = ctx->sk;

	/* The last call of a reading has no socket. */
	if (sk && value)
		tell(ctx->meta->seq, sk, value);
	return 0;
}

/* The owner of every slot. It may close meanwhile; what is read is true if the cookie is still the owner's after it. */
SEC("iter/bpf_map_elem")
int list_slots(struct bpf_iter__bpf_map_elem *ctx)
{
	const struct slot *slot = ctx->value;
	struct socket_line line = {};
	struct sock *sk;
	__u64 owner;

	if (!slot || !slot->owner)
		return 0;
	owner = slot->owner;
	sk = (struct sock *)slot->socket;
	__builtin_memcpy(line.value, &slot->connection, SOCKET_VALUE_BYTES);
	describe(sk, &line);
	if ((__u64)BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) == owner && *(volatile __u64 *)&slot->owner == owner)
		bpf_seq_write(ctx->meta->seq, &line, sizeof(line));
	return 0;
}

/*
 * The sockets among the files of all processes that our pid namespace shows:
 * one that nobody has accepted yet is in none, one of several processes is in
 * several.
 */
SEC("iter/task_file")
int list_files(struct bpf_iter__task_file *ctx)
{
	struct socket_value copy, *value;
	struct file *file = ctx->file;
	struct socket *socket;
	struct sock *sk;

	if (!file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk)
		return 0;
	if (read_slot(BPF_CORE_READ(sk, __sk_common.skc_cookie.counter), (struct connection *)&copy))
		value = &copy;
	else
		value = bpf_sk_storage_get(&storage, sk, NULL, 0);
	if (value)
		tell(ctx->meta->seq, sk, value);
	return 0;
}
