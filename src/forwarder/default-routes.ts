import { ipBatch } from './ip.js';
import type { Route } from './routes.js';

/** What `ip -json route show default` says. */
export interface DefaultRoute extends Hop {
  /** Where there are several ways. */
  readonly nexthops?: readonly Hop[];
}

interface Hop {
  readonly dev?: string;
  readonly gateway?: string;
  /** A gateway of the other address family. */
  readonly via?: { readonly host: string };
}

/** The default routes by a gateway, of both families. @throws {IpError} */
export async function readDefaultRoutes(): Promise<Route[]> {
  const found = await Promise.all(
    ['-4', '-6'].map((family) => ipBatch(['-json', family], ['route show default'])),
  );
  return found.flatMap(({ output }) => (output.trim() === '' ? [] : toRoutes(JSON.parse(output))));
}

export function toRoutes(defaults: readonly DefaultRoute[]): Route[] {
  return defaults
    .flatMap((route) => route.nexthops ?? [route])
    .flatMap(({ dev, gateway, via }) => {
      const next = gateway ?? via?.host;
      if (dev === undefined || next === undefined) return [];
      return [{ destination: 'default', isLocal: false, device: dev, gateway: next }];
    });
}
