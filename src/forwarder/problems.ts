import type { HostInterface, IsForwarding } from './host.js';
import type { InterfaceStatus } from './interface-status.js';
import { deafProblem, hiddenProblem, unsummedProblem } from './offloads.js';
import type { ServiceStatus } from './service-status.js';

/** What problems are looked for in. */
export interface Subject {
  readonly interfaces: readonly InterfaceStatus[];
  readonly services: readonly ServiceStatus[];
  /** Local addresses that are not the host's any more. */
  readonly strayAddresses: readonly string[];
  readonly isForwarding: IsForwarding;
  /** Interfaces that take no redirected frames. */
  readonly deaf: readonly Pick<HostInterface, 'name' | 'isVeth'>[];
  /** Where segments without a checksum came lately: the veths that they may have come by. */
  readonly unsummed?: readonly string[] | undefined;
  /** Interfaces that take the tags off, and the VLANs on them, at least one each. */
  readonly hidden: readonly { readonly name: string; readonly vlans: readonly string[] }[];
  /** How the daemon has found this host not to fit its configuration; empty where it fits. */
  readonly complaint: string;
  readonly daemon: 'answers' | 'absent' | 'silent';
}

const DAEMON_PROBLEMS: Readonly<Record<Subject['daemon'], readonly string[]>> = {
  answers: [],
  absent: [
    'no daemon is running: connections are forwarded, and no backend is checked: start it with ' +
      '`truepeer forwarder run --config FILE`',
  ],
  silent: [
    'the daemon does not answer: connections are forwarded, and backends may not be checked: start it anew, and see ' +
      'its log',
  ],
};

/** What keeps a forwarder from doing its work, and what to do about it, one sentence each. */
export function problemsOf({
  interfaces,
  services,
  strayAddresses,
  isForwarding,
  deaf,
  unsummed,
  hidden,
  complaint,
  daemon,
}: Subject): string[] {
  const gone = interfaces.filter(({ mode }) => mode === 'gone');
  return [
    ...DAEMON_PROBLEMS[daemon],
    ...gone.map(
      ({ name }) =>
        `interface ${name} is gone, or was made anew: the daemon attaches to it once it is there again`,
    ),
    ...(complaint === ''
      ? []
      : [`this host has changed, and does not fit the configuration any more: ${complaint}`]),
    ...familiesOf(services).flatMap((family) =>
      interfaces
        .filter(({ name, mode }) => mode !== 'gone' && !isForwarding(family, name))
        .map(({ name }) => forwardingProblem(family, name)),
    ),
    ...deaf.map(({ name, isVeth }) => deafProblem(name, isVeth)),
    ...(unsummed === undefined ? [] : [unsummedProblem(unsummed)]),
    ...hidden.map(({ name, vlans }) => hiddenProblem(name, vlans)),
    ...strayAddresses.map(
      (address) =>
        `local address ${address} is no address of this host any more, so answers to it go astray: give it back ` +
        'with `ip addr add`',
    ),
    ...services.filter(isDown).map(({ name }) => `service ${name}: no backend takes new connections`),
  ];
}

function forwardingProblem(family: 4 | 6, name: string): string {
  const sysctl = family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding';
  return `the kernel does not forward IPv${family} from ${name}, and so finds no routes: \`sysctl -w ${sysctl}=1\``;
}

function familiesOf(services: readonly ServiceStatus[]): (4 | 6)[] {
  const addresses = services.flatMap(({ listen, backends }) => [
    listen.address,
    ...backends.map(({ address }) => address.address),
  ]);
  return [...new Set(addresses.map((address) => (address.includes(':') ? 6 : 4)))];
}

function isDown({ open, backends }: ServiceStatus): boolean {
  return open && !backends.some(takesConnections);
}

function takesConnections({ up, draining, removed, weight }: ServiceStatus['backends'][number]): boolean {
  return up && !draining && !removed && weight > 0;
}
