import { type Endpoint, formatEndpoint } from '../wire/index.js';
import { checkInterface } from './check-interface.js';
import { egressesOf } from './egresses-of.js';
import { familyOfText } from './family.js';
import type { HostFacts } from './host.js';
import { error, type Problem, warning } from './problem.js';
import type { ForwarderSettings } from './settings.js';
import { tableProblem } from './sizes.js';

/** What is wrong with settings on this host. */
export function checkHost(settings: ForwarderSettings, host: HostFacts): Problem[] {
  return [
    ...settings.interfaces.flatMap((name, at) => checkInterface(name, at, settings, host)),
    ...checkLocalAddresses(settings, host),
    ...settings.services.flatMap(({ listen }, at) => checkListen(listen, at, host)),
    ...checkBackends(settings, host),
    ...checkMetrics(settings, host),
    ...checkTable(settings, host),
  ];
}

function checkLocalAddresses({ localAddresses, interfaces }: ForwarderSettings, host: HostFacts): Problem[] {
  return localAddresses.flatMap((address, at) =>
    host.routes.get(address)?.isLocal
      ? []
      : [
          error(
            ['localAddresses', at],
            `${address} is no address of this host, so that answers to it would go astray: ` +
              `\`ip addr add ${address}/${familyOfText(address) === 4 ? 32 : 128} dev ${interfaces[0]}\``,
          ),
        ],
  );
}

function checkListen(listen: Required<Endpoint>, at: number, { routes, listening }: HostFacts): Problem[] {
  const path = ['services', at, 'listen'] as const;
  const problems: Problem[] = [];
  const { address, port } = listen;
  if (!routes.get(address)?.isLocal)
    problems.push(
      warning(
        path,
        `${address} is no address of this host: right for a standby that will get it, else ` +
          `\`ip addr add ${address}/${familyOfText(address) === 4 ? 32 : 128} dev lo\``,
      ),
    );
  const others = listening.filter((other) => other.port === port);
  if (others.some((other) => other.address === address))
    problems.push(
      error(
        path,
        `another program listens on ${formatEndpoint(listen)}, and would lose its clients: stop it (\`ss -ltnp\` tells ` +
          'which), or take another address',
      ),
    );
  else if (others.some((other) => isEveryAddress(other.address, familyOfText(address))))
    problems.push(
      warning(
        path,
        `another program listens on port ${port} of every address: connections to ${formatEndpoint(listen)} are the ` +
          "forwarder's from now on",
      ),
    );
  return problems;
}

/** Connections stay in the table that they are in. */
function checkTable({ capacity }: ForwarderSettings, { attached }: HostFacts): Problem[] {
  const problem = attached?.slots === undefined ? undefined : tableProblem(attached.slots, capacity);
  return problem === undefined ? [] : [error(['capacity'], problem)];
}

function checkMetrics({ metrics }: ForwarderSettings, { routes, listening }: HostFacts): Problem[] {
  if (metrics === undefined) return [];
  const { address, port } = metrics;
  if (!isEveryAddress(address, familyOfText(address)) && !routes.get(address)?.isLocal)
    return [
      error(['metrics'], `${address} is no address of this host: write one that is, such as 127.0.0.1`),
    ];
  if (!listening.some((other) => other.port === port && overlap(other.address, address))) return [];
  return [
    error(
      ['metrics'],
      `another program listens on ${formatEndpoint(metrics)}: stop it (\`ss -ltnp\` tells which), or take another port`,
    ),
  ];
}

/** Whether two programs cannot both listen there, on the same port. */
function overlap(one: string, other: string): boolean {
  return (
    one === other || isEveryAddress(one, familyOfText(other)) || isEveryAddress(other, familyOfText(one))
  );
}

function isEveryAddress(address: string, family: 4 | 6): boolean {
  return address === '::' || (family === 4 && address === '0.0.0.0');
}

/** The same thing is wrong with many backends at once, as a rule. */
const TOLD_EACH = 10;

function checkBackends(settings: ForwarderSettings, host: HostFacts): Problem[] {
  const names = new Map(host.interfaces.map(({ ifindex, name }) => [ifindex, name]));
  const egresses = new Set(egressesOf(settings, host.interfaces).map(({ ifindex }) => names.get(ifindex)!));
  const seen = new Set<string>();
  const problems = settings.services.flatMap(({ backends }, at) =>
    backends.flatMap(({ endpoint: { address } }, index) => {
      if (seen.has(address)) return [];
      seen.add(address);
      const message = checkRoute(address, host, egresses);
      return message === undefined ? [] : [error(['services', at, 'backends', index, 'address'], message)];
    }),
  );
  const more = problems.length - TOLD_EACH;
  if (more <= 0) return problems;
  return [
    ...problems.slice(0, TOLD_EACH),
    error(['services'], `and ${more} more backends that cannot be reached`),
  ];
}

function checkRoute(
  address: string,
  { routes }: HostFacts,
  egresses: ReadonlySet<string>,
): string | undefined {
  const route = routes.get(address);
  if (route === undefined)
    return `there is no route to ${address}: \`ip route get ${address}\` must find one`;
  if (route.isLocal) return `${address} is this host itself: a forwarder sends to other hosts`;
  if (egresses.has(route.device)) return undefined;
  return (
    `${address} is reached by ${route.device}, which is none of the forwarder's: add it to interfaces, or change the ` +
    `route (\`ip route get ${address}\`)`
  );
}
