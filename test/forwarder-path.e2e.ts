import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../src/lab/host.js';
import { FORWARDED, type ForwarderLab } from './support/forwarded.js';
import { after, afterEach, before, describe, type TestContext, test } from './support/forwarder/test.js';
import { Puppet } from './support/puppet.js';
import { createRoutedLab, GATEWAY, ROUTER_DEVICES } from './support/routed.js';

const { client: own, listen, backend } = FORWARDED;
const PORT = 9000;
const NAT64_PORT = 9064;

/** Clients and backends, by their families. */
const WAYS = {
  ipv4: { listen: listen.ipv4, port: PORT, client: own.ipv4, backend: backend.ipv4 },
  ipv6: { listen: listen.ipv6, port: PORT, client: own.ipv6, backend: backend.ipv6 },
  nat64: { listen: listen.ipv6, port: NAT64_PORT, client: own.ipv6, backend: backend.ipv4 },
} as const;
type Way = (typeof WAYS)[keyof typeof WAYS];

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

let lab: ForwarderLab;
let server: Puppet;
before(async () => {
  lab = await createRoutedLab();
  lab.receive();
  server = await Puppet.listen(lab.backend, PORT);
  await lab.start({
    services: Object.entries(WAYS).map(([name, way]) => ({
      name,
      listen: `${inUrl(way.listen)}:${way.port}`,
      backends: [{ address: `${inUrl(way.backend)}:${PORT}` }],
      health: { type: 'none' },
    })),
  });
});
after(() => lab[Symbol.asyncDispose]());

let nextPort = 4000;

/** A connection whose client the server knows. */
async function open(way: Way): Promise<Puppet> {
  const port = nextPort++;
  const client = Puppet.connect(lab.client, way.listen, way.port, port);
  await client.says('open');
  assert.equal((await server.says('open')).replace('::ffff:', ''), `${way.client} ${port}`);
  return client;
}

/** Sends some, twice, and changes something in between; all of it arrives. */
async function transfer(
  sender: Puppet,
  receiver: Puppet,
  bytes: number,
  change = async () => {},
): Promise<void> {
  sender.tell(`send ${bytes}`);
  await sender.says('sent');
  await change();
  sender.tell(`send ${bytes}`);
  const sum = await sender.says('sent');
  sender.tell('end');
  assert.equal(await receiver.says('got'), `${2 * bytes} ${sum}`);
}

async function end(...puppets: readonly Puppet[]): Promise<void> {
  await Promise.all(puppets.map((puppet) => puppet.says('close')));
}

describe('the path’s MTU falls in mid-connection', () => {
  const BYTES = 2_000_000;
  const MTU = 1400;
  const addresses = [...new Set(Object.values(WAYS).flatMap(({ client, backend }) => [client, backend]))];

  const batch = (host: Host, lines: readonly string[]) =>
    host.run('ip', ['-batch', '-'], { input: lines.join('\n') });
  const fromRouter = (address: string): string => {
    const isClient = Object.values<string>(own).includes(address);
    return `route replace ${address} dev ${ROUTER_DEVICES[isClient ? 'client' : 'backend']}`;
  };

  const fromForwarder = (address: string): string =>
    `route replace ${address} via ${GATEWAY[address.includes(':') ? 'ipv6' : 'ipv4']} dev eth0`;

  // What the kernel told of a route is good for a second.
  const forgotten = () => sleep(1_100);

  afterEach(async () => {
    const flush = (host: Host) =>
      ['-4', '-6'].map((family) => host.run('ip', [family, 'route', 'flush', 'cache']));
    await Promise.all([
      batch(lab.switch, addresses.map(fromRouter)),
      ...[lab.client, lab.backend].flatMap(flush),
    ]);
  });

  /** Who sends on no longer packets from now on: the router, or the forwarder itself by its own route. */
  const NARROWS = {
    'at a router': (_: TestContext, address: string) =>
      batch(lab.switch, [`${fromRouter(address)} mtu lock ${MTU}`]),
    'at the forwarder': async (context: TestContext, address: string) => {
      context.after(async () => {
        await batch(lab.forwarder, [fromForwarder(address)]);
        await forgotten();
      });
      await batch(lab.forwarder, [`${fromForwarder(address)} mtu lock ${MTU}`]);
      await forgotten();
    },
  } as const;

  for (const [family, way] of Object.entries(WAYS))
    for (const [where, narrow] of Object.entries(NARROWS)) {
      test(`${family}, ${where}: up`, async (context) => {
        const before = lab.counters();
        const client = await open(way);
        await transfer(client, server, BYTES, async () => void (await narrow(context, way.backend)));
        server.tell('end');
        await client.says('got');
        await end(client, server);
        const { icmpToClient, tooBig } = lab.counters();
        if (where === 'at a router') assert.ok(icmpToClient > before.icmpToClient);
        else assert.ok(tooBig > before.tooBig);
      });

      test(`${family}, ${where}: down`, async (context) => {
        const before = lab.counters();
        const client = await open(way);
        await transfer(server, client, BYTES, async () => void (await narrow(context, way.client)));
        client.tell('end');
        await server.says('got');
        await end(client, server);
        const { icmpToBackend, tooBig } = lab.counters();
        if (where === 'at a router') assert.ok(icmpToBackend > before.icmpToBackend);
        else assert.ok(tooBig > before.tooBig);
      });
    }
});

