import assert from 'node:assert/strict';
import fc from 'fast-check';
import { apply, readCurrent } from '../src/forwarder/apply.js';
import { isOpen, readBackends, readServices } from '../src/forwarder/entries.js';
import { addressKey, fromBytes, listenerKey, stationKey, upstreamKey } from '../src/forwarder/keys.js';
import { BACKEND, BACKEND_FLAGS, FORWARDER_COUNTERS, LIMITS, SERVICE } from '../src/forwarder/layout.js';
import { loadAnew } from '../src/forwarder/load.js';
import { readLocals } from '../src/forwarder/locals.js';
import { type Mark, markBackends } from '../src/forwarder/mark.js';
import { planTarget } from '../src/forwarder/plan.js';
import { Reaper } from '../src/forwarder/reaper.js';
import { type ForwarderSettings, SCHEDULERS } from '../src/forwarder/settings.js';
import { backend, someService, someSettings } from '../src/forwarder/settings.test.helper.js';
import { Tables } from '../src/forwarder/tables.js';
import { index, keys, lookup, lookupPerCpu, update } from '../src/kernel/map.js';
import type { LoadedObject } from '../src/kernel/object.js';
import { formatEndpoint, parseCidr, parseEndpoint } from '../src/wire/index.js';
import { amount } from './support/amount.js';
import { afterEach, beforeEach, test } from './support/forwarder/test.js';

let object: LoadedObject;
let tables: Tables;

beforeEach(() => {
  object = loadAnew(someSettings());
  tables = new Tables((name) => object.map(name));
});
afterEach(() => {
  tables[Symbol.dispose]();
  object[Symbol.dispose]();
});

const EGRESS = { ifindex: 7, port: 7, vlan: 0, mac: '02:00:00:00:00:07', isVeth: true };

function take(settings: ForwarderSettings, egresses = [EGRESS]): void {
  const current = readCurrent(tables);
  apply(tables, current, planTarget(settings, egresses, current), false);
}

/** The numbers of a service's schedule. */
function scheduled(service: number): number[] {
  const length = tables.services.word(service, SERVICE.schedule);
  return Array.from({ length }, (_, at) => tables.schedule.word(service * LIMITS.scheduleSize + at, 0));
}

/** A map of numbers, by key as text. */
function entriesOf(name: Parameters<Tables['map']>[0]): Map<string, number> {
  const map = tables.map(name);
  return new Map([...keys(map)].map((key) => [fromBytes(key), lookup(map, key, 4)!.readUInt32LE()]));
}

/** Which number everything that is configured has. */
function numbers(): Map<string, number> {
  const names = new Map(readServices(tables).map(({ number, listen }) => [number, formatEndpoint(listen)]));
  return new Map([
    ...[...names].map(([number, name]) => [name, number] as const),
    ...readBackends(tables).map(
      ({ number, service, endpoint }) =>
        [`${names.get(service)} ${formatEndpoint(endpoint)}`, number] as const,
    ),
  ]);
}

/** Asserts that the maps hold what the settings say, and that nothing in them leads astray. */
function assertHolds({ services, localAddresses }: ForwarderSettings): void {
  const open = new Map(
    readServices(tables)
      .filter(isOpen)
      .map((entry) => [entry.name, entry]),
  );
  assert.deepEqual([...open.keys()].sort(), services.map(({ name }) => name).sort());
  const numberOf = (name: string) => open.get(name)!.number;
  assert.deepEqual(
    entriesOf('listeners'),
    new Map(services.map(({ listen, name }) => [listenerKey(listen), numberOf(name)])),
  );
  const addresses = [...services.map(({ listen }) => listen.address), ...localAddresses].map(addressKey);
  assert.deepEqual(new Set(entriesOf('addresses').keys()), new Set(addresses));
  const upstreams = services.flatMap(({ name, trustUpstream }) =>
    trustUpstream.map((network) => upstreamKey(numberOf(name), network)),
  );
  assert.deepEqual(new Set(entriesOf('upstreams').keys()), new Set(upstreams));
  assert.deepEqual(new Set(readLocals(tables)), new Set(localAddresses));

  const backends = new Map(readBackends(tables).map((entry) => [entry.number, entry]));
  for (const { name, scheduler, backends: configured } of services) {
    const service = open.get(name)!;
    assert.equal(service.scheduler, scheduler);
    const own = new Set<string>();
    for (const number of scheduled(service.number)) {
      const entry = backends.get(number)!;
      assert.equal(entry.service, service.number);
      assert.equal(entry.flags & ~BACKEND_FLAGS.used, BACKEND_FLAGS.up);
      own.add(formatEndpoint(entry.endpoint));
    }
    const available = configured.filter(({ endpoint, weight }) => {
      const entry = [...backends.values()].find(
        (other) =>
          other.service === service.number && formatEndpoint(other.endpoint) === formatEndpoint(endpoint),
      )!;
      assert.equal(entry.weight, weight);
      return weight > 0 && (entry.flags & ~BACKEND_FLAGS.used) === BACKEND_FLAGS.up;
    });
    assert.deepEqual(own, new Set(available.map(({ endpoint }) => formatEndpoint(endpoint))));
  }
}

