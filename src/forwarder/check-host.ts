import { type Endpoint, formatEndpoint } from '../wire/index.js';
import { egressesOf } from './egresses-of.js';
import { familyOfText } from './family.js';
import type { HostFacts } from './host.js';
import { deafProblem, hiddenProblem, hiddenVlans } from './offloads.js';
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

function checkInterface(
  name: string,
  at: number,
  settings: ForwarderSettings,
  { interfaces, attached, isForwarding, takesRedirects, takesOffVlanTags }: HostFacts,
): Problem[] {
  const path = ['interfaces', at] as const;
  const found = interfaces.find((one) => one.name === name);
  if (found === undefined) {
    const names = interfaces.filter(({ isLoopback }) => !isLoopback).map((one) => one.name);
    return [error(path, `there is no interface ${name}: there are ${names.join(', ') || 'none'}`)];
  }
  if (found.isLoopback)
    return [error(path, `${name} is the loopback interface: name one that packets arrive by`)];
  if (found.vlan !== undefined)
    return [error(path, `${name} is a VLAN on ${found.vlan.parent}: name that; its VLANs come with it`)];
  const problems: Problem[] = [];
  if (!found.isUp) problems.push(warning(path, `${name} is down: \`ip link set ${name} up\``));
  for (const family of familiesOf(settings))
    if (!isForwarding(family, name))
      problems.push(
        error(
          path,
          `the kernel does not forward IPv${family} from ${name}, and so tells no routes for it: ` +
            `\`sysctl -w ${family === 4 ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'}=1\``,
        ),
      );
  const { xdp } = found;
  const isOurs = attached?.interfaces.has(name);
  if (xdp !== undefined && isOurs === undefined)
    problems.push(
      warning(
        path,
        `an XDP program (id ${xdp.programId}) is attached to ${name}, and only root can tell whose it is: check as root`,
      ),
    );
  if (xdp !== undefined && isOurs === false)
    problems.push(
      error(
        path,
        `another XDP program (id ${xdp.programId}) is attached to ${name}: detach it by what attached it, or with ` +
          `\`ip link set dev ${name} xdp off\``,
      ),
    );
  // The drivers of cards begin to take them when a program is attached.
  if (found.isVeth && !settings.generic && takesRedirects(found.ifindex) === false)
    problems.push(warning(path, deafProblem(name, true)));
  const vlans = hiddenVlans(found, interfaces, takesOffVlanTags);
  if (vlans.length > 0) problems.push(warning(path, hiddenProblem(name, vlans)));
  const mode = settings.generic ? 'generic' : 'native';
  if (xdp !== undefined && isOurs && xdp.mode !== mode)
    problems.push(
      error(
        ['generic'],
        `the forwarder on ${name} is attached in ${xdp.mode} mode, which cannot change while it has connections: ` +
          'run `truepeer forwarder detach` first, which ends them',
      ),
    );
  return problems;
}

/** Those that packets of are looked up routes for. */
function familiesOf({ services }: ForwarderSettings): Set<4 | 6> {
  return new Set(
    services.flatMap(({ listen, backends }) => [
      familyOfText(listen.address),
      ...backends.map(({ endpoint }) => familyOfText(endpoint.address)),
    ]),
  );
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
