import { ADDRESSES, type Chain } from './chain.js';
import { CLIENTS } from './load.js';

/** Lets the client's host be every one of {@link CLIENTS}, and the forwarder answer them. */
export async function becomeAllClients({ client, forwarder }: Chain): Promise<void> {
  for (const family of ['ipv4', 'ipv6'] as const) {
    await client.run('ip', ['route', 'add', 'local', CLIENTS[family], 'dev', 'lo']);
    await forwarder.run('ip', ['route', 'add', CLIENTS[family], 'via', ADDRESSES.client[family]]);
  }
  // For IPv6 the route alone does not allow the bind.
  await client.run('sysctl', ['-w', 'net.ipv6.ip_nonlocal_bind=1']);
}