/** Up to four services with up to five backends each, out of a few, so that the same ones come and go. */
const someServices = fc
  .uniqueArray(
    fc.record({
      at: fc.integer({ min: 1, max: 4 }),
      scheduler: fc.constantFrom(...SCHEDULERS),
      trusts: fc.boolean(),
      backends: fc.uniqueArray(
        fc.record({ at: fc.integer({ min: 1, max: 5 }), weight: fc.integer({ min: 0, max: 3 }) }),
        { minLength: 1, selector: ({ at }) => at },
      ),
    }),
    { minLength: 1, selector: ({ at }) => at },
  )
  .map((services) =>
    services.map(({ at, scheduler, trusts, backends }) =>
      someService({
        name: `s${at}`,
        listen: { address: `198.51.100.${at}`, port: 443 },
        scheduler,
        trustUpstream: trusts ? [parseCidr('192.0.2.0/24'), parseCidr(`2001:db8:${at}::/48`)] : [],
        health: { type: 'tcp', interval: 1, timeout: 1, rise: 1, fall: 1, path: '/', expect: [] },
        backends: backends.map((one) => backend(`10.0.1.${one.at}:80`, one.weight)),
      }),
    ),
  );
const someLocals = fc.uniqueArray(
  fc.constantFrom('10.0.0.1', '10.0.0.2', '198.51.100.1', '2001:db8::1', '2001:db8::2'),
  { minLength: 1 },
);

test('after any changes the maps hold what the settings say, and everything has the number it had', () => {
  const steps = fc.array(fc.tuple(someServices, someLocals, fc.array(fc.nat(40)), fc.boolean()), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(steps, (changes) => {
      const reaper = new Reaper(tables);
      for (const [services, localAddresses, moods, reaps] of changes) {
        const before = numbers();
        const settings = someSettings({ services, localAddresses });
        take(settings);
        assertHolds(settings);
        for (const [name, number] of numbers())
          if (before.has(name)) assert.equal(number, before.get(name), name);

        const all = readBackends(tables);
        const marks = moods.map(
          (mood): Mark => ({
            backend: all[mood % all.length]!.number,
            up: mood % 2 === 0,
            draining: mood % 3 === 0,
          }),
        );
        markBackends(tables, marks);
        assertHolds(settings);
        if (reaps) for (let look = 0; look < 2; look++) reaper.reap();
        assertHolds(settings);
      }
    }),
    { numRuns: amount(20, 'random histories') },
  );
});

const LISTEN = parseEndpoint('198.51.100.1:443');
const two = [backend('10.0.1.1:80'), backend('10.0.1.2:80')];
const withBackends = (...backends: typeof two) =>
  someSettings({ services: [someService({ listen: LISTEN, backends })] });

test('a removed backend has its number until its last connection ends, and is looked at twice then', () => {
  const reaper = new Reaper(tables);
  take(withBackends(...two));
  tables.backends.setWord(1, BACKEND.active, 1);
  take(withBackends(two[1]!));
  const known = () => readBackends(tables).map(({ number }) => number);
  for (let look = 0; look < 3; look++) reaper.reap();
  assert.deepEqual(known(), [1, 2]);
  take(withBackends(two[1]!, backend('10.0.1.3:80')));
  assert.deepEqual(known(), [1, 2, 3]);
  tables.backends.setWord(1, BACKEND.active, 0);
  reaper.reap();
  assert.deepEqual(known(), [1, 2, 3], 'somebody may have chosen it just before');
  reaper.reap();
  assert.deepEqual(known(), [2, 3]);
  take(withBackends(two[1]!, backend('10.0.1.3:80'), backend('10.0.1.4:80')));
  assert.deepEqual(known(), [1, 2, 3]);
});

