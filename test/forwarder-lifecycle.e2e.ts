import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { detachForwarder } from '../src/forwarder/detach.js';
import { readBackends, readServices } from '../src/forwarder/entries.js';
import { Forwarder, type Started } from '../src/forwarder/forwarder.js';
import { attachedInterfaces, type ForwarderMap, forwarderPlan } from '../src/forwarder/installation.js';
import { BACKEND_FLAGS } from '../src/forwarder/layout.js';
import { memoryFor } from '../src/forwarder/sizes.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { KernelError } from '../src/kernel/errors.js';
import { linkInfo, mapInfo, programById, programInfo } from '../src/kernel/info.js';
import { interfaceIndex } from '../src/kernel/interface.js';
import { openPinned } from '../src/kernel/pin.js';
import { programIds } from '../src/kernel/program-ids.js';
import { attachXdp, XdpMode } from '../src/kernel/xdp-link.js';
import { run } from '../src/lab/run.js';
import { waitUntil } from '../src/lab/wait.js';
import { PIN_ROOT } from '../src/lifecycle/plan.js';
import { stride } from './support/amount.js';
import { FORWARDER_SCRIPT, type ForwarderOrder, prepare, type Section } from './support/forwarder/on-host.js';
import { after, afterEach, before, test } from './support/forwarder/test.js';
import { Changes } from './support/lifecycle.js';

/** Both ends of each pair are here: nothing is sent. The dot is one that bpffs does not take in a name. */
const INTERFACES = ['tp0', 'tp.1'] as const;

const { directory } = forwarderPlan();
let changes: Changes<ForwarderOrder>;

before(async () => {
  changes = new Changes(FORWARDER_SCRIPT);
  for (const name of INTERFACES) await addInterface(name);
});
afterEach(async () => {
  await detachForwarder();
  await waitUntilNothingRemains();
});
after(async () => {
  changes[Symbol.dispose]();
  for (const name of INTERFACES) await run(['ip', 'link', 'del', name]);
});

async function addInterface(name: string): Promise<void> {
  await run(['ip', 'link', 'add', name, 'up', 'type', 'veth', 'peer', 'name', `${name}p`]);
  await run(['ip', 'link', 'set', `${name}p`, 'up']);
}

function section(changed: Section = {}): Section {
  return {
    interfaces: INTERFACES,
    localAddresses: ['10.0.0.10'],
    capacity: 1_000,
    services: [
      {
        name: 'web',
        listen: '198.51.100.10:443',
        backends: [{ address: '10.0.1.11:8443' }, { address: '10.0.1.12:8443' }],
      },
    ],
    ...changed,
  };
}

async function start(changed: Section = {}): Promise<Started> {
  return Forwarder.start(...(await prepare(section(changed))));
}

/** The programs on the interfaces, by their ids; of those that have none, nothing. */
async function programsOnInterfaces(): Promise<(number | undefined)[]> {
  const { stdout } = await run(['ip', '-json', 'link', 'show']);
  const links = JSON.parse(stdout) as { ifname: string; xdp?: { prog: { id: number } } }[];
  return INTERFACES.map((name) => links.find(({ ifname }) => ifname === name)?.xdp?.prog.id);
}

/** Every trace of a forwarder: pins, programs on interfaces, programs in the kernel. */
async function remains(): Promise<string[]> {
  const attached = (await programsOnInterfaces()).filter((id) => id !== undefined);
  return [
    ...(existsSync(PIN_ROOT) ? [PIN_ROOT, ...readdirSync(PIN_ROOT, { recursive: true })].map(String) : []),
    ...attached.map((id) => `program ${id} on an interface`),
    ...[...programIds()].filter(isOurs).map((id) => `program ${id}`),
  ];
}

