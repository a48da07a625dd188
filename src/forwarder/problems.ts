import { readFileSync } from 'node:fs';
import type { InterfaceStatus } from './interface-status.js';
import type { ServiceStatus } from './service-status.js';

/** What problems are looked for in. */
export interface Subject {
  readonly interfaces: readonly InterfaceStatus[];
  readonly services: readonly ServiceStatus[];
  readonly localAddresses: readonly string[];
  /** Whether one runs. */
  readonly daemon: boolean;
}

/** What keeps a forwarder from doing its work, and what to do about it, one sentence each. */
export function problemsOf({ interfaces, services, localAddresses, daemon }: Subject): string[] {
  const addresses = [...localAddresses, ...services.map(({ listen }) => listen.address)];
  return [
    ...(daemon
      ? []
      : [
          'no daemon is running: connections are forwarded, and no backend is checked; start it with ' +
            '`truepeer forwarder run --config FILE`',
        ]),
    ...interfaces
      .filter(({ mode }) => mode === 'gone')
      .map(
        ({ name }) =>
          `interface ${name} is gone, or was made anew: \`truepeer forwarder reload\` attaches to it`,
      ),
    ...forwardingProblems(addresses),
    ...services.filter(isDown).map(({ name }) => `service ${name}: no backend takes connections`),
  ];
}

function isDown({ open, backends }: ServiceStatus): boolean {
  return (
    open && !backends.some(({ up, draining, removed, weight }) => up && !draining && !removed && weight > 0)
  );
}

function forwardingProblems(addresses: readonly string[]): string[] {
  const families = [
    { name: 'net.ipv4.ip_forward', isUsed: addresses.some((address) => !address.includes(':')) },
    { name: 'net.ipv6.conf.all.forwarding', isUsed: addresses.some((address) => address.includes(':')) },
  ];
  return families
    .filter(({ name, isUsed }) => isUsed && sysctl(name) === '0')
    .map(({ name }) => `${name} is 0, so the kernel finds no route for others: \`sysctl -w ${name}=1\``);
}

function sysctl(name: string): string {
  return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
}
