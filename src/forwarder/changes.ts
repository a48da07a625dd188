import { formatEndpoint } from '../wire/index.js';
import { type BackendEntry, isOpen, type ServiceEntry } from './entries.js';
import { BACKEND_FLAGS } from './layout.js';
import type { Current, Target } from './plan.js';

/** More of one kind are told by their number. */
const TOLD_ONE_BY_ONE = 5;

/** What is different from before in the maps, one sentence each; none where nothing is. */
export function describeChanges(current: Current, target: Target): string[] {
  const open = new Map(current.services.filter(isOpen).map((service) => [service.number, service]));
  const backends = describeBackends(current, target);
  return [
    ...describeLocals(current.locals, [...target.locals4, ...target.locals6]),
    ...target.services.flatMap((service) => [
      ...describeService(open.get(service.number), service),
      ...(backends.get(service.number) ?? []).map((change) => `service ${service.name}: ${change}`),
    ]),
    ...target.closed.filter(isOpen).map(({ name }) => `service ${name}: closed`),
  ];
}

function describeLocals(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...told(
      'local address',
      'added',
      after.filter((address) => !before.includes(address)),
    ),
    ...told(
      'local address',
      'removed',
      before.filter((address) => !after.includes(address)),
    ),
  ];
}

function describeService(before: ServiceEntry | undefined, after: ServiceEntry): string[] {
  const { name, listen, scheduler } = after;
  if (before === undefined) return [`service ${name}: opened on ${formatEndpoint(listen)}, ${scheduler}`];
  const changes: string[] = [];
  if (before.name !== name) changes.push(`service ${name}: was called ${before.name}`);
  if (before.scheduler !== scheduler)
    changes.push(`service ${name}: scheduler ${before.scheduler} -> ${scheduler}`);
  const others = ({ flags, tagOn, kind4, kind6, timeouts }: ServiceEntry) =>
    [flags, tagOn, kind4, kind6, ...timeouts].join();
  if (others(before) !== others(after)) changes.push(`service ${name}: settings changed`);
  return changes;
}

/** By the service's number. */
function describeBackends(current: Current, { backends, removed }: Target): Map<number, string[]> {
  const known = new Map(current.backends.filter(isConfigured).map((backend) => [backend.number, backend]));
  const kinds = {
    added: backends.filter(({ number }) => !known.has(number)),
    removed: removed.filter(isConfigured),
    weighted: backends.filter(({ number, weight }) => (known.get(number)?.weight ?? weight) !== weight),
  };
  const changes = new Map<number, string[]>();
  const add = (service: number, sentences: readonly string[]) =>
    changes.set(service, [...(changes.get(service) ?? []), ...sentences]);
  const nameOf = ({ endpoint }: BackendEntry) => formatEndpoint(endpoint);
  for (const [service, some] of byService(kinds.added)) add(service, told('backend', 'added', some, nameOf));
  for (const [service, some] of byService(kinds.removed))
    add(service, told('backend', 'removed', some, nameOf));
  const weightsOf = (backend: BackendEntry) =>
    `${nameOf(backend)} (${known.get(backend.number)?.weight} -> ${backend.weight})`;
  for (const [service, some] of byService(kinds.weighted))
    add(service, told('backend', 'weighted anew', some, weightsOf));
  return changes;
}

function isConfigured({ flags }: BackendEntry): boolean {
  return (flags & BACKEND_FLAGS.removed) === 0;
}

function byService(backends: readonly BackendEntry[]): Map<number, BackendEntry[]> {
  const groups = new Map<number, BackendEntry[]>();
  for (const backend of backends) {
    const group = groups.get(backend.service);
    if (group === undefined) groups.set(backend.service, [backend]);
    else group.push(backend);
  }
  return groups;
}

function told<T>(
  what: string,
  how: string,
  some: readonly T[],
  nameOf: (one: T) => string = String,
): string[] {
  if (some.length > TOLD_ONE_BY_ONE)
    return [`${some.length} ${what}${what.endsWith('s') ? 'es' : 's'} ${how}`];
  return some.map((one) => `${what} ${nameOf(one)} ${how}`);
}