/** Other laboratories have forwarders of their own: only programs with one of our maps are ours. */
const ourMaps = new Set<number>();
function isOurs(id: number): boolean {
  try {
    using program = programById(id);
    return programInfo(program).mapIds.some((map) => ourMaps.has(map));
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function waitUntilNothingRemains(): Promise<void> {
  let last: string[] = [];
  await waitUntil('the end of every trace', async () => {
    last = await remains();
    return last.length === 0;
  }).catch((cause: unknown) => {
    throw new Error(`there still is ${last.join(', ')}`, { cause });
  });
}

function withPinned<T>(name: string, look: (object: Descriptor) => T): T {
  using object = openPinned(join(directory, name));
  return look(object);
}

const mapIdOf = (name: ForwarderMap): number => {
  const id = withPinned(name, (map) => mapInfo(map).id);
  ourMaps.add(id);
  return id;
};

test('a start attaches to every interface, and what it attached goes on without it', async () => {
  const { forwarder, outcome, changes: told } = await start();
  const map = mapIdOf('connections');
  assert.equal(outcome, 'attached');
  assert.deepEqual(told, [
    'local address 10.0.0.10 added',
    'service web: opened on 198.51.100.10:443, maglev',
    'service web: backend 10.0.1.11:8443 added',
    'service web: backend 10.0.1.12:8443 added',
  ]);
  forwarder[Symbol.dispose]();
  const programs = await programsOnInterfaces();
  assert.ok(programs.every((id) => id !== undefined && isOurs(id)));
  assert.deepEqual(new Set(attachedInterfaces()), new Set(INTERFACES));
  assert.equal(mapIdOf('connections'), map);
});

test('the next one takes over, with its maps and what was noted in them', async () => {
  const first = await start();
  const maps = Object.keys(forwarderPlan().maps) as ForwarderMap[];
  const before = maps.map(mapIdOf);
  const programs = await programsOnInterfaces();
  first.forwarder.mark([{ backend: 1, up: false }]);
  first.forwarder[Symbol.dispose]();

  const { forwarder, outcome, changes: told } = await start();
  using _forwarder = forwarder;
  assert.deepEqual([outcome, told], ['replaced', []]);
  assert.deepEqual(maps.map(mapIdOf), before);
  assert.ok((await programsOnInterfaces()).every((id, at) => id !== undefined && id !== programs[at]));
  const flags = readBackends(forwarder.tables).map((entry) => entry.flags);
  assert.deepEqual(flags, [BACKEND_FLAGS.used, BACKEND_FLAGS.used | BACKEND_FLAGS.up]);
});

test('a reload changes settings and interfaces, and no program that need not', async () => {
  const { forwarder } = await start({ interfaces: ['tp0'] });
  using _forwarder = forwarder;
  mapIdOf('connections');
  const [program, none] = await programsOnInterfaces();
  assert.equal(none, undefined);
  assert.deepEqual(forwarder.reload(...(await prepare(section({ interfaces: ['tp0'] })))), []);

  const services = [{ name: 'www', listen: '198.51.100.10:80', backends: [{ address: '10.0.1.12:80' }] }];
  assert.deepEqual(forwarder.reload(...(await prepare(section({ services })))), [
    'service www: opened on 198.51.100.10:80, maglev',
    'service www: backend 10.0.1.12:80 added',
    'service web: closed',
  ]);
  assert.deepEqual(await programsOnInterfaces(), [program, program]);
  forwarder.reload(...(await prepare(section({ interfaces: ['tp.1'] }))));
  assert.deepEqual(await programsOnInterfaces(), [undefined, program]);
  assert.deepEqual(attachedInterfaces(), ['tp.1']);
});

test('an option that nobody was known to write makes other programs necessary', async () => {
  const { forwarder } = await start();
  using _forwarder = forwarder;
  mapIdOf('connections');
  const [before] = await programsOnInterfaces();
  const [service] = section().services as Section[];
  const services = [{ ...service, toa: { kinds: ['77/8'] } }];
  assert.deepEqual(forwarder.reload(...(await prepare(section({ services })))), [
    'service web: settings changed',
  ]);
  const [now] = await programsOnInterfaces();
  assert.notEqual(now, before);
  forwarder.reload(...(await prepare(section({ services }))));
  assert.equal((await programsOnInterfaces())[0], now);
});

test('programs that were exchanged are let go', async () => {
  const { forwarder } = await start();
  using _forwarder = forwarder;
  mapIdOf('connections');
  const [service] = section().services as Section[];
  const reload = async (kind: number) => {
    const services = [{ ...service, toa: { kinds: [`${kind}/8`] } }];
    forwarder.reload(...(await prepare(section({ services }))));
    return readdirSync('/proc/self/fd').length;
  };
  const before = await reload(77);
  for (let kind = 78; kind < 81; kind++) await reload(kind);
  assert.ok((await reload(81)) <= before);
});

test('an interface that was made anew is attached to by the next reload', async () => {
  const { forwarder } = await start();
  using _forwarder = forwarder;
  mapIdOf('connections');
  await run(['ip', 'link', 'del', 'tp0']);
  await addInterface('tp0');
  assert.equal((await programsOnInterfaces())[0], undefined);
  forwarder.reload(...(await prepare(section())));
  assert.notEqual((await programsOnInterfaces())[0], undefined);
});

test('all or nothing: where one interface refuses, the other is left alone', async () => {
  const { forwarder: another } = await start({ interfaces: ['tp0'] });
  mapIdOf('connections');
  using taken = attachXdp(another.program('forwarder'), interfaceIndex('tp.1')!, 'tp.1', XdpMode.native);
  const before = await programsOnInterfaces();
  await assert.rejects(
    async () =>
      another.reload(...(await prepare(section({ capacity: 1_000, localAddresses: ['10.0.0.99'] })))),
    /XdpRefusedError: tp\.1 takes no XDP program.*another program has it/,
  );
  assert.deepEqual(await programsOnInterfaces(), before);
  assert.deepEqual(attachedInterfaces(), ['tp0']);
  assert.deepEqual(
    readServices(another.tables).map(({ name }) => name),
    ['web'],
  );
  another[Symbol.dispose]();

  await detachForwarder();
  assert.equal(linkInfo(taken).ifindex, interfaceIndex('tp.1'));
  await assert.rejects(start(), /tp\.1 takes no XDP program/);
  assert.deepEqual(await programsOnInterfaces(), [undefined, before[1]]);
  assert.ok(!existsSync(directory));
  await assert.rejects(
    start({ interfaces: ['tp0', 'tp9'] }),
    /^NoInterfaceError: there is no interface tp9: /,
  );
  assert.ok(!existsSync(directory));
});

test('what cannot be taken over is left as it is, and said', async () => {
  const { forwarder } = await start();
  using _forwarder = forwarder;
  mapIdOf('connections');
  const programs = await programsOnInterfaces();
  const refused = { name: 'AttachedOtherwiseError' };
  const capacity = /room for 1000 connections, and `capacity: 2000` .* `truepeer forwarder detach` first/;
  await assert.rejects(start({ capacity: 2_000 }), { ...refused, message: capacity });
  const order = await prepare(section({ capacity: 2_000 }));
  assert.throws(() => forwarder.reload(...order), { ...refused, message: capacity });

  unlinkSync(join(directory, 'upstreams'));
  await assert.rejects(start(), {
    ...refused,
    message:
      /another version of TruePeer \(it has no map `upstreams`\): run `truepeer forwarder detach` first/,
  });
  assert.deepEqual(await programsOnInterfaces(), programs);
});

test('a forwarder that was detached, or replaced by another one, is not reloaded', async () => {
  const { forwarder } = await start();
  using _forwarder = forwarder;
  mapIdOf('connections');
  const order = await prepare(section());
  assert.equal(await detachForwarder(), true);
  assert.equal(await detachForwarder(), false);
  assert.throws(() => forwarder.reload(...order), { name: 'NotAttachedError' });
  const other = await start();
  mapIdOf('connections');
  assert.throws(() => forwarder.reload(...order), /another forwarder was attached meanwhile/);
  other.forwarder[Symbol.dispose]();
});

test('the memory that is told is what the kernel takes', async () => {
  const { forwarder } = await start({ capacity: 100_000 });
  using _forwarder = forwarder;
  mapIdOf('connections');
  const bytes = (Object.keys(forwarderPlan().maps) as ForwarderMap[])
    .map((name) => readFileSync(`/proc/self/fdinfo/${forwarder.tables.map(name).fd}`, 'utf8'))
    .reduce((sum, text) => sum + Number(/^memlock:\s*(\d+)$/m.exec(text)?.[1]), 0);
  const told = memoryFor(100_000);
  assert.ok(Math.abs(told - bytes) < bytes / 10, `${told} told, ${bytes} taken`);
});

/** Whether a change was killed at its n-th system call: false where it makes fewer. */
async function isKilledAt(n: number, order: ForwarderOrder): Promise<boolean> {
  const change = await changes.next();
  await change.goUntilCall(n, order);
  return (await change.outcome()) === 'killed';
}

/** Whatever is there can be taken over and made whole. */
async function assertRecovers(changed: Section = {}): Promise<void> {
  const { forwarder } = await start(changed);
  using _forwarder = forwarder;
  mapIdOf('connections');
  const { interfaces } = section(changed) as { interfaces: string[] };
  assert.deepEqual(new Set(attachedInterfaces()), new Set(interfaces));
  const wanted = INTERFACES.map((name) => interfaces.includes(name));
  assert.deepEqual(
    (await programsOnInterfaces()).map((id) => id !== undefined),
    wanted,
  );
  assert.deepEqual(
    readServices(forwarder.tables).map(({ name }) => name),
    ['web'],
  );
}

/** A start makes hundreds, most of which read or write one value of a map; a detach makes a few. */
const STRIDE = stride(11, 'system calls of a start');
const DETACH_STRIDE = stride(1, 'system calls of a detach');

test('a start that is killed at any step is made whole by the next, or removed by a detach', async (t) => {
  const order = await prepare(section());
  let kills = 0;
  for (let n = 1; await isKilledAt(n, { start: order }); n += STRIDE, kills++) {
    if (kills % 2 === 0) await assertRecovers();
    await detachForwarder();
    await waitUntilNothingRemains();
  }
  t.diagnostic(`${kills} kills`);
  await assertRecovers();
});

test('a takeover that is killed at any step is made whole by the next', async (t) => {
  (await start()).forwarder[Symbol.dispose]();
  let kills = 0;
  const one = await prepare(section({ interfaces: ['tp.1'], localAddresses: ['10.0.0.10', '10.0.0.11'] }));
  const other = await prepare(section());
  for (let n = 1; await isKilledAt(n, { start: kills % 2 === 0 ? one : other }); n += STRIDE, kills++)
    if (kills % 5 === 0) await assertRecovers();
  t.diagnostic(`${kills} kills`);
  await assertRecovers();
});

test('a detach that is killed at any step is completed by the next, or undone by a start', async () => {
  for (let n = 1, killed = true; killed; n += DETACH_STRIDE) {
    await assertRecovers();
    killed = await isKilledAt(n, 'detach');
  }
});
