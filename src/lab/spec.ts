import { isIP } from 'node:net';
import { LabSpecError } from './errors.js';

/** A laboratory: hosts by name, and the cables between them. */
export interface LabSpec {
  readonly hosts: Readonly<Record<string, HostSpec>>;
  readonly links?: readonly LinkSpec[];
}

export interface HostSpec {
  /** `net.` sysctls by dotted name, set when all interfaces are there, before the routes. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** What follows `ip route add`: `10.2.0.0/24 via 10.1.0.2`, `local 10.64.0.0/10 dev lo`. */
  readonly routes?: readonly string[];
}

/** A veth pair. On each host interfaces are called eth0, eth1... in the order of the links. */
export interface LinkSpec {
  /** The two hosts. In every pair below, the first entry belongs to the first host. */
  readonly between: readonly [string, string];
  /** Addresses with prefix length: `10.1.0.1/24`. */
  readonly ipv4?: readonly [string, string];
  /** Addresses with prefix length: `fd00:1::1/64`; usable at once, there is no duplicate detection. */
  readonly ipv6?: readonly [string, string];
  /** 1500 unless given. */
  readonly mtu?: number;
  /** `ethtool -K` features, set on both ends: `{ tx: false, gro: true }`. Needs ethtool. */
  readonly offload?: Readonly<Record<string, boolean>>;
}

/** @throws {LabSpecError} that quotes the first mistake. */
export function checkSpec(spec: LabSpec): void {
  for (const [name, host] of Object.entries(spec.hosts)) {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      throw new LabSpecError(`host name "${name}": use small letters, digits and dashes`);
    }
    for (const sysctl of Object.keys(host.sysctls ?? {})) {
      // Only these belong to a network namespace; any other would change the machine.
      if (!/^net(\.[\w-]+)+$/.test(sysctl)) {
        throw new LabSpecError(`sysctl "${sysctl}" of ${name}: only net.* can be set for one host`);
      }
    }
  }
  for (const link of spec.links ?? []) checkLink(link, spec.hosts);
}

function checkLink({ between, ipv4, ipv6 }: LinkSpec, hosts: LabSpec['hosts']): void {
  const title = `link ${between.join(' - ')}`;
  for (const end of between) {
    if (!Object.hasOwn(hosts, end)) throw new LabSpecError(`${title}: there is no host "${end}"`);
  }
  for (const address of ipv4 ?? []) checkAddress(title, address, 4, 32);
  for (const address of ipv6 ?? []) checkAddress(title, address, 6, 128);
}

function checkAddress(title: string, text: string, family: 4 | 6, longest: number): void {
  const [address = '', length = ''] = text.split('/');
  if (isIP(address) !== family || !/^\d+$/.test(length) || Number(length) > longest) {
    const example = family === 4 ? '10.1.0.1/24' : 'fd00:1::1/64';
    throw new LabSpecError(
      `${title}: "${text}" is no IPv${family} address with prefix length, like ${example}`,
    );
  }
}
