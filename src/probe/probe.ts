import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { requireRoot } from '../kernel/privilege.js';
import { kindsFor } from '../tagger/settings.js';
import { TemporaryTagger } from '../tagger/temporary.js';
import { type Endpoint, encodeOption, familyOf, parseAddress, parseKind } from '../wire/index.js';
import type { ConnectionReport } from './connection.js';
import { makePrivateCgroup } from './private-cgroup.js';

export interface ProbeOptions {
  /** Name or address of the backend. */
  readonly host: string;
  readonly port: number;
  /** Who to claim to be. */
  readonly client: Required<Endpoint>;
  /** The option to write, as `254/8`; it follows the client's family. */
  readonly kind: string;
  /** For the whole connection, in milliseconds. */
  readonly timeoutMs: number;
}

/** What one tagged connection sent and what came back. */
export interface ProbeReport extends ConnectionReport {
  /** The backend's address, after name resolution. */
  readonly backend: Required<Endpoint>;
  readonly client: Required<Endpoint>;
  /** Kind and length of the option that was written. */
  readonly kind: string;
  /** Its bytes, in hexadecimal. */
  readonly option: string;
  /** How many segments of each sort carried it. */
  readonly segments: { readonly syn: number; readonly ack: number; readonly data: number };
}

/** The backend's name is not known. */
export class UnknownHostError extends Error {
  override readonly name = 'UnknownHostError';
}

const run = promisify(execFile);
const CONNECTION = fileURLToPath(new URL('./connection.js', import.meta.url));
const JOIN_AND_EXEC = 'echo 0 > "$1" || exit 125; shift; exec "$@"';

/**
 * Opens one connection that carries TOA on its SYN, its handshake ACK and its first data, to try a backend. It tags in
 * a cgroup of its own, so nothing else on this host is touched, and it leaves nothing behind.
 *
 * @throws PrivilegeError, CgroupError, KernelError; KindError, TaggerKindError for a kind that cannot be written;
 *   UnknownHostError. A backend that does not answer is no error but a report.
 */
export async function probe(options: ProbeOptions): Promise<ProbeReport> {
  const { client, timeoutMs } = options;
  const kinds = kindsFor(options.kind);
  requireRoot('tagging a connection');
  const address = await resolve(options.host);
  const kind = familyOf(parseAddress(client.address)) === 4 ? kinds.ipv4 : kinds.ipv6;
  const option = encodeOption({ ...parseKind(kind), client });

  using cgroup = makePrivateCgroup();
  using tagger = new TemporaryTagger(cgroup.path, { ...kinds, on: ['syn', 'ack', 'data'], takeLocal: true });
  const enter = ['-c', JOIN_AND_EXEC, 'sh', join(cgroup.path, 'cgroup.procs')];
  const [to, from] = inOneFamily(address, client.address);
  const connection = [CONNECTION, to, options.port, from, client.port, timeoutMs, options.host].map(String);
  const { stdout } = await run('sh', [...enter, process.execPath, ...connection]);
  const { written } = tagger.stats();
  return {
    backend: { address, port: options.port },
    client,
    kind,
    option: Buffer.from(option).toString('hex'),
    segments: { syn: Number(written.syn), ack: Number(written.ack), data: Number(written.data) },
    ...(JSON.parse(stdout) as ConnectionReport),
  };
}

async function resolve(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UnknownHostError(`cannot resolve ${JSON.stringify(host)} (${code}): give its address`, {
      cause,
    });
  }
}

/** An IPv6 client at an IPv4 backend, or the reverse, takes an IPv6 socket, on which IPv4 addresses are mapped ones. */
function inOneFamily(...addresses: [string, string]): [string, string] {
  const [a, b] = addresses.map((address) => familyOf(parseAddress(address)));
  if (a === b) return addresses;
  return addresses.map((address) => (address.includes(':') ? address : `::ffff:${address}`)) as [
    string,
    string,
  ];
}
