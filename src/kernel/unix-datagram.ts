import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import koffi from 'koffi';
import { KernelError } from './errors.js';

/** From include/linux/socket.h and asm-generic/socket.h. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;

/** sizeof(sockaddr_un.sun_path) */
const PATH_BYTES = 108;

/**
 * Sends one datagram to a unix socket, which Node's own sockets cannot.
 *
 * @param path of the socket; one that begins with `@` or a zero byte is in the abstract name space (unix(7)).
 * @throws {KernelError}
 */
export function sendUnixDatagram(path: string, message: string): void {
  const name = Buffer.from(path.replace(/^@/, '\0'));
  if (name.length > PATH_BYTES)
    throw new RangeError(`${path}: a socket's name has at most ${PATH_BYTES} bytes`);
  const family = Buffer.alloc(2);
  if (endianness() === 'LE') family.writeUInt16LE(AF_UNIX);
  else family.writeUInt16BE(AF_UNIX);
  const address = Buffer.concat([family, name]);
  const bytes = Buffer.from(message);

  const library = koffi.load(null);
  const fd = library.func('int socket(int domain, int type, int protocol)')(
    AF_UNIX,
    SOCK_DGRAM | SOCK_CLOEXEC,
    0,
  );
  if (fd < 0) throw new KernelError('make a unix socket', koffi.errno());
  try {
    const sendto = library.func(
      'intptr_t sendto(int fd, void *bytes, size_t length, int flags, void *address, unsigned int size)',
    );
    if (Number(sendto(fd, bytes, bytes.length, 0, address, address.length)) < 0)
      throw new KernelError(`send to ${path}`, koffi.errno());
  } finally {
    closeSync(fd);
  }
}
