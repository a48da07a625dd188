import { readFileSync } from 'node:fs';
import { type Endpoint, formatAddress } from '../wire/index.js';

/** TCP_LISTEN of include/net/tcp_states.h, as the kernel prints it. */
const LISTEN = '0A';

/** The column of the inode; one column of the heading is two of the lines. */
const INODE = 9;

/** A TCP socket that listens. */
export interface ListeningSocket extends Required<Endpoint> {
  readonly inode: number;
}

/** Those of this network namespace. IPv6 sockets on `::` mostly take IPv4 connections too. */
export function listeningSockets(): ListeningSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => parseListening(readIfThere(file)));
}

/** The text of one of these files (proc_net_tcp(5)). */
export function parseListening(text: string): ListeningSocket[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === LISTEN)
    .map((fields) => {
      const [address = '', port = ''] = fields[1]!.split(':');
      return {
        address: decodeAddress(address),
        port: Number.parseInt(port, 16),
        inode: Number(fields[INODE]),
      };
    });
}

/** Words of the kernel's own byte order, little-endian on every platform this package supports. */
function decodeAddress(hex: string): string {
  const words = Buffer.from(hex, 'hex').swap32();
  if (words.length === 4) return words.join('.');
  return formatAddress(words);
}

/** There is no tcp6 where IPv6 is switched off. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
