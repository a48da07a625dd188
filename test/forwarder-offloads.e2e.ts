import assert from 'node:assert/strict';
import { forwarderStatusShape } from '../src/cli/json-shapes/index.js';
import { takesRedirects } from '../src/kernel/xdp-features.js';
import type { Host } from '../src/lab/host.js';
import { waitUntil } from '../src/lab/wait.js';
import { amount } from './support/amount.js';
import { createForwarderLab, FORWARDED, type ForwarderLab } from './support/forwarded.js';
import { after, before, test } from './support/forwarder/test.js';
import { SITE, startNginx } from './support/forwarder-sites.js';

const { client: own, listen, backend } = FORWARDED;
const URL = `http://${listen.ipv4}:${SITE.nginx}`;
const BULK_MIB = amount(8, 'MiB in each transfer');

/** What a veth may be set to, and what each end of the forwarder's cables is set to here. */
interface Offloads {
  readonly tso: boolean;
  readonly gro: boolean;
  readonly tx: boolean;
}
const EITHER = [true, false] as const;
const MATRIX: readonly Offloads[] = EITHER.flatMap((tso) =>
  EITHER.flatMap((gro) => EITHER.map((tx) => ({ tso, gro, tx }))),
);

/** Frames from a program are taken by an end that polls, and nobody computes what was left to a card. */
const canWork = ({ gro, tx }: Offloads): boolean => gro && !tx;

let lab: ForwarderLab;
before(async () => {
  lab = await createForwarderLab();
  lab.receive();
  await startNginx(lab.backend);
  const service = {
    name: 'web',
    listen: `${listen.ipv4}:${SITE.nginx}`,
    backends: [{ address: `${backend.ipv4}:${SITE.nginx}` }],
    health: { type: 'none' },
  };
  await lab.start({ services: [service] });
  await lab.client.run('dd', ['if=/dev/urandom', 'of=bulk', 'bs=1M', `count=${BULK_MIB}`]);
});
after(() => lab[Symbol.asyncDispose]());

async function set(host: Host, device: string, { tso, gro, tx }: Offloads): Promise<void> {
  const onOff = (on: boolean) => (on ? 'on' : 'off');
  await host.run('ethtool', ['-K', device, 'tx', onOff(tx), 'tso', onOff(tso), 'gro', onOff(gro)]);
}

/** Both ends of the cable to the client; the backend's own, too, of the one to the switch. */
const CABLES = {
  client: (): [Host, string][] => [
    [lab.client, 'eth0'],
    [lab.forwarder, 'eth0'],
  ],
  backend: (): [Host, string][] => [
    [lab.backend, 'eth0'],
    [lab.switch, 'eth0'],
    [lab.forwarder, 'eth1'],
  ],
} as const;
type Side = keyof typeof CABLES;

async function setSides(sides: Readonly<Partial<Record<Side, Offloads>>>): Promise<void> {
  for (const [side, offloads] of Object.entries(sides) as [Side, Offloads][])
    for (const [host, device] of CABLES[side]()) await set(host, device, offloads);
}

const curl = (...args: readonly string[]) =>
  lab.client.run('curl', ['-sS', '--fail', '--connect-timeout', '1', '--max-time', '60', ...args], {
    check: false,
  });

async function problems(): Promise<string> {
  const { stdout } = await lab.truepeer('forwarder', 'status', '--json');
  const status = forwarderStatusShape.parse(JSON.parse(stdout));
  assert.ok(status.attached);
  return status.problems.join('\n');
}

async function sumOf(host: Host, file: string): Promise<string> {
  return (await host.run('sha256sum', [file])).stdout.split(' ')[0]!;
}

const describe = (offloads: Offloads): string =>
  Object.entries(offloads)
    .map(([name, on]) => `${name} ${on ? 'on' : 'off'}`)
    .join(', ');

for (const offloads of MATRIX.filter(canWork)) {
  test(`${describe(offloads)}: files arrive whole, and the client is known`, async () => {
    await setSides({ client: offloads, backend: offloads });
    const answer = await curl('--local-port', '4001-4999', `${URL}/who`);
    assert.match(answer.stdout, new RegExp(`^${own.ipv4} 4\\d{3}\n$`), answer.stderr);
    assert.equal((await curl('--upload-file', 'bulk', `${URL}/files/bulk`)).status, 0);
    assert.equal((await curl('-o', 'back', `${URL}/files/bulk`)).status, 0);
    const expected = await sumOf(lab.client, 'bulk');
    assert.deepEqual(
      [await sumOf(lab.backend, 'files/bulk'), await sumOf(lab.client, 'back')],
      [expected, expected],
    );
    assert.equal(await problems(), '');
  });
}

const GOOD: Offloads = { tso: false, gro: true, tx: false };

/** Kernels before 6.3 do not tell who takes frames. */
const TELLS = takesRedirects(1) !== undefined;

/** What does not work, and what tells. */
const BROKEN: readonly Readonly<Partial<Record<Side, Offloads>>>[] = [
  ...MATRIX.filter((offloads) => !canWork(offloads)).map((offloads) => ({
    client: offloads,
    backend: offloads,
  })),
  { client: { ...GOOD, tx: true }, backend: GOOD },
  { client: GOOD, backend: { ...GOOD, tx: true } },
  { client: { ...GOOD, gro: false }, backend: GOOD },
  { client: GOOD, backend: { ...GOOD, gro: false } },
];

for (const sides of BROKEN) {
  const { client, backend } = sides as Record<Side, Offloads>;
  const name =
    client === backend
      ? describe(client)
      : `${describe(client)} to the client, ${describe(backend)} to the backend`;
  test(`${name}: no connection, and status says why`, async () => {
    await setSides(sides);
    const before = lab.counted('dropUnsummed');
    assert.equal((await curl(`${URL}/lost`)).status, 28);
    const told = await problems();
    const { stdout } = await lab.truepeer('forwarder', 'check', lab.configFile);
    for (const [device, { gro }] of [
      ['eth0', client],
      ['eth1', backend],
    ] as const) {
      const deaf = new RegExp(`nothing that is forwarded leaves by ${device}: .*ethtool -K PEER gro on`);
      assert.deepEqual([deaf.test(told), deaf.test(stdout)], [TELLS && !gro, TELLS && !gro], told + stdout);
    }
    // The backend's SYN-ACK comes only where its way is open.
    if (!client.tx && !(backend.tx && backend.gro)) return;
    assert.ok(lab.counted('dropUnsummed') > before);
    await waitUntil('status to tell', async () => {
      if (/^connections are dropped.*tx off/m.test(await problems())) return true;
      // It tells of the last minute, which an emulated machine may need for what is asked above.
      await curl(`${URL}/lost`);
      return false;
    });
  });
}

test('the log tells of checksums that nobody has computed', () => {
  assert.match(lab.daemon.output.text, /segments come without a checksum/);
});
