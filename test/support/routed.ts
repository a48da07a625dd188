import type { Host } from '../../src/lab/host.js';
import { createLab } from '../../src/lab/lab.js';
import type { LinkSpec } from '../../src/lab/spec.js';
import { FORWARDED, ForwarderLab } from './forwarded.js';

/** What every host sends to. */
export const GATEWAY = { ipv4: '10.255.0.1', ipv6: 'fe80::1' } as const;
/** Whom the router's ICMPv6 errors come from. */
const ROUTER = 'fd00:255::1';

/**
 * The forwarder on one arm of a router, which is called `switch` as the bridge of the other topologies: every segment,
 * either way, goes through the router before the forwarder and after it, one segment a frame.
 */
export async function createRoutedLab(): Promise<ForwarderLab> {
  const { client, listen, local, backend, plain } = FORWARDED;
  const forwarding = { 'net.ipv4.ip_forward': '1', 'net.ipv6.conf.all.forwarding': '1' };
  const addresses = {
    client: [client],
    forwarder: [listen, local],
    backend: [backend],
    plain: [plain],
  } as const;
  const names = Object.keys(addresses) as (keyof typeof addresses)[];
  const toRouter = (host: string): LinkSpec => ({
    between: [host, 'switch'],
    // Nothing is merged, so that what is lost or comes late is one segment.
    offload: { tx: false, tso: false, gso: false, gro: host === 'forwarder' },
  });
  const lab = await createLab({
    hosts: {
      ...Object.fromEntries(names.map((name) => [name, {}])),
      forwarder: { sysctls: forwarding },
      switch: { sysctls: forwarding },
    },
    links: names.map(toRouter),
  });
  const batch = (host: Host, lines: readonly string[]) =>
    host.run('ip', ['-batch', '-'], { input: lines.join('\n') });
  for (const [at, name] of names.entries()) {
    const ends = addresses[name].flatMap(({ ipv4, ipv6 }) => [`${ipv4}/32`, `${ipv6}/128`]);
    await batch(lab.host(name), [
      ...ends.map((end) => `addr add ${end} dev eth0${end.includes(':') ? ' nodad' : ''}`),
      `route add ${GATEWAY.ipv4} dev eth0`,
      `route add default via ${GATEWAY.ipv4}`,
      `route add ::/0 via ${GATEWAY.ipv6} dev eth0`,
    ]);
    await batch(lab.host('switch'), [
      `addr add ${GATEWAY.ipv4}/32 dev eth${at}`,
      `addr add ${GATEWAY.ipv6}/64 dev eth${at} nodad`,
      ...(at === 0 ? [`addr add ${ROUTER}/128 dev lo`] : []),
      ...ends.map((end) => `route add ${end} dev eth${at}`),
    ]);
  }
  return new ForwarderLab(lab, 'one-armed');
}

/** The router's interfaces, by who is behind them. */
export const ROUTER_DEVICES = { client: 'eth0', forwarder: 'eth1', backend: 'eth2' } as const;
