import { ipBatch } from './ip.js';

/** What `ip -json route get` says, as far as it matters here. */
export interface Route {
  /** `local` for the host's own addresses; absent for other hosts'. */
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  /** A next hop of the other address family. */
  readonly via?: { readonly host: string };
  readonly dev?: string;
}

/**
 * How the kernel reaches some addresses. Those it does not reach are left out.
 *
 * @throws {IpError}
 */
export async function routesTo(addresses: readonly string[]): Promise<Route[]> {
  const { output } = await ipBatch(
    ['-json'],
    [...new Set(addresses)].map((address) => `route get ${address}`),
  );
  return output
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line) as Route[]);
}
