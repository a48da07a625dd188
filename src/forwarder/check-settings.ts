import { isDeepStrictEqual } from 'node:util';
import { formatEndpoint } from '../wire/index.js';
import { checkCapacity } from './check-capacity.js';
import { familyOfText } from './family.js';
import { LIMITS } from './layout.js';
import { error, type Problem, warning } from './problem.js';
import type { ForwarderSettings, ServiceSettings } from './settings.js';

/** What is wrong with settings on any host: what is there twice, cannot meet, or has no room. */
export function checkSettings(settings: ForwarderSettings): Problem[] {
  const { interfaces, localAddresses, services } = settings;
  return [
    ...twice(interfaces, (name) => name, ['interfaces'], []),
    ...twice(localAddresses, (address) => address, ['localAddresses'], []),
    ...twice(services, ({ name }) => name, ['services'], ['name']),
    ...twice(services, ({ listen }) => formatEndpoint(listen), ['services'], ['listen']),
    ...services.flatMap((service, at) => [
      ...twice(
        service.backends,
        ({ endpoint }) => formatEndpoint(endpoint),
        ['services', at, 'backends'],
        ['address'],
      ),
      ...checkService(service, at, settings),
    ]),
    ...checkMetrics(settings),
    ...checkRoom(settings),
    ...checkCapacity(settings),
  ];
}

function twice<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  path: Problem['path'],
  key: Problem['path'],
): Problem[] {
  const seen = new Set<string>();
  return items.flatMap((item, at) => {
    const name = nameOf(item);
    if (seen.has(name)) return [error([...path, at, ...key], `${name} stands here twice: leave one out`)];
    seen.add(name);
    return [];
  });
}

function checkService(service: ServiceSettings, at: number, settings: ForwarderSettings): Problem[] {
  const { name, listen, backends, toa } = service;
  const path = ['services', at] as const;
  const listens = new Set(settings.services.map((other) => formatEndpoint(other.listen)));
  const problems: Problem[] = [];
  backends.forEach(({ endpoint }, index) => {
    const place = [...path, 'backends', index, 'address'];
    const text = formatEndpoint(endpoint);
    if (familyOfText(listen.address) === 4 && familyOfText(endpoint.address) === 6)
      problems.push(
        error(
          place,
          `backend ${text} has an IPv6 address, and service ${name} listens on IPv4: only IPv6 clients can be sent to ` +
            'both families; give the backend an IPv4 address',
        ),
      );
    if (listens.has(text))
      problems.push(error(place, `backend ${text} is a service of this forwarder: name the host behind it`));
  });
  for (const family of new Set(backends.map(({ endpoint }) => familyOfText(endpoint.address))))
    if (!settings.localAddresses.some((address) => familyOfText(address) === family))
      problems.push(
        error(
          ['localAddresses'],
          `no local address is IPv${family}, and backends of service ${name} are: add one that they can answer`,
        ),
      );
  if (backends.every(({ weight }) => weight === 0))
    problems.push(
      warning(
        [...path, 'backends'],
        `no backend of service ${name} has a weight above 0: it takes no connections`,
      ),
    );
  const kind = familyOfText(listen.address) === 4 ? toa.kind4 : toa.kind6;
  if (kind === undefined)
    problems.push(
      warning(
        [...path, 'toa'],
        `no option is set for IPv${familyOfText(listen.address)} clients, which service ${name} listens for: their connections are ` +
          `${toa.onMissing === 'reset' ? 'reset' : 'forwarded without TOA'}`,
      ),
    );
  return problems;
}

function checkMetrics({ metrics, services }: ForwarderSettings): Problem[] {
  const service = services.find(({ listen }) => isDeepStrictEqual(listen, metrics));
  if (service === undefined) return [];
  return [
    error(
      ['metrics'],
      `${formatEndpoint(service.listen)} is where service ${service.name} listens: take another port`,
    ),
  ];
}

/** Entries of the map `upstreams`. */
const UPSTREAMS_MAX = 65_536;

function checkRoom({ services, localAddresses }: ForwarderSettings): Problem[] {
  const counts = [
    ['services', 'services', services.length, LIMITS.servicesMax - 1],
    ['backends', 'services', sum(services, ({ backends }) => backends.length), LIMITS.backendsMax - 1],
    [
      'trusted networks',
      'services',
      sum(services, ({ trustUpstream }) => trustUpstream.length),
      UPSTREAMS_MAX,
    ],
    ...([4, 6] as const).map((family) => {
      const count = localAddresses.filter((address) => familyOfText(address) === family).length;
      return [`local addresses of IPv${family}`, 'localAddresses', count, LIMITS.localsMax] as const;
    }),
  ] as const;
  return counts
    .filter(([, , count, most]) => count > most)
    .map(([what, key, count, most]) => error([key], `${count} ${what}: there is room for ${most}`));
}

function sum(services: readonly ServiceSettings[], count: (service: ServiceSettings) => number): number {
  return services.reduce((total, service) => total + count(service), 0);
}
