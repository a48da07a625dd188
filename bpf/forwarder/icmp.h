/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef TRUEPEER_FORWARDER_ICMP_H
#define TRUEPEER_FORWARDER_ICMP_H
#include "checksum.h"
#include "parse.h"
#include "table.h"
__noinline int reply_too_big(struct xdp_md *ctx, __u32 mtu, __u32 other) { count(0, COUNT_TOO_BIG); return XDP_DROP + (mtu+other+ctx->data==0); }
__noinline int forward_icmp(struct xdp_md *ctx) { return XDP_PASS + (ctx->data == 0);}
#endif
