// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the tests of src/kernel attach to interfaces, run and map. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* 20 bytes: in an array each begins at a multiple of 8. */
struct cell {
	__u32 frames;
	__u32 ifindex;
	__u32 low;
	__u32 high;
	__u8 bytes[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cell);
} cells SEC(".maps");

static __always_inline int count(struct xdp_md *ctx, __u32 key)
{
	struct cell *cell = bpf_map_lookup_elem(&cells, &key);

	if (!cell)
		return XDP_ABORTED;
	__sync_fetch_and_add(&cell->frames, 1);
	cell->ifindex = ctx->ingress_ifindex;
	return XDP_PASS;
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	return count(ctx, 0);
}

SEC("xdp")
int second(struct xdp_md *ctx)
{
	return count(ctx, 1);
}

SEC("xdp")
int grow(struct xdp_md *ctx)
{
	return bpf_xdp_adjust_head(ctx, -8) ? XDP_ABORTED : XDP_TX;
}

struct sum {
	__u32 summands[2];
	__u32 sum;
};

SEC("syscall")
int add(struct sum *ctx)
{
	ctx->sum = ctx->summands[0] + ctx->summands[1];
	return 5;
}