test('a closed service has its entry for as long as it has connections', () => {
  const reaper = new Reaper(tables);
  take(withBackends(...two));
  tables.backends.setWord(2, BACKEND.active, 1);
  const other = someSettings({
    services: [someService({ name: 'other', listen: parseEndpoint('198.51.100.2:80') })],
  });
  take(other);
  for (let look = 0; look < 3; look++) reaper.reap();
  const services = () => readServices(tables).map((entry) => [entry.number, entry.name, isOpen(entry)]);
  assert.deepEqual(services(), [
    [1, 'web', false],
    [2, 'other', true],
  ]);
  assert.deepEqual(scheduled(1), []);
  tables.backends.setWord(2, BACKEND.active, 0);
  for (let look = 0; look < 2; look++) reaper.reap();
  assert.deepEqual(services(), [[2, 'other', true]]);
});

test('a number that was in use begins at zero', () => {
  const counters = tables.map('counters');
  const counted = () =>
    lookupPerCpu(counters, index(1), FORWARDER_COUNTERS.size).reduce(
      (sum, bytes) => sum + bytes.readBigUInt64LE(0),
      0n,
    );
  take(withBackends(...two));
  const cpus = lookupPerCpu(counters, index(1), FORWARDER_COUNTERS.size).length;
  update(counters, index(1), Buffer.alloc(cpus * FORWARDER_COUNTERS.size, 1));
  tables.backends.setWord(1, BACKEND.opened, 99);
  take(withBackends(two[0]!));
  assert.notEqual(counted(), 0n, 'a change leaves the counts alone');
  assert.equal(tables.backends.word(1, BACKEND.opened), 99);

  const moved = someSettings({
    services: [someService({ listen: parseEndpoint('198.51.100.9:1'), backends: two })],
  });
  take(moved);
  const reaper = new Reaper(tables);
  for (let look = 0; look < 2; look++) reaper.reap();
  take(withBackends(...two));
  assert.equal(numbers().get('198.51.100.1:443'), 1);
  assert.equal(counted(), 0n);
  const [first] = readBackends(tables).filter(({ service }) => service === 1);
  assert.equal(tables.backends.word(first!.number, BACKEND.opened), 0);
});

test('marks are found by whoever comes next, and the schedules go by them', () => {
  take(withBackends(...two));
  markBackends(tables, [
    { backend: 1, up: false },
    { backend: 2, draining: true },
  ]);
  assert.deepEqual(scheduled(1), []);
  markBackends(tables, [{ backend: 1, up: true }]);
  assert.deepEqual(new Set(scheduled(1)), new Set([1]));
  const flags = readBackends(tables).map((entry) => entry.flags);
  const { used, up, draining } = BACKEND_FLAGS;
  assert.deepEqual(flags, [used | up, used | up | draining]);
});

test('frames may be sent by the interfaces there are now, each under the number it had', () => {
  const other = { ...EGRESS, ifindex: 8, vlan: 100, mac: '02:00:00:00:00:08' };
  const stations = (...macs: readonly string[]) => new Map(macs.map((mac) => [stationKey(mac), 1]));
  take(withBackends(...two), [EGRESS, other]);
  assert.deepEqual(entriesOf('stations'), stations(EGRESS.mac, other.mac));
  assert.deepEqual(
    entriesOf('egress_of'),
    new Map([
      [fromBytes(index(7)), 1],
      [fromBytes(index(8)), 2],
    ]),
  );
  take(withBackends(...two), [other]);
  assert.deepEqual(entriesOf('egress_of'), new Map([[fromBytes(index(8)), 2]]));
  assert.deepEqual(entriesOf('stations'), stations(other.mac));
  assert.deepEqual(readCurrent(tables).egresses, [
    { ...EGRESS, number: 1 },
    { ...other, number: 2 },
  ]);
});
