import assert from 'node:assert/strict';
import { rmdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  tagDecisionShape,
  taggerConnectionsShape,
  taggerExplainShape,
  taggerStatsShape,
  taggerStatusShape,
} from '../src/cli/json-shapes/index.js';
import { createLab } from '../src/lab/lab.js';
import { assertRefused, jsonOf, startTruepeer, truepeer } from './support/cli.js';

const PORT = 8080;
const SERVER = `require('node:net').createServer((s) => s.write('hello')).listen(${PORT}, '::')`;

/** Connects from each of these addresses (none: unbound), says hello, and stays. */
const CLIENTS = `
const net = require('node:net');
for (const localAddress of process.argv.slice(1)) {
  const bind = localAddress === 'none' ? {} : { localAddress, localPort: 4242 };
  const host = localAddress.includes(':') ? '::1' : '127.0.0.1';
  net.connect({ host, port: ${PORT}, ...bind }, function () { this.write('hello'); });
}
`;

async function createProxy() {
  const lab = await createLab({ hosts: { proxy: {} } });
  const proxy = lab.host('proxy');
  proxy.spawn(process.execPath, ['-e', SERVER]);
  await proxy.waitForPort(PORT);
  return {
    proxy,
    cgroup: proxy.cgroupNamed('tagged'),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

test('what the tagger does can be seen, in words and in the published shapes', async () => {
  await using lab = await createProxy();
  const { proxy, cgroup } = lab;
  const attached = await truepeer('tagger', 'attach', '--cgroup', cgroup, '--profile', 'tencent');
  assert.match(
    attached.stdout,
    /^attached to .*\/tagged: writing 200\/8 for IPv4 clients on syn, ack, data\n/,
  );
  const follower = startTruepeer('tagger', 'explain', '--follow', '--json');
  const follows = () => jsonOf(taggerStatusShape, 'tagger', 'status');
  assert.equal((await follows()).taggers.length, 1);

  proxy.spawn(process.execPath, ['-e', CLIENTS, '203.0.113.7', '2001:db8::7', 'none'], { cgroup: 'tagged' });
  const line = await follower.stdout.waitForLine(/"outcome":"no-client"/);
  assert.equal(tagDecisionShape.parse(JSON.parse(line.input!)).client, undefined);
  await follower.stop();

  const stats = await jsonOf(taggerStatsShape, 'tagger', 'stats');
  assert.deepEqual(stats.outcomes, { tagged: 1, 'no-client': 1, 'no-kind': 1, 'no-room': 0, signed: 0 });
  const { connections } = await jsonOf(taggerConnectionsShape, 'tagger', 'connections', '--cgroup', cgroup);
  const client = { address: '203.0.113.7', port: 4242 };
  const tagged = connections.find((connection) => connection.client.address === client.address)!;
  assert.deepEqual(tagged.client, client);
  assert.deepEqual(tagged.peer, { address: '127.0.0.1', port: PORT });
  assert.deepEqual(tagged.written.slice(0, 2), ['syn', 'ack']);
  const { untagged } = await jsonOf(taggerExplainShape, 'tagger', 'explain');
  assert.deepEqual(
    untagged.map(({ outcome, client }) => [outcome, client?.address]),
    [['no-kind', '2001:db8::7']],
  );
  const { taggers } = await jsonOf(taggerStatusShape, 'tagger', 'status');
  assert.deepEqual([taggers[0]?.ipv4, taggers[0]?.ipv6, taggers[0]?.problems], ['200/8', undefined, []]);
  for (const command of ['status', 'stats', 'connections', 'explain'])
    assert.match((await truepeer('tagger', command)).stdout, /\S/);

  assert.match((await truepeer('tagger', 'detach')).stdout, /^detached/);
  assert.deepEqual(await follows(), { taggers: [] });
});

test('the section tagger: attaches all its taggers, and a mistake in it attaches none', async () => {
  await using lab = await createProxy();
  const file = join(lab.proxy.dir, 'truepeer.yaml');
  const [one, other] = [lab.proxy.cgroupNamed('one'), lab.proxy.cgroupNamed('other')];
  await writeFile(file, `tagger: [{ cgroup: ${one} }, { cgroup: ${other}, kind: 252/20 }]\n`);
  assertRefused(
    await truepeer('tagger', 'attach', '--config', file),
    1,
    /truepeer.yaml:1:\d+: cannot write kind/,
  );
  assert.deepEqual((await jsonOf(taggerStatusShape, 'tagger', 'status')).taggers, []);

  const cgroups: [string, RegExp][] = [
    [`${other}x`, /^truepeer: .*truepeer.yaml:3:15: no cgroup `.*\/otherx`: there is no directory/],
    [`${one}/`, /^truepeer: .*truepeer.yaml:3:15: cgroup `.*\/one\/` is named twice, as `.*\/one` before/],
    [other + '/.'.repeat(200), /^truepeer: .*truepeer.yaml:3:15: .* a cgroup with a shorter path/],
  ];
  for (const [cgroup, says] of cgroups) {
    await writeFile(file, `tagger:\n  - { cgroup: ${one} }\n  - { cgroup: ${cgroup} }\n`);
    assertRefused(await truepeer('tagger', 'attach', '--config', file), 1, says);
    assert.deepEqual((await jsonOf(taggerStatusShape, 'tagger', 'status')).taggers, []);
  }

  await writeFile(file, `tagger: [{ cgroup: ${one} }, { cgroup: ${other}, kind: 28/7, on: [ack] }]\n`);
  assert.equal((await truepeer('tagger', 'attach', '--config', file)).status, 0);
  const { taggers } = await jsonOf(taggerStatusShape, 'tagger', 'status');
  assert.deepEqual(
    taggers
      .map(({ cgroup, ipv4, on }) => ({ cgroup, ipv4, on }))
      .toSorted((a, b) => a.cgroup.localeCompare(b.cgroup)),
    [
      { cgroup: one, ipv4: '254/8', on: ['syn', 'ack', 'data'] },
      { cgroup: other, ipv4: '28/7', on: ['ack'] },
    ],
  );
  assertRefused(await truepeer('tagger', 'stats'), 2, /there are 2 taggers: say which with --cgroup/);
  await truepeer('tagger', 'detach', '--cgroup', one);
  assert.equal((await jsonOf(taggerStatusShape, 'tagger', 'status')).taggers.length, 1);

  // As when its service stops: the kernel takes the tagger down with the cgroup, and status says so.
  rmdirSync(other);
  const gone = await truepeer('tagger', 'status');
  assert.equal(gone.status, 2);
  assert.match(gone.stdout, /was removed, as when its service stopped/);
  assert.match((await truepeer('tagger', 'detach')).stdout, /^detached/);
});

test('what cannot be meant is refused in one line, and nothing is attached', async () => {
  await using lab = await createProxy();
  const attach = ['tagger', 'attach', '--cgroup', lab.cgroup];
  const cases: [string[], number, RegExp][] = [
    [['tagger', 'attach'], 2, /whose connections shall be tagged\?/],
    [['tagger', 'attach', '--kind', '254/8'], 2, /go with --cgroup/],
    [['tagger', 'attach', '--kind', ''], 2, /go with --cgroup/],
    [['tagger', 'attach', '--cgroup', 'no/such'], 1, /no cgroup `no\/such`/],
    [[...attach, '--kind', '254/9'], 2, /--kind: /],
    [[...attach, '--kind', '252/20'], 2, /cannot write kind/],
    [[...attach, '--profile', 'dvps'], 2, /did you mean dpvs\?/],
    [[...attach, '--kind', '254/8', '--profile', 'dpvs'], 2, /give one of them/],
    [[...attach, '--on', 'syn,fin'], 2, /--on: cannot write on "fin"/],
    [['tagger', 'stats'], 1, /no tagger is attached/],
    ...['detach', 'status', 'stats', 'connections', 'explain'].map((command): [string[], number, RegExp] => [
      ['tagger', command, '--cgroup', ''],
      2,
      /--cgroup: "" names no cgroup/,
    ]),
  ];
  for (const [args, status, says] of cases) assertRefused(await truepeer(...args), status, says);
  assert.deepEqual((await jsonOf(taggerStatusShape, 'tagger', 'status')).taggers, []);
});
