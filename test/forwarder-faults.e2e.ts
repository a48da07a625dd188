import assert from 'node:assert/strict';
import type { CounterName } from '../src/forwarder/layout.js';
import type { Host } from '../src/lab/host.js';
import { waitUntil } from '../src/lab/wait.js';
import { amount } from './support/amount.js';
import { BINARY } from './support/cli.js';
import { createForwarderLab, FORWARDED, type ForwarderLab, type ServiceText } from './support/forwarded.js';
import { afterEach, beforeEach, test } from './support/forwarder/test.js';
import { programPath, reportOf, serve } from './support/load.js';
import { program } from './support/programs.js';
import { Steady, serveSteady } from './support/steady.js';

const { listen, backend, local } = FORWARDED;
const PORT = 7000;
const HELD = 50;
const DEATHS = amount(3, 'deaths of the daemon');
const FLOODED = amount(100_000, 'SYNs of a flood');

const service = (changes: Partial<ServiceText> = {}): ServiceText => ({
  name: 'steady',
  listen: `${listen.ipv4}:${PORT}`,
  backends: [{ address: `${backend.ipv4}:${PORT}` }],
  ...changes,
});

let lab: ForwarderLab;
beforeEach(async () => {
  lab = await createForwarderLab();
  lab.receive();
  await serveSteady(lab.backend, PORT);
});
afterEach(() => lab[Symbol.asyncDispose]());

const open = (count: number): Promise<Steady> => Steady.open(lab.client, listen.ipv4, PORT, count);

test('connections go on, and new ones open, while the daemon is killed or stopped, absent, started again and reloaded', async () => {
  await lab.start({ services: [service()] });
  await using steady = await open(HELD);
  for (let round = 0; round < DEATHS; round++) {
    lab.daemon.kill(round % 2 ? 'SIGTERM' : 'SIGKILL');
    await lab.daemon.exit;
    await steady.assertUsed('without a daemon');
    await using fresh = await open(5);
    await fresh.assertUsed('opened without a daemon');
    await lab.start();
    await steady.assertUsed('after it was taken over');
    const other = { address: `${FORWARDED.plain.ipv4}:${PORT}` };
    const services = [service({ backends: [...service().backends, ...(round % 2 ? [] : [other])] })];
    await lab.reload({ services });
    await steady.assertUsed('after a reload');
    await fresh.assertUsed('after a reload');
    await lab.reload({ services: [service()] });
  }
  const { resetUnknown, resetAborted, dropRace, dropInternal } = lab.counters();
  assert.deepEqual(
    { resetUnknown, resetAborted, dropRace, dropInternal },
    { resetUnknown: 0n, resetAborted: 0n, dropRace: 0n, dropInternal: 0n },
  );
});

/** The client's host sends SYNs, and never acknowledges anything. */
const ACKNOWLEDGES_NOTHING = `table inet lossy {
  chain out { type filter hook output priority 0; tcp dport ${PORT + 1} tcp flags & (syn | rst) == 0 drop; }
}`;

for (const family of ['ipv4', 'ipv6'] as const)
  test(`a client whose acknowledgement never arrives is told that the connection has ended: ${family}`, async () => {
    const at = (address: string) => `${address.includes(':') ? `[${address}]` : address}:${PORT + 1}`;
    await serve(lab.backend, 'peername-server', PORT + 1);
    await lab.start({
      services: [
        service({
          listen: at(listen[family]),
          backends: [{ address: at(backend[family]) }],
          health: { type: 'none' },
          timeouts: { embryonic: '3s' },
        }),
      ],
    });
    await lab.client.run('nft', ['-f', '-'], { input: ACKNOWLEDGES_NOTHING });
    const one = ['--plain', '--count', '1', '--concurrency', '1', '--seconds', '60'];
    const client = lab.client.spawn(programPath('connect-load'), [listen[family], `${PORT + 1}`, ...one]);
    assert.deepEqual((await reportOf(client)).errors, { 'connect ECONNRESET': 1 });
    assert.equal(lab.counted('expiredEmbryo'), 1n);
  });

test('a full table refuses new connections, counts them, and loses none of those it has', async () => {
  const capacity = 40;
  await lab.start({ capacity, services: [service({ health: { type: 'none' } })] });
  const slots = capacity * 1.25;
  await using steady = await open(slots);
  await assertRefused('dropTableFull');
  await steady.assertUsed('with a full table');
  assert.equal(lab.connections().length, slots);
});

