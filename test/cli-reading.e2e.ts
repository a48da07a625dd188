import assert from 'node:assert/strict';
import { rmdirSync } from 'node:fs';
import { test } from 'node:test';
import {
  classicShape,
  connectionsShape,
  decisionShape,
  doctorShape,
  explainShape,
  probeShape,
  profilesShape,
  statsShape,
  statusShape,
} from '../src/cli/json-shapes/index.js';
import { run } from '../src/lab/run.js';
import { waitUntil } from '../src/lab/wait.js';
import { encodeOption, Format } from '../src/wire/index.js';
import { assertRefused, BINARY, jsonOf, startTruepeer, truepeer } from './support/cli.js';
import { createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { CLIENT } from './support/options.js';

const PORT = 8080;
const SERVER = `require('node:net').createServer((socket) => socket.remoteAddress).listen(${PORT}, '::')`;
const UNTRUSTED = { address: '10.9.7.7', port: 40000 };
const WITH_VIP = encodeOption({
  kind: 254,
  format: Format.IPV4_VIP,
  client: { address: '203.0.113.8', port: 4243 },
  vip: { address: '198.51.100.10', port: 443 },
});

/** A backend whose server keeps every connection, with a receiver that was attached by the command line. */
async function createBackend(): Promise<HandmadeBackend> {
  const backend = await createHandmadeBackend();
  const { host } = backend;
  host.spawn(process.execPath, ['-e', SERVER]);
  await host.waitForPort(PORT);
  const trust = ['--trust', '10.9.0.0/24', 'fd09::/64'];
  const { stderr } = await truepeer(
    ...['receiver', 'attach', '--cgroup', host.cgroup, ...trust, '--profile', 'dpvs', 'bytedance'],
  );
  assert.equal(stderr, '');
  return backend;
}

/** One connection of each sort. The first three stay, and have a client. */
async function connectAll(backend: HandmadeBackend): Promise<void> {
  const attempts = [
    { ackOptions: CLIENT.ipv4 },
    { ackOptions: WITH_VIP, from: { address: '10.9.0.3', port: 40000 } },
    { ackOptions: CLIENT.ipv6, over: 'ipv6' },
    { ackOptions: CLIENT.ipv4, from: UNTRUSTED },
    { from: { address: '10.9.0.4', port: 40000 } },
  ] as const;
  for (const attempt of attempts) await backend.connect({ port: PORT, ...attempt });
  await waitUntil('every connection, and every question of the server, to be counted', async () => {
    const { established, peername } = await jsonOf(statsShape, 'receiver', 'stats');
    return established === 5 && peername.client === 3 && peername.transport === 2;
  });
}

test('status, stats, connections and explain, for programs', async () => {
  await using backend = await createBackend();
  await connectAll(backend);

  const status = await jsonOf(statusShape, 'receiver', 'status');
  assert.ok(status.attached);
  assert.deepEqual([status.established, status.tagged, status.problems], [5, 3, []]);

  const stats = await jsonOf(statsShape, 'receiver', 'stats');
  const { tagged, untrusted, 'no-option': none } = stats.outcomes;
  assert.deepEqual([tagged, untrusted, none], [3, 1, 1]);
  const classic = await jsonOf(classicShape, 'receiver', 'stats', '--classic');
  assert.deepEqual([classic.syn_recv_sock_toa, classic.syn_recv_sock_no_toa], [3, 2]);

  const { connections } = await jsonOf(connectionsShape, 'receiver', 'connections');
  assert.deepEqual(
    connections.map(({ client, kind, vip }) => [client?.address, kind, vip?.address]),
    [
      ['203.0.113.7', '254/8', undefined],
      ['203.0.113.8', '254/16', '198.51.100.10'],
      ['2001:db8::7', '254/20', undefined],
    ],
  );

  const explained = await jsonOf(explainShape, 'receiver', 'explain');
  assert.deepEqual(
    explained.refusals.map(({ outcome, peer, options }) => [outcome, peer, options]),
    [['untrusted', UNTRUSTED, Buffer.from(CLIENT.ipv4).toString('hex')]],
  );
  assert.deepEqual([explained.established, explained.outcomes['no-option']], [5, 1]);
});

test('status, stats, connections and explain, for people', async () => {
  await using backend = await createBackend();
  await connectAll(backend);
  const says = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await truepeer('receiver', ...args);
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  };
  const status = await says('status');
  assert.match(status, /^receiver +attached, version \d/);
  assert.match(status, /^connections +5 established, 3 of them \(60\.0 %\) with a client$/m);
  assert.match(status, /^receiver_sockops +\d+ +\d+ +\d{4}-/m);

  assert.match(await says('stats'), /^tagged +3 +60\.0 % +client known/m);
  assert.match(await says('stats', '--classic'), /^syn_recv_sock_toa {8}: {9}3 $/m);

  const connections = (await says('connections')).split('\n');
  assert.match(connections[0]!, /^CLIENT +FORWARDER +LOCAL +VIP +KIND +AGE +STATE$/);
  assert.match(
    connections[1]!,
    /^203\.0\.113\.7:4242 +10\.9\.0\.2:40000 +10\.9\.0\.1:8080 +- +254\/8 +\S+ \w+ +ESTABLISHED$/,
  );
  assert.match(connections[3]!, /^\[2001:db8::7\]:4242 +\[fd09::2\]:40000 +\[fd09::1\]:8080 +- +254\/20 /);
  assert.equal(connections.at(-2), '3 connections with a known client');

  const explained = await says('explain');
  assert.match(explained, / {2}untrusted {2}from 10\.9\.7\.7:40000 to 10\.9\.0\.1:8080\n/);
  assert.match(
    explained,
    /^ {4}about {4}254\/8 client 203\.0\.113\.7:4242\n {4}options {2}fe081092cb007107\n/m,
  );
  assert.match(explained, /^untrusted: .*\n {4}next: .*--trust$/m);
  assert.match(explained, /^no-option: .*\n {4}next: /m);
  assert.match(explained, /^5 connections established, 3 tagged, 1 no-option, 1 untrusted$/m);
});

