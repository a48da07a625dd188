import assert from 'node:assert/strict';
import type { Result } from '../src/lab/run.js';
import { waitUntil } from '../src/lab/wait.js';
import { BINARY } from './support/cli.js';
import { type ConfigText, createForwarderLab, FORWARDED, type ForwarderLab } from './support/forwarded.js';
import { afterEach, beforeEach, test } from './support/forwarder/test.js';
import { Steady, serveSteady } from './support/steady.js';

const { listen, backend, plain } = FORWARDED;
const PORT = 7000;
const HELD = 7;
const METRICS = '127.0.0.1:9469';

const CONFIG = {
  metrics: METRICS,
  services: [
    {
      name: 'steady',
      listen: `${listen.ipv4}:${PORT}`,
      backends: [{ address: `${backend.ipv4}:${PORT}` }, { address: `${plain.ipv4}:${PORT}` }],
      health: { type: 'tcp', interval: '5s', timeout: '5s' },
    },
  ],
} satisfies ConfigText;

let lab: ForwarderLab;
beforeEach(async () => {
  lab = await createForwarderLab();
  await serveSteady(lab.backend, PORT);
});
afterEach(() => lab[Symbol.asyncDispose]());

const curl = (...args: readonly string[]): Promise<Result> =>
  lab.forwarder.run('curl', ['-sS', '--max-time', '30', ...args], { check: false });

const truepeer = (...args: readonly string[]): Promise<Result> =>
  lab.forwarder.run(process.execPath, [BINARY, 'forwarder', ...args], { check: false });

const reload = async (config: ConfigText): Promise<Result> => {
  await lab.configure(config);
  return truepeer('reload');
};

/** Samples by what stands before the value, of where they are served. */
async function scrape(at = METRICS): Promise<ReadonlyMap<string, number>> {
  const { stdout, stderr } = await curl('--fail', `http://${at}/metrics`);
  assert.equal(stderr, '');
  const lines = stdout.split('\n').filter((line) => /^[a-z]/.test(line));
  const samples = new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
  assert.equal(samples.size, lines.length, 'every series is there once');
  return samples;
}

const isServed = async (at: string): Promise<boolean> =>
  (await curl('-o', '/dev/null', `http://${at}/metrics`)).status === 0;

const OURS = 'truepeer_forwarder_';
const first = `{service="steady",backend="${backend.ipv4}:${PORT}"}`;
const second = `{service="steady",backend="${plain.ipv4}:${PORT}"}`;

test('metrics tell what the forwarder, its backends and its daemon do', async () => {
  await lab.start(CONFIG);
  await waitUntil(
    'the backend without a server to go down',
    async () => (await scrape()).get(`${OURS}backend_up${second}`) === 0,
  );
  await using _steady = await Steady.open(lab.client, listen.ipv4, PORT, HELD);
  await truepeer('drain', '--no-wait', 'steady', `${plain.ipv4}:${PORT}`);
  const samples = await waitUntil('the sweep to count the connections', async () => {
    const found = await scrape();
    return found.get(`${OURS}connections{state="established"}`) === HELD && found;
  });
  const ours = (name: string) => samples.get(`${OURS}${name}`) ?? Number.NaN;
  assert.deepEqual(
    [first, second].map((labels) =>
      ['up', 'draining', 'connections', 'connections_opened_total', 'connections_established_total'].map(
        (name) => ours(`backend_${name}${labels}`),
      ),
    ),
    [
      [1, 0, HELD, HELD, HELD],
      [0, 1, 0, 0, 0],
    ],
  );
  assert.equal(ours('connections_established_total{service="steady"}'), HELD);
  assert.equal(ours('tagged_segments_total{service="steady",segment="syn"}'), HELD);
  assert.ok(ours('bytes_total{service="steady",direction="to_backend"}') > HELD * 40);
  assert.ok(Number.isInteger(ours('dropped_packets_total{reason="malformed"}')), 'of no service');
  assert.equal(ours('connections_max'), 10_000);
  for (const outcome of ['success', 'failure'])
    assert.ok(ours(`health_checks_total{service="steady",outcome="${outcome}"}`) > 0, outcome);
  assert.ok(ours('health_check_duration_seconds_count{service="steady"}') > 0);
  assert.ok([...samples.keys()].some((name) => /^truepeer_build_info\{version="[\d.]+",/.test(name)));
  assert.ok((samples.get('process_resident_memory_bytes') ?? 0) > 1e6);
});

test('a reload moves metrics, ends them, and begins them anew, and connections go on', async () => {
  await serveSteady(lab.plain, PORT);
  const { services } = CONFIG;
  await lab.start({ services });
  assert.equal(await isServed(METRICS), false);
  await using steady = await Steady.open(lab.client, listen.ipv4, PORT, HELD);
  for (const [metrics, told] of [
    [METRICS, 'metrics: served on http://127.0.0.1:9469/metrics\n'],
    ['0.0.0.0:9469', 'metrics: served on http://0.0.0.0:9469/metrics\n'],
    ['[::1]:9470', 'metrics: served on http://[::1]:9470/metrics\n'],
    ['[::1]:9470', 'reloaded: nothing is different\n'],
    [undefined, 'metrics: not served any more\n'],
  ] as const) {
    assert.equal((await reload({ services, ...(metrics && { metrics }) })).stdout, told);
    const everywhere = [METRICS, `${listen.ipv4}:9469`, '[::1]:9470'];
    const served = await Promise.all(everywhere.map(isServed));
    assert.deepEqual(
      served,
      everywhere.map(
        (at) => at === metrics || (metrics?.startsWith('0.0.0.0') && !at.startsWith('[')) || false,
      ),
    );
    await steady.assertUsed(`with metrics ${metrics}`);
  }
});

test('an address that is taken is refused by check, run and reload, and nothing has changed', async () => {
  const taken = '127.0.0.1:9999';
  await using server = lab.forwarder.node('-e', [
    `require('node:net').createServer().listen(9999, '127.0.0.1', () => console.log('listening'))`,
  ]);
  await server.waitForLine(/^listening$/);
  const message = `another program listens on ${taken}: stop it (\`ss -ltnp\` tells which), or take another port`;
  const refused = (text: string) => {
    assert.equal(text.trim().split('\n').length, 1, text);
    assert.ok(text.includes(message), text);
  };
  await lab.configure({ ...CONFIG, metrics: taken });
  const check = await truepeer('check', lab.configFile);
  assert.equal(check.status, 1);
  refused(check.stderr);
  const run = await truepeer('run', '--config', lab.configFile);
  assert.equal(run.status, 1);
  refused(run.stderr);
  assert.match((await truepeer('status')).stdout, /^not attached/, 'nothing is half-applied');

  await lab.start(CONFIG);
  const services = CONFIG.services.map((service) => ({ ...service, backends: service.backends.slice(1) }));
  const changed = { metrics: taken, services };
  const reloaded = await reload(changed);
  assert.equal(reloaded.status, 1);
  refused(reloaded.stderr);
  await lab.configure(CONFIG);
  assert.equal((await truepeer('check', lab.configFile)).status, 0, 'the daemon itself is in nobody’s way');
  assert.ok((await scrape()).has(`${OURS}backend_up${first}`), 'as before, where it was before');
});