test('when every local port is in use, new connections are refused and counted, and a second address helps', async () => {
  const second = '10.1.0.11';
  const services = [service({ health: { type: 'none' } })];
  await lab.start({ services });
  const count = 30;
  lab.limitPorts(count);
  await using steady = await open(count);
  await assertRefused('dropNoPort');
  await steady.assertUsed('with no port left');

  await lab.forwarder.run('ip', ['addr', 'add', `${second}/24`, 'dev', 'eth1']);
  await lab.reload({ services, localAddresses: [...Object.values(local), second] });
  await using more = await open(count);
  await more.assertUsed('from another local address');
  await steady.assertUsed('with a second local address');
});

test('a local address that leaves the configuration keeps its connections, and takes no new ones', async () => {
  const second = '10.1.0.11';
  const services = [service({ health: { type: 'none' } })];
  await lab.forwarder.run('ip', ['addr', 'add', `${second}/24`, 'dev', 'eth1']);
  await lab.start({ services, localAddresses: [local.ipv4] });
  await using steady = await open(HELD);
  await lab.reload({ services, localAddresses: [second] });
  await using _fresh = await open(HELD);
  const by = (address: string): number =>
    lab.connections().filter(({ local: { address: own } }) => own === address).length;
  assert.deepEqual([by(local.ipv4), by(second)], [HELD, HELD]);
  await steady.assertUsed('after its address left the configuration');
});

