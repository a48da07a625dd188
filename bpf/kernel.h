/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel structs the programs look into. Field offsets come from the
 * running kernel's BTF at load time (CO-RE), so only names and types matter.
 */
#ifndef TRUEPEER_KERNEL_H
#define TRUEPEER_KERNEL_H

#include <linux/in6.h>
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct list_head {
	struct list_head *next;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct netns_ipv4 {
	struct hlist_head *inet_addr_lst;
};

struct netns_ipv6 {
	struct hlist_head *inet6_addr_lst;
};

struct net {
	struct ns_common ns;
	struct list_head dev_base_head;
	__u32 hash_mix;
	struct netns_ipv4 ipv4;
	struct netns_ipv6 ipv6;
};

struct in_device;

struct in_ifaddr {
	struct hlist_node addr_lst;
	struct in_ifaddr *ifa_next;
	struct in_device *ifa_dev;
	__be32 ifa_local;
};

struct net_device;

struct in_device {
	struct net_device *dev;
	struct in_ifaddr *ifa_list;
};

struct inet6_dev;

struct inet6_ifaddr {
	struct in6_addr addr;
	struct inet6_dev *idev;
	struct hlist_node addr_lst;
	struct list_head if_list;
};

struct inet6_dev {
	struct net_device *dev;
	struct list_head addr_list;
};

struct net_device {
	struct list_head dev_list;
	struct in_device *ip_ptr;
	struct inet6_dev *ip6_ptr;
};

typedef struct {
	struct net *net;
} possible_net_t;

typedef struct {
	__s64 counter;
} atomic64_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	unsigned long skc_flags;
};

struct inode {
	unsigned long i_ino;
};

struct sock;

struct socket {
	struct sock *sk;
};

struct socket_alloc {
	struct inode vfs_inode;
};

struct sock {
	struct sock_common __sk_common;
	struct socket *sk_socket;
};

enum sock_flags {
	SOCK_DEAD,
};

struct inet_sock {
	struct sock sk;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
};

struct tcp_ao_info;

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u8 save_syn : 2;
	struct tcp_ao_info *ao_info;
};

struct mptcp_sock {
	struct sock *first;
};

struct bpf_sock_addr_kern {
	struct sock *sk;
};

struct bpf_sockopt_kern {
	struct sock *sk;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__bpf_sk_storage_map {
	struct bpf_iter_meta *meta;
	struct sock *sk;
	void *value;
};

struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

struct task_struct;
struct file;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

#endif
