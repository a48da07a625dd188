import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import koffi, { type node } from 'koffi';

/** From include/uapi/linux/if_tun.h and if.h. */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const IFNAMSIZ = 16;
const SIZEOF_IFREQ = 40;

/** The largest IP packet. */
const LARGEST_PACKET = 65_535;

// null: the symbols of the running program, so also those of whichever C library it uses.
const ioctl = koffi.load(null).func('int ioctl(int fd, unsigned long request, void *argument)');

/** The device cannot be made: no root, no /dev/net/tun, a bad or taken name. */
export class TunError extends Error {
  override readonly name = 'TunError';
}

/**
 * A TUN device: a network interface whose other end is this process. It exists until it is closed, or the
 * process ends. It never keeps the process running.
 */
export class TunDevice implements Disposable {
  /** The interface's name. */
  readonly name: string;
  readonly #fd: number;
  readonly #poll: node.PollHandle;
  readonly #buffer = Buffer.alloc(LARGEST_PACKET);

  /**
   * Makes the interface in the current network namespace; it is down and has no address.
   *
   * @param receive gets every IP packet that the kernel sends out through the interface.
   * @throws {TunError}
   */
  constructor(name: string, receive: (packet: Uint8Array) => void) {
    this.name = name;
    this.#fd = openTun(name);
    this.#poll = koffi.node.poll(this.#fd, { readable: true }, () => {
      for (let packet = this.#read(); packet !== undefined; packet = this.#read()) receive(packet);
    });
    this.#poll.unref();
  }

  /** Hands one IP packet to the kernel, as if it had come in through the interface. */
  send(packet: Uint8Array): void {
    writeSync(this.#fd, packet);
  }

  [Symbol.dispose](): void {
    this.#poll.close();
    closeSync(this.#fd);
  }

  #read(): Uint8Array | undefined {
    try {
      const length = readSync(this.#fd, this.#buffer);
      return new Uint8Array(this.#buffer.subarray(0, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
      throw error;
    }
  }
}

function openTun(name: string): number {
  if (!/^[\w.-]{1,15}$/.test(name)) {
    throw new TunError(`"${name}" is no interface name: use 1 to ${IFNAMSIZ - 1} letters, digits, . _ -`);
  }
  let fd: number;
  try {
    fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  } catch (cause) {
    throw new TunError('cannot open /dev/net/tun: run as root, with the tun module loaded', { cause });
  }
  const request = Buffer.alloc(SIZEOF_IFREQ);
  request.write(name, 'latin1');
  // The kernel's own byte order, which is little-endian on every platform this package supports.
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFNAMSIZ);
  if (ioctl(fd, TUNSETIFF, request) !== 0) {
    const reason = getSystemErrorName(-koffi.errno());
    closeSync(fd);
    throw new TunError(`cannot make the TUN device "${name}": ${reason}`);
  }
  return fd;
}
