import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { LOCAL_PORTS } from '../src/forwarder/ports.js';
import type { Host } from '../src/lab/host.js';
import { waitUntil } from '../src/lab/wait.js';
import { createForwarderLab, FORWARDED, type ForwarderLab, type ServiceText } from './support/forwarded.js';
import { afterEach, beforeEach, test } from './support/forwarder/test.js';
import { SITE, startNginx } from './support/forwarder-sites.js';
import { Steady, serveSteady } from './support/steady.js';

const { listen, backend, plain } = FORWARDED;
const PORT = 7000;
const HELD = 40;
const FRESH = 10;

/** So often that a test need not wait long for them, and not more hasty than a busy machine allows. */
const OFTEN = { interval: '2s', timeout: '2s', rise: 1, fall: 2 } as const;

const service = (changes: Partial<ServiceText> = {}): ServiceText => ({
  name: 'steady',
  listen: `${listen.ipv4}:${PORT}`,
  scheduler: 'round-robin',
  backends: [backend, plain].map(({ ipv4 }) => ({ address: `${ipv4}:${PORT}` })),
  health: { type: 'tcp', ...OFTEN },
  ...changes,
});

let lab: ForwarderLab;
beforeEach(async () => {
  lab = await createForwarderLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

const open = (count: number): Promise<Steady> => Steady.open(lab.client, listen.ipv4, PORT, count);

/** The live connections by where they lead to. */
function perBackend(): { readonly backend: number; readonly plain: number } {
  const live = lab.connections().filter(({ state }) => state === 'established');
  const to = ({ ipv4 }: { ipv4: string }) => live.filter((one) => one.backend.address === ipv4).length;
  return { backend: to(backend), plain: to(plain) };
}

/** Where so many new connections lead to. */
async function whereNewOnesGo(): Promise<{ readonly backend: number; readonly plain: number }> {
  const before = perBackend();
  await using steady = await open(FRESH);
  await steady.assertUsed('by new connections');
  const after = perBackend();
  return { backend: after.backend - before.backend, plain: after.plain - before.plain };
}

/** New connections go there: soon, for what the log tells is written a moment later. */
async function newOnesGo(where: Awaited<ReturnType<typeof whereNewOnesGo>>): Promise<void> {
  await waitUntil('new connections to go where they should', async () =>
    isDeepStrictEqual(await whereNewOnesGo(), where),
  );
}

/** Does something, until the log says that a backend went up or down since. */
async function until(what: 'up' | 'down', { ipv4 }: { ipv4: string }, act: () => unknown): Promise<void> {
  const pattern = new RegExp(`"backend":"${ipv4}:\\d+".*"msg":"backend is ${what}"`, 'g');
  const times = () => lab.daemon.output.text.match(pattern)?.length ?? 0;
  const before = times();
  await act();
  await waitUntil(`backend ${ipv4} to be ${what}`, () => times() > before);
}

const nft = (host: Host, text: string) => host.run('nft', ['-f', '-'], { input: text });

/** Answers SYNs from some ports with a RST. Whoever is connected notices nothing. */
const refuse = (host: Host, from = { first: 1, count: 65_535 }) =>
  nft(
    host,
    `table inet refuse { chain input { type filter hook input priority 0;
      tcp dport ${PORT} tcp sport ${from.first}-${from.first + from.count - 1} tcp flags & (syn | ack) == syn reject with tcp reset
    }
}\n`,
  );
const accept = (host: Host) => nft(host, 'delete table inet refuse\n');

/** Whether a connection comes about: curl's exit status says why not. */
async function refusal(port: number): Promise<number | null> {
  const args = ['-sS', '--connect-timeout', '1', `http://${listen.ipv4}:${port}/`];
  return (await lab.client.run('curl', args, { check: false })).status;
}
const REFUSED = 7;
const SILENCE = 28;

test('a backend that dies under load takes along what it has, and nothing else; when it returns it is used', async () => {
  await serveSteady(lab.backend, PORT);
  const dying = await serveSteady(lab.plain, PORT);
  await lab.start({ services: [service()] });
  await using steady = await open(HELD);
  assert.deepEqual(perBackend(), { backend: HELD / 2, plain: HELD / 2 });

  await until('down', plain, () => dying.kill('SIGKILL'));
  await waitUntil('its clients to hear of it', async () => (await steady.report()).alive === HELD / 2);
  await newOnesGo({ backend: FRESH, plain: 0 });

  await until('up', plain, () => serveSteady(lab.plain, PORT));
  await newOnesGo({ backend: FRESH / 2, plain: FRESH / 2 });
  const { alive, wrong } = await steady.report();
  assert.deepEqual({ alive, wrong }, { alive: HELD / 2, wrong: 0 });
});

test('a backend that answers HTTP checks badly finishes what it has, and gets nothing new until it is well', async () => {
  const FILE = 1 << 20;
  for (const name of ['backend', 'plain'] as const) {
    const host = lab[name];
    await startNginx(host);
    await host.run('dd', ['if=/dev/zero', 'of=files/bulk', `bs=${FILE}`, 'count=1']);
    await writeFile(join(host.dir, 'files/who'), `${name}\n`);
    await writeFile(join(host.dir, 'files/well'), '');
  }
  const web = service({
    listen: `${listen.ipv4}:${SITE.nginx}`,
    backends: [backend, plain].map(({ ipv4 }) => ({ address: `${ipv4}:${SITE.nginx}` })),
    health: { type: 'http', path: '/files/well', ...OFTEN },
  });
  await lab.start({ services: [web] });
  const url = `http://${listen.ipv4}:${SITE.nginx}/files`;
  const curl = (...args: readonly string[]) => lab.client.run('curl', ['-sS', '--fail', ...args]);
  const answersCome = (from: string): Promise<boolean> =>
    waitUntil(`answers of ${from}`, async () => {
      const answers = await curl(...new Array<string>(4).fill(`${url}/who`), '-H', 'Connection: close');
      return answers.stdout.trim().split('\n').sort().join(' ') === from;
    });
  await answersCome('backend backend plain plain');

  const slow: Promise<unknown>[] = [];
  const start = () => slow.push(curl('--limit-rate', '100k', '-o', `bulk-${slow.length}`, `${url}/bulk`));
  await waitUntil('a download from each', async () => {
    if (slow.length < 16) start();
    await setTimeout(300);
    return perBackend().plain > 0 && perBackend().backend > 0;
  });
  await until('down', plain, () => lab.plain.run('mv', ['files/well', 'files/ill']));
  assert.match(lab.daemon.output.text, /"backend":"10\.1\.0\.3:8080","why":"[^"]*404/);
  await answersCome('backend backend backend backend');
  await until('up', plain, () => lab.plain.run('mv', ['files/ill', 'files/well']));
  await answersCome('backend backend plain plain');
  await Promise.all(slow);
  const names = slow.map((_, at) => `bulk-${at}`);
  const { stdout } = await lab.client.run('stat', ['-c', '%s', ...names]);
  assert.equal(stdout, `${FILE}\n`.repeat(slow.length));
});

test('a backend that refuses clients is suspected before the next check, and back after it', async () => {
  for (const host of [lab.backend, lab.plain]) await serveSteady(host, PORT);
  await lab.start({ services: [service({ health: { type: 'tcp', ...OFTEN, interval: '60s' } })] });
  await using steady = await open(HELD);
  await refuse(lab.plain, LOCAL_PORTS);
  // Every other one goes there. Those within a second of the last that was held are no failures in a row.
  await until('down', plain, () =>
    waitUntil('enough refusals', async () => {
      await refusal(PORT);
      return lab.daemon.output.text.includes('backend is down');
    }),
  );
  assert.match(lab.daemon.output.text, /"why":"\d+ connections in a row refused"/);
  await newOnesGo({ backend: FRESH, plain: 0 });
  await steady.assertUsed('while one backend is suspected');
  await accept(lab.plain);
  await until('up', plain, () => lab.reload({ services: [service()] }));
  await newOnesGo({ backend: FRESH / 2, plain: FRESH / 2 });
});

test('while all are down new clients are reset, or not answered, and everybody else goes on', async () => {
  for (const host of [lab.backend, lab.plain]) await serveSteady(host, PORT);
  const silent = service({ name: 'silent', listen: `${listen.ipv4}:${PORT + 1}`, whenAllDown: 'drop' });
  await lab.start({ services: [service({ whenAllDown: 'reset' }), silent] });
  await using steady = await open(HELD);
  const areDown = async (): Promise<boolean[]> => {
    const { stdout } = await lab.truepeer('forwarder', 'status');
    return ['steady', 'silent'].map((name) => stdout.includes(`service ${name}: no backend`));
  };
  for (const host of [lab.backend, lab.plain]) await refuse(host);
  await waitUntil('both services to be down', async () => (await areDown()).every((isDown) => isDown));
  const before = lab.counters();
  assert.equal(await refusal(PORT), REFUSED);
  assert.equal(await refusal(PORT + 1), SILENCE);
  assert.ok(lab.counted('resetDown') > before.resetDown);
  assert.ok(lab.counted('dropDown') > before.dropDown);
  await steady.assertUsed('while all backends are down');
  for (const host of [lab.backend, lab.plain]) await accept(host);
  await waitUntil('both services to be up', async () => !(await areDown()).some((isDown) => isDown));
  await newOnesGo({ backend: FRESH / 2, plain: FRESH / 2 });
});