test('explain --follow tells of every decision until it is interrupted', async () => {
  await using backend = await createBackend();
  const json = startTruepeer('receiver', 'explain', '--follow', '--json');
  const text = startTruepeer('receiver', 'explain', '--follow');
  let port = 41_000;
  await waitUntil('both to have told of a connection', async () => {
    await backend.connect({
      port: PORT,
      from: { address: '10.9.0.2', port: port++ },
      ackOptions: CLIENT.ipv4,
    });
    return json.stdout.text.includes('\n') && text.stdout.text.includes('\n');
  });
  for (const following of [json, text]) following.kill('SIGINT');
  for (const following of [json, text]) {
    assert.deepEqual(await following.closed, { status: 0, signal: null });
    assert.equal(following.stderr.text, '');
  }
  const decisions = json.stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => decisionShape.parse(JSON.parse(line)));
  assert.deepEqual(
    [...new Set(decisions.map(({ outcome, about }) => `${outcome}: ${about}`))],
    ['tagged: 254/8 client 203.0.113.7:4242'],
  );
  assert.match(text.stdout.text, /^\S+ \S+ {2}tagged {2}from 10\.9\.0\.2:\d+ to 10\.9\.0\.1:8080\n/);
  assert.equal(text.stdout.text.match(/^tagged: client known/gm)?.length, 1);
});

test('stats --watch goes on, with rates, until it is interrupted', async () => {
  await using _backend = await createBackend();
  const json = startTruepeer('receiver', 'stats', '--watch', '--json');
  const text = startTruepeer('receiver', 'stats', '--watch');
  await waitUntil('the second sample', () =>
    [json.stdout.text.includes('"perSecond"'), / RATE /.test(text.stdout.text)].every(Boolean),
  );
  for (const watching of [json, text]) watching.kill('SIGTERM');
  for (const watching of [json, text]) assert.deepEqual(await watching.closed, { status: 0, signal: null });
  const samples = json.stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => statsShape.parse(JSON.parse(line)));
  assert.deepEqual(
    samples.slice(0, 2).map(({ perSecond }) => perSecond?.established),
    [undefined, 0],
  );
  assert.ok(!text.stdout.text.includes('\x1b'));
});

test('a reader that goes away ends a command in silence', async () => {
  await using _backend = await createBackend();
  const pipe = '"$@" | head -n 1; exit $PIPESTATUS';
  const command = [process.execPath, BINARY, 'receiver', 'stats', '--watch'];
  const { stdout, stderr } = await run(['bash', '-c', pipe, 'bash', ...command]);
  assert.match(stdout, /^OUTCOME .*\n$/);
  assert.equal(stderr, '');
});

