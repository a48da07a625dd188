import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDRESSES, type Chain } from './chain.js';

export type Family = keyof (typeof ADDRESSES)['listen'];

/** The forwarder, as a host in URLs. */
export const LISTEN_IN_URL = { ipv4: ADDRESSES.listen.ipv4, ipv6: `[${ADDRESSES.listen.ipv6}]` } as const;

/**
 * Requests `/LOCALPORT` by HTTP from the client's host, through the forwarder, and returns what the server answered.
 *
 * @param localPort the client's port; one request each, for it stays taken for a while.
 */
export async function get(
  { client }: Chain,
  family: Family,
  port: number,
  localPort: number,
): Promise<string> {
  const url = `http://${LISTEN_IN_URL[family]}:${port}/${localPort}`;
  return (await client.run('curl', ['-sS', '--local-port', String(localPort), url])).stdout;
}

/**
 * Everybody who connected to the forwarder's nginx so far, in order, as that logged it: for clients that cannot be told
 * which port to use. IPv6 addresses are bracketed.
 */
export async function clientsSeen({ forwarder }: Chain): Promise<string[]> {
  const log = await readFile(join(forwarder.dir, 'proxy-error.log'), 'utf8');
  return [...log.matchAll(/ client (\S+) connected to /g)].map(([, client]) => client!);
}
