import { closeSync } from 'node:fs';
import koffi, { type node } from 'koffi';
import { KernelError } from './errors.js';

/** From include/uapi/linux/netlink.h, rtnetlink.h and socket.h. */
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC_NONBLOCK = 3 | 0o2000000 | 0o4000;
const NETLINK_ROUTE = 0;
const SIZEOF_SOCKADDR_NL = 12;
/**
 * RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV4_RULE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE, and
 * RTNLGRP_IPV6_RULE as a bit.
 */
const GROUPS = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | (1 << 18);

/** Tells of every change of links, addresses, routes and routing rules in this network namespace, until it is disposed of. */
export class RouteMonitor implements Disposable {
  readonly #fd: number;
  readonly #poll: node.PollHandle;

  /**
   * @param changed called once for all that came together. What has changed is not told: to look is surer, as the
   *   kernel drops messages where many come.
   * @throws {KernelError}
   */
  constructor(changed: () => void) {
    const libc = koffi.load(null);
    this.#fd = libc.func('int socket(int domain, int type, int protocol)')(
      AF_NETLINK,
      SOCK_RAW_CLOEXEC_NONBLOCK,
      NETLINK_ROUTE,
    );
    if (this.#fd < 0) throw new KernelError('open a netlink socket', koffi.errno());
    const address = Buffer.alloc(SIZEOF_SOCKADDR_NL);
    address.writeUInt16LE(AF_NETLINK);
    address.writeUInt32LE(GROUPS, 8);
    if (
      libc.func('int bind(int fd, void *address, unsigned int size)')(this.#fd, address, address.length) !== 0
    ) {
      const errno = koffi.errno();
      closeSync(this.#fd);
      throw new KernelError('listen to route changes', errno);
    }
    const receive = libc.func('long recv(int fd, void *bytes, size_t length, int flags)');
    const message = Buffer.alloc(1 << 16);
    const isMore = () => Number(receive(this.#fd, message, message.length, 0)) > 0;
    this.#poll = koffi.node.poll(this.#fd, { readable: true }, () => {
      while (isMore());
      changed();
    });
  }

  [Symbol.dispose](): void {
    this.#poll.close();
    closeSync(this.#fd);
  }
}