test('what cannot be written is said in one line', async () => {
  const command = [process.execPath, BINARY, 'receiver', 'profiles'];
  const { status, stderr } = await run(['sh', '-c', 'exec "$@" > /dev/full', 'sh', ...command], {
    check: false,
  });
  assert.equal(stderr, 'truepeer: cannot write to standard output: ENOSPC\n');
  assert.equal(status, 1);
});

test('colours on a terminal, unless NO_COLOR', async () => {
  await using _backend = await createBackend();
  const onTerminal = (env: Record<string, string>) =>
    run(
      [
        // Node takes a terminal of continuous integration for one without colours.
        ...['env', '--unset=CI'],
        'script',
        '--quiet',
        '--return',
        '--command',
        `${process.execPath} ${BINARY} receiver status`,
        '/dev/null',
      ],
      {
        env: { TERM: 'xterm-256color', ...env },
      },
    );
  assert.ok((await onTerminal({})).stdout.includes('\x1b[32mattached\x1b[39m'));
  const plain = (await onTerminal({ NO_COLOR: '1' })).stdout;
  assert.match(plain, /receiver {5}attached, version/);
  assert.ok(!plain.includes('\x1b'));
});

test('a cgroup that is gone is a problem, and exit status 2', async () => {
  await using backend = await createBackend();
  const service = backend.host.cgroupNamed('service');
  await truepeer('receiver', 'detach');
  await truepeer('receiver', 'attach', '--trust', 'any', '--cgroup', service);
  rmdirSync(service);
  const { status, stdout } = await truepeer('receiver', 'status');
  assert.equal(status, 2);
  assert.match(stdout, /^receiver +attached, with \d problems?, version/);
  assert.match(stdout, /^problem +.*attach/m);
  const document = await jsonOf(statusShape, 'receiver', 'status');
  assert.ok(document.attached && document.problems.length > 0);
});

test('probe', async () => {
  await using backend = await createHandmadeBackend();
  const server = backend.host.spawn(process.execPath, [
    '-e',
    `require('node:net').createServer((socket) => socket.end('hello\\n')).listen(${PORT})`,
  ]);
  await server.waitForPort(PORT);
  const enter = ['nsenter', `--net=${backend.host.namespace}`, '--', process.execPath, BINARY];
  const probe = (...args: string[]) => run([...enter, 'probe', ...args], { check: false });
  const client = ['--client', '203.0.113.7:4242'];

  const { status, stdout, stderr } = await probe(`127.0.0.1:${PORT}`, ...client, '--json');
  assert.deepEqual([status, stderr], [0, '']);
  const report = probeShape.parse(JSON.parse(stdout));
  assert.deepEqual([report.connected, report.received, report.kind], [true, 'hello\n', '254/8']);
  assert.match((await probe(`127.0.0.1:${PORT}`, ...client)).stdout, /^option +254\/8 +fe081092cb007107 /m);

  const silent = await probe('127.0.0.1:1', ...client, '--json');
  assert.equal(silent.status, 1);
  assert.equal(probeShape.parse(JSON.parse(silent.stdout)).connected, false);
  assertRefused(await probe('127.0.0.1', ...client), 2, /`127\.0\.0\.1` is no host and port: write /);
  assertRefused(await probe('127.0.0.1:80'), 2, /'--client <address:port>' not specified/);
  assertRefused(
    await probe('127.0.0.1:80', '--client', '203.0.113.7'),
    2,
    /--client: .*no port: write 203\.0\.113\.7:PORT/,
  );
  assertRefused(await probe('127.0.0.1:80', '--client', '203.0.113.7:0'), 2, /no client has port 0/);
  assertRefused(
    await probe('127.0.0.1:80', ...client, '--kind', '28'),
    2,
    /--kind: "28": write .* such as 200\/8/,
  );
});

test('profiles and doctor', async () => {
  const { profiles } = await jsonOf(profilesShape, 'receiver', 'profiles');
  assert.deepEqual(
    profiles.filter((profile) => profile.default).map(({ name }) => name),
    ['tencent', 'lvs', 'dpvs'],
  );
  assert.match((await truepeer('receiver', 'profiles')).stdout, /^dpvs +default +254\/8 254\/20 +DPVS$/m);

  const diagnosis = await jsonOf(doctorShape, 'doctor');
  assert.ok(diagnosis.ok);
  const { status, stdout } = await truepeer('doctor');
  assert.equal(status, 0);
  assert.match(stdout, /^a receiver can be attached here$/m);
  for (const { name } of diagnosis.findings) assert.ok(stdout.includes(name));
});
