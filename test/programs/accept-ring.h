/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accepting through io_uring (IORING_OP_ACCEPT), on the raw system calls: a
 * fixed number of accepts is always outstanding, each with its own address.
 * The ring's descriptor is readable when a connection is there.
 */
#ifndef ACCEPT_RING_H
#define ACCEPT_RING_H

#include "common.h"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define ACCEPTS 32

struct accept_ring {
	int fd;
	int listener;
	unsigned int *sq_tail;
	unsigned int *sq_array;
	unsigned int sq_mask;
	struct io_uring_sqe *sqes;
	unsigned int *cq_head;
	unsigned int *cq_tail;
	unsigned int cq_mask;
	struct io_uring_cqe *cqes;
	struct endpoint peers[ACCEPTS];
};

static inline void *ring_pages(int fd, size_t size, off_t offset)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

	if (pages == MAP_FAILED)
		stop(EXIT_FAILURE, "mmap of the ring: %s", strerror(errno));
	return pages;
}

static inline void accept_ring_submit(struct accept_ring *ring, unsigned int slot)
{
	const unsigned int tail = *ring->sq_tail, at = tail & ring->sq_mask;
	struct endpoint *peer = &ring->peers[slot];

	peer->length = ENDPOINT_ROOM;
	ring->sqes[at] = (struct io_uring_sqe){
		.opcode = IORING_OP_ACCEPT,
		.fd = ring->listener,
		.addr = (uintptr_t)&peer->any,
		.addr2 = (uintptr_t)&peer->length,
		.accept_flags = SOCK_CLOEXEC,
		.user_data = slot,
	};
	ring->sq_array[at] = at;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	must((int)syscall(__NR_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0), "io_uring_enter");
}

/* The listener must be blocking: io_uring does not wait on a non-blocking one. */
static inline void accept_ring_open(struct accept_ring *ring, int listener)
{
	struct io_uring_params params = { 0 };
	size_t sq_size, cq_size;
	char *pages;

	ring->listener = listener;
	ring->fd = must((int)syscall(__NR_io_uring_setup, ACCEPTS, &params), "io_uring_setup");
	if (!(params.features & IORING_FEAT_SINGLE_MMAP))
		stop(EXIT_FAILURE, "io_uring of a kernel before 5.4");
	sq_size = params.sq_off.array + params.sq_entries * sizeof(unsigned int);
	cq_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	pages = ring_pages(ring->fd, sq_size > cq_size ? sq_size : cq_size, IORING_OFF_SQ_RING);
	ring->sq_tail = (unsigned int *)(pages + params.sq_off.tail);
	ring->sq_mask = *(unsigned int *)(pages + params.sq_off.ring_mask);
	ring->sq_array = (unsigned int *)(pages + params.sq_off.array);
	ring->cq_head = (unsigned int *)(pages + params.cq_off.head);
	ring->cq_tail = (unsigned int *)(pages + params.cq_off.tail);
	ring->cq_mask = *(unsigned int *)(pages + params.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(pages + params.cq_off.cqes);
	ring->sqes = ring_pages(ring->fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
	for (unsigned int slot = 0; slot < ACCEPTS; slot++)
		accept_ring_submit(ring, slot);
}

/* As accept() on a non-blocking socket: a descriptor, or -1 with errno. */
static inline int accept_ring_take(struct accept_ring *ring, struct endpoint *peer)
{
	const unsigned int head = *ring->cq_head;
	struct io_uring_cqe done;

	if (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE)) {
		errno = EAGAIN;
		return -1;
	}
	done = ring->cqes[head & ring->cq_mask];
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	*peer = ring->peers[done.user_data];
	accept_ring_submit(ring, (unsigned int)done.user_data);
	if (done.res < 0) {
		errno = -done.res;
		return -1;
	}
	return done.res;
}

#endif