test('NAT64 over a path that carries less than any IPv6 path does', async () => {
  const path = ['route', 'replace', backend.ipv4, 'dev', ROUTER_DEVICES.backend];
  await lab.switch.run('ip', [...path, 'mtu', 'lock', '1000']);
  try {
    const client = await open(WAYS.nat64);
    await transfer(client, server, 200_000);
    server.tell('end');
    await client.says('got');
    await end(client, server);
  } finally {
    await lab.switch.run('ip', path);
    await lab.client.run('ip', ['-6', 'route', 'flush', 'cache']);
  }
});

describe('segments are lost, and overtake one another', () => {
  const BYTES = 2_000_000;

  before(async () => {
    // Those that the firewall picks wait in a class of their own, with little bandwidth, and the others pass by.
    for (const device of Object.values(ROUTER_DEVICES))
      for (const command of [
        ['qdisc', 'add', 'dev', device, 'root', 'handle', '1:', 'htb', 'default', '1'],
        ['class', 'add', 'dev', device, 'parent', '1:', 'classid', '1:1', 'htb', 'rate', '10gbit'],
        [
          'class',
          'add',
          'dev',
          device,
          'parent',
          '1:',
          'classid',
          '1:2',
          'htb',
          'rate',
          '40mbit',
          'burst',
          '1600',
        ],
      ])
        await lab.switch.run('tc', command);
    await lab.switch.run('nft', ['-f', '-'], { input: TROUBLE });
  });

  for (const [family, way] of Object.entries(WAYS))
    test(`${family}: every byte arrives, both ways, and the client is known`, async () => {
      const client = await open(way);
      await transfer(client, server, BYTES);
      await transfer(server, client, BYTES);
      await end(client, server);
    });

  test('nobody but the firewall has lost a segment', async () => {
    const { stdout } = await lab.switch.run('nft', ['-j', 'list', 'table', 'inet', 'trouble']);
    const picked = [...stdout.matchAll(/"packets": (\d+)/g)].map(([, packets]) => Number(packets));
    assert.equal(picked.length, 2);
    assert.ok(
      picked.every((packets) => packets > 100),
      `${picked}`,
    );
    const counters = Object.entries(lab.counters());
    const lost = counters.filter(([name, count]) => name.startsWith('drop') && count > 0n);
    assert.deepEqual(lost, []);
  });
});

const TROUBLE = `table inet trouble {
  chain forward {
    type filter hook forward priority 0;
    numgen random mod 100 < 1 counter drop
    numgen random mod 100 < 3 counter meta priority set 1:2
  }
}
`;