test('a local address that the host lost is given to no connection until it is back', async () => {
  const second = '10.1.0.11';
  const address = [`${second}/24`, 'dev', 'eth1'];
  await lab.forwarder.run('ip', ['addr', 'add', ...address]);
  const localAddresses = [local.ipv4, second];
  await lab.start({ services: [service({ health: { type: 'none' } })], localAddresses });
  await lab.forwarder.run('ip', ['addr', 'del', ...address]);
  await lab.daemon.waitForLine(/"why":"no address of this host any more, .*: 10\.1\.0\.11; `ip addr add`/);
  const { status, stdout } = await lab.truepeer('forwarder', 'status', '--json');
  assert.equal(status, 2);
  assert.match(
    JSON.parse(stdout).problems.join('\n'),
    /does not fit .*no address of this host any more.*10\.1\.0\.11/,
  );
  await using steady = await open(HELD);
  assert.deepEqual(
    new Set(lab.connections().map((connection) => connection.local.address)),
    new Set([local.ipv4]),
  );
  await lab.forwarder.run('ip', ['addr', 'add', ...address]);
  await lab.daemon.waitForLine(/"msg":"local address 10\.1\.0\.11 removed"/);
  await waitUntil('the address to be given out again', async () => {
    await using _fresh = await open(2);
    return lab.connections().some((connection) => connection.local.address === second);
  });
  assert.equal((await lab.truepeer('forwarder', 'status')).status, 0);
  await steady.assertUsed('after the other address was gone for a while');
});

test('an interface that goes and comes back is forwarded by again, and status tells meanwhile', async () => {
  const inner = 'eth1';
  await lab.start({ services: [service({ health: { type: 'none' } })], localAddresses: [local.ipv4] });
  await using steady = await open(HELD);
  const link = (...args: string[]) => lab.forwarder.run('ip', ['link', 'set', ...args]);
  await link(inner, 'down');
  await link(inner, 'name', 'away');
  await lab.daemon.waitForLine(/"why":"there is no interface eth1: /);
  const { status, stdout } = await lab.truepeer('forwarder', 'status');
  assert.equal(status, 2);
  assert.match(stdout, /interface eth1 is gone/);

  await link('away', 'name', inner);
  await link(inner, 'up');
  await waitUntil(
    'all to be well again',
    async () => (await lab.truepeer('forwarder', 'status')).status === 0,
  );
  await steady.assertUsed('after its interface was away');
  await using fresh = await open(HELD);
  await fresh.assertUsed('by the interface that came back');
});

const managed = async (): Promise<string> =>
  (await lab.forwarder.run('ip', ['neigh', 'show', 'proto', '84'])).stdout;

test('next hops that somebody flushed are kept again, the default gateway among them, until a detach', async () => {
  const { client } = FORWARDED;
  await lab.forwarder.run('ip', ['route', 'add', 'default', 'via', client.ipv4]);
  await lab.start({ services: [service({ health: { type: 'none' } })] });
  const areKept = async () => {
    const kept = await managed();
    return kept.includes(`${client.ipv4} `) && kept.includes(`${backend.ipv4} `);
  };
  await waitUntil('next hops to be kept', areKept);
  for (const address of [client.ipv4, backend.ipv4])
    await lab.forwarder.run('ip', [
      'neigh',
      'del',
      address,
      'dev',
      address === client.ipv4 ? 'eth0' : 'eth1',
    ]);
  assert.equal(await managed(), '');
  await waitUntil('next hops to be kept again', areKept);

  const { status, stderr } = await lab.truepeer('forwarder', 'detach');
  assert.equal(status, 0, stderr);
  assert.equal((await lab.daemon.exit).status, 0);
  assert.equal(await managed(), '');
  assert.doesNotMatch(lab.daemon.stdout.text, /forwarding goes on/);
});

test('a drain does not outlive the forwarder', async () => {
  await lab.start({ services: [service({ health: { type: 'none' } })] });
  await using _steady = await open(HELD);
  const args = ['forwarder', 'drain', 'steady', `${backend.ipv4}:${PORT}`];
  const drain = lab.forwarder.node(BINARY, args);
  await drain.waitForLine(new RegExp(`^${HELD} connections left`));
  await lab.truepeer('forwarder', 'detach');
  assert.equal((await drain.exit).status, 1);
  assert.match(drain.stderr.text, /^truepeer: no forwarder is attached: .*\n$/);
});

test('a daemon that is stopped is told by status', async () => {
  await lab.start({ services: [service({ health: { type: 'none' } })] });
  lab.daemon.kill('SIGSTOP');
  const { status, stdout } = await lab.truepeer('forwarder', 'status');
  lab.daemon.kill('SIGCONT');
  assert.equal(status, 2);
  assert.match(stdout, /the daemon does not answer/);
});

test('a SYN flood from random addresses costs no established connection, and is counted', async (t) => {
  await lab.start({ services: [service({ health: { type: 'none' } })] });
  // What answers the flood goes nowhere, and nobody there resets anything.
  await lab.forwarder.run('ip', ['route', 'add', 'blackhole', '0.0.0.0/0']);
  await using steady = await open(HELD);
  const before = lab.counters();
  const flood = lab.client.spawn(program('syn-flood'), [listen.ipv4, `${PORT}`, `${FLOODED}`]);
  let opened = 0;
  while (flood.running) {
    await steady.assertUsed('during the flood');
    // The flood may evict this one, too, where its ACK comes late; then it is tried again, as clients do.
    if (await connectOnce()) opened++;
  }
  assert.ok(opened > 0, 'new connections come about during the flood');
  assert.equal((await flood.closed).status, 0, flood.output.text);
  await steady.assertUsed('after the flood');
  // Or embryos expire between the two readings.
  lab.daemon.kill('SIGTERM');
  await lab.daemon.exit;
  const after = lab.counters();
  const dropped = await droppedBy(lab.client);
  const grown = Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name as keyof typeof before]]),
  ) as typeof after;
  t.diagnostic(JSON.stringify(grown, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
  // What did not fit the client's own queue never left it. Whatever was opened is established, ended, or still there.
  assert.ok(grown.opened + dropped >= BigInt(FLOODED), 'every SYN has a counter');
  const waiting = lab.connections().filter(({ state }) => state.startsWith('syn-'));
  assert.equal(
    grown.opened - grown.established,
    grown.evictedEmbryo + grown.expiredEmbryo + BigInt(waiting.length),
  );
  assert.ok(grown.evictedEmbryo > 0n);
  assert.equal(grown.expiredEstablished, 0n);
  assert.equal(grown.dropInternal, 0n);
});

/** No connection comes about, and that is counted, as soon as a SYN has got there. */
async function assertRefused(counter: CounterName): Promise<void> {
  await waitUntil(`${counter} to be counted`, async () => {
    assert.equal(await connectOnce(), false);
    return lab.counted(counter) >= 1n;
  });
}

const EXCHANGE = `
  const socket = require('node:net').connect(${PORT}, '${listen.ipv4}', () => socket.write('x'));
  socket.on('data', () => process.exit(0)).on('error', () => process.exit(1));
  setTimeout(() => process.exit(1), 3_000);`;

/** Whether a connection comes about, on which something can be said. */
async function connectOnce(): Promise<boolean> {
  return (await lab.client.run(process.execPath, ['-e', EXCHANGE], { check: false })).status === 0;
}

/** What did not get out of a host's queue. */
async function droppedBy(host: Host): Promise<bigint> {
  const { stdout } = await host.run('ip', ['-s', '-json', 'link', 'show', 'eth0']);
  return BigInt(JSON.parse(stdout)[0].stats64.tx.dropped);
}
