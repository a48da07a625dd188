import { fileURLToPath } from 'node:url';
import type { ForwarderSettings } from '../forwarder/settings.js';
import { CommandError } from '../lab/errors.js';
import type { Host } from '../lab/host.js';
import { BACKEND_PORT } from './backend.js';
import { ADDRESSES, type Chain } from './chain.js';
import { ForwarderRefusedError, REFUSED } from './forwarder-refused.js';
import { forwarderSettings } from './forwarder-settings.js';

const ON_HOST = fileURLToPath(new URL('./forwarder-on-host.js', import.meta.url));

/** Where clients of TruePeer's forwarder connect to, and where its connections to the backend come from. */
export const FORWARDED = {
  listen: { ipv4: '203.0.113.2', ipv6: '2001:db8:1::2' },
  local: { ipv4: '10.1.0.10', ipv6: 'fd00:1::10' },
} as const;

const PREPARE_HOST = `
echo 1 > /proc/sys/net/ipv4/ip_forward && echo 1 > /proc/sys/net/ipv6/conf/all/forwarding &&
exec ip -batch -
`;

/**
 * Attaches TruePeer's forwarder to the forwarder's interfaces, beside whatever proxies run there: it takes the
 * connections to {@link FORWARDED}, port {@link BACKEND_PORT}, on to the same port of the backend. `detachForwarder()`
 * detaches it.
 *
 * @throws {ForwarderRefusedError}
 */
export async function addForwarder({ client, forwarder, backend }: Chain): Promise<void> {
  for (const end of [client, backend]) await makeXdpPeer(end, 'eth0');
  const { listen, local } = FORWARDED;
  await forwarder.run('sh', ['-c', PREPARE_HOST], {
    input: [
      `addr add ${listen.ipv4}/24 dev eth0`,
      `addr add ${listen.ipv6}/64 dev eth0 nodad`,
      `addr add ${local.ipv4}/24 dev eth1`,
      // Nobody else on this host is to send from it.
      `addr add ${local.ipv6}/64 dev eth1 nodad preferred_lft 0`,
      '',
    ].join('\n'),
  });
  const passages = (['ipv4', 'ipv6'] as const).map((family) => ({
    name: `web-${family}`,
    listen: { address: listen[family], port: BACKEND_PORT },
    backend: { address: ADDRESSES.backend[family], port: BACKEND_PORT },
  }));
  await attachOn(forwarder, forwarderSettings(passages, Object.values(local), 1_000));
}

/**
 * What makes the other end of a veth pair fit for XDP: it takes whole frames at the receiving side only where it polls
 * (GRO), and what it sends must have its checksum already, for that is left to a network card otherwise.
 */
export async function makeXdpPeer(host: Host, name: string): Promise<void> {
  await host.run('ethtool', ['-K', name, 'tx', 'off', 'gro', 'on']);
}

/**
 * Attaches a forwarder to a host's interfaces.
 *
 * @throws {ForwarderRefusedError}
 */
export async function attachOn(host: Host, settings: ForwarderSettings): Promise<void> {
  const child = host.node(ON_HOST, [JSON.stringify(settings)]);
  const { status } = await child.closed;
  const { stdout, stderr } = child;
  if (status === REFUSED) throw new ForwarderRefusedError(stderr.text.trim());
  if (status !== 0)
    throw new CommandError(child.command, {
      reason: `ended with status ${status}`,
      status,
      stdout: stdout.text,
      stderr: stderr.text,
    });
}
