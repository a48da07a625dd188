import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { statusShape } from '../src/cli/json-shapes/index.js';
import { createProgram } from '../src/cli/program.js';
import { createLab } from '../src/lab/lab.js';
import { run } from '../src/lab/run.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { VERSION } from '../src/version.js';
import { assertRefused, BINARY, jsonOf, truepeer, truepeerAsNobody } from './support/cli.js';
import { remainsOf, waitUntilNothingRemains } from './support/remains.js';

const TRUST = ['--trust', '10.0.0.0/8'] as const;

/** What is typed, the exit status, and what is said. */
const BAD_INPUT: readonly (readonly [readonly string[], number, RegExp])[] = [
  [
    ['attach'],
    2,
    /whose TOA shall be believed\? .*--trust 10\.0\.0\.0\/8.*--trust any .*can claim any address/,
  ],
  [['attach', '--trust'], 2, /'--trust <cidr\.\.\.>' argument missing/],
  [
    ['attach', '--trust', '10.0.0.1/8'],
    2,
    /--trust: "10\.0\.0\.1\/8" has host bits set: write 10\.0\.0\.0\/8/,
  ],
  [
    ['attach', '--trust', '10.0.0.0/33'],
    2,
    /--trust: "10\.0\.0\.0\/33": an IPv4 prefix is a number from 0 to 32/,
  ],
  [['attach', '--trust', 'localhost'], 2, /--trust: "localhost": not an IP address/],
  [['attach', '--trust', '::/0'], 2, /--trust: "::\/0" contains every IPv4 address too/],
  [['attach', '--trust', 'any', '10.0.0.0/8'], 2, /--trust: `any` believes every sender/],
  [
    ['attach', ...TRUST, '--profile', 'dvps'],
    2,
    /--profile: there is no profile "dvps": did you mean dpvs\?/,
  ],
  [['attach', ...TRUST, '--kind', '200'], 2, /--kind: "200": write .* such as 200\/8/],
  [['attach', ...TRUST, '--kind', '8/10'], 2, /--kind: "8\/10": kind 8 is timestamps/],
  [['attach', ...TRUST, '--kind', '254/9'], 2, /--kind: "254\/9": no TOA of kind 254 has length 9/],
  [
    ['attach', ...TRUST, '--profile', 'option28', 'alibaba-cdn'],
    2,
    /28\/7 is read from the SYN by alibaba-cdn/,
  ],
  [
    ['attach', ...TRUST, '--refuse', 'multicast'],
    2,
    /--refuse: cannot refuse "multicast": write loopback or private/,
  ],
  [['attach', ...TRUST, '--cgroup', ''], 2, /--cgroup: "" names no cgroup/],
  [['attach', ...TRUST, '--cgroup', 'no/such'], 1, /no cgroup `no\/such`: there is no directory/],
  [['attach', ...TRUST, '--cgroup', '../../tmp'], 1, /cgroup `\.\.\/\.\.\/tmp` is outside of/],
  [
    ['attach', ...TRUST, '--config', '/no/such.yaml'],
    1,
    /cannot read the configuration \/no\/such\.yaml: no such file/,
  ],
  [['attach', '--trsut', '10.0.0.0/8'], 2, /unknown option '--trsut' \(Did you mean --trust\?\)/],
  [['attach', ...TRUST, '--json'], 2, /unknown option '--json'/],
  [['atach'], 2, /unknown command 'atach' \(Did you mean attach\?\)/],
  [['detach', 'now'], 2, /too many arguments for 'detach'/],
  [['stats', '--follow'], 2, /unknown option '--follow'/],
];

test('bad input gets one line and changes nothing, attached or not', async () => {
  await using lab = await createLab({ hosts: { backend: {} } });
  const { cgroup } = lab.host('backend');
  const refuseAll = async (): Promise<void> => {
    const before = remainsOf(cgroup);
    const answers = await Promise.all(BAD_INPUT.map(([args]) => truepeer('receiver', ...args)));
    for (const [at, [, status, says]] of BAD_INPUT.entries()) assertRefused(answers[at]!, status, says);
    assert.deepEqual(remainsOf(cgroup), before);
  };
  assert.deepEqual(remainsOf(cgroup), []);
  await refuseAll();
  assert.equal((await truepeer('receiver', 'attach', ...TRUST, '--cgroup', cgroup)).status, 0);
  try {
    await refuseAll();
  } finally {
    detachReceiver();
  }
});

test('every command explains itself', async () => {
  const commands = createProgram().commands.flatMap((command) => [
    [command.name()],
    ...command.commands.map((below) => [command.name(), below.name()]),
  ]);
  assert.ok(commands.length > 10);
  const answers = await Promise.all(commands.map((command) => truepeer(...command, '--help')));
  for (const [at, { status, stdout, stderr }] of answers.entries()) {
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(stdout.startsWith(`Usage: truepeer ${commands[at]!.join(' ')} `), stdout);
  }
  assert.equal((await truepeer('--version')).stdout, `${VERSION}\n`);
});

test('a configuration with mistakes: a line for each, and nothing is changed', async () => {
  await using lab = await createLab({ hosts: { backend: {} } });
  const { cgroup, dir } = lab.host('backend');
  const file = join(dir, 'truepeer.yaml');
  await writeFile(file, `receiver:\n  trsut: any\n  profiles: [dvps]\n  cgroup: ${cgroup}\n`);
  const { status, stdout, stderr } = await truepeer('receiver', 'attach', '--config', file, '--trust', 'any');
  assert.equal(
    stderr,
    `truepeer: ${file}:2:3: unknown key "trsut": did you mean trust?\n` +
      `truepeer: ${file}:3:14: there is no profile "dvps": did you mean dpvs?\n`,
  );
  assert.deepEqual([status, stdout, remainsOf(cgroup)], [1, '', []]);
});

test('attach, replace, detach', async () => {
  await using lab = await createLab({ hosts: { backend: {}, other: {} } });
  const { cgroup } = lab.host('backend');
  const attach = (...args: string[]) => truepeer('receiver', 'attach', '--cgroup', cgroup, ...args);

  const attached = await attach('--trust', '10.0.0.0/8', '2001:db8::/32', '--trust', '192.0.2.1');
  assert.deepEqual([attached.status, attached.stderr], [0, '']);
  const [did, next] = attached.stdout.split('\n');
  assert.equal(
    did,
    `attached to ${cgroup}: believing TOA of 200/8, 253/20, 254/8 and 254/20 ` +
      'from 10.0.0.0/8, 2001:db8::/32 and 192.0.2.1/32',
  );
  assert.match(next!, /truepeer receiver connections/);
  const first = await jsonOf(statusShape, 'receiver', 'status');
  assert.ok(first.attached);
  assert.deepEqual([first.trust].flat().toSorted(), ['10.0.0.0/8', '192.0.2.1/32', '2001:db8::/32']);
  assert.deepEqual([first.profiles, first.kinds], [['tencent', 'dpvs', 'lvs'], []]);
  assert.deepEqual(first.reads, { completing: ['200/8', '253/20', '254/8', '254/20'], syn: [] });
  assert.deepEqual([first.cgroup, first.problems, first.sockopt, first.refuse], [cgroup, [], true, []]);
  assert.equal(first.programs.length, 4);

  const replaced = await attach(
    '--trust',
    'any',
    '--kind',
    '28/7',
    '--refuse',
    'private',
    'loopback',
    '--no-sockopt',
  );
  assert.match(replaced.stdout, /^replaced in place on .*: believing TOA of 28\/7 from any sender/);
  const second = await jsonOf(statusShape, 'receiver', 'status');
  assert.ok(second.attached);
  assert.deepEqual([second.trust, second.profiles, second.kinds], ['any', [], ['28/7']]);
  assert.deepEqual([second.sockopt, second.refuse], [false, ['private', 'loopback']]);
  assert.equal(second.since, first.since);

  const before = remainsOf(cgroup);
  const elsewhere = await truepeer('receiver', 'attach', ...TRUST, '--cgroup', lab.host('other').cgroup);
  assertRefused(elsewhere, 1, /attached to another cgroup than .*: run `truepeer receiver detach` first/);
  assert.deepEqual(remainsOf(cgroup), before);

  const detached = await truepeer('receiver', 'detach');
  assert.deepEqual([detached.status, detached.stderr], [0, '']);
  assert.match(detached.stdout, /^detached: /);
  await waitUntilNothingRemains(cgroup);
  const again = await truepeer('receiver', 'detach');
  assert.equal(again.status, 0);
  assert.match(again.stdout, /^nothing to detach/);
});

test('the configuration is read where it always is, and options win over it', async () => {
  await using lab = await createLab({ hosts: { backend: {} } });
  const { cgroup, dir } = lab.host('backend');
  await writeFile(
    join(dir, 'truepeer.yaml'),
    `receiver:\n  trust: [10.0.0.0/8]\n  profiles: [ucloud]\n  cgroup: ${cgroup}\n`,
  );
  // An /etc of its own, in a mount namespace of its own: nothing is written on this machine.
  const withEtc = 'mount -t tmpfs etc /etc && mkdir /etc/truepeer && cp "$0" /etc/truepeer && exec "$@"';
  const command = [process.execPath, BINARY, 'receiver', 'attach', '--profile', 'huawei'];
  try {
    const { stdout } = await run([
      'unshare',
      '--mount',
      'sh',
      '-c',
      withEtc,
      join(dir, 'truepeer.yaml'),
      ...command,
    ]);
    assert.match(stdout, /^attached to .*: believing TOA of 254\/8 from 10\.0\.0\.0\/8\n/);
    const status = await jsonOf(statusShape, 'receiver', 'status');
    assert.ok(status.attached);
    assert.deepEqual([status.profiles, status.cgroup], [['huawei'], cgroup]);
  } finally {
    detachReceiver();
  }
});

test('not attached: every reading command says so', async () => {
  const { status, stdout } = await truepeer('receiver', 'status');
  assert.equal(status, 1);
  assert.match(stdout, /^not attached\n.*truepeer receiver attach --trust CIDR\n$/);
  assert.deepEqual(await jsonOf(statusShape, 'receiver', 'status'), { attached: false });
  for (const args of [['stats'], ['stats', '--watch'], ['connections'], ['explain'], ['explain', '--follow']])
    assertRefused(
      await truepeer('receiver', ...args),
      1,
      /no receiver is attached: attach one with `truepeer/,
    );
});

test('without root: refused, attached or not', async () => {
  await using lab = await createLab({ hosts: { backend: {} } });
  const { cgroup } = lab.host('backend');
  const commands = ['detach', 'status', 'stats', 'connections', 'explain'];
  const refuseAll = async (): Promise<void> => {
    const before = remainsOf(cgroup);
    for (const args of [['attach', ...TRUST, '--cgroup', cgroup], ...commands.map((command) => [command])])
      assertRefused(await truepeerAsNobody('receiver', ...args), 1, /needs root: run it with sudo/);
    assert.deepEqual(remainsOf(cgroup), before);
  };
  await refuseAll();
  assert.equal((await truepeer('receiver', 'attach', ...TRUST, '--cgroup', cgroup)).status, 0);
  try {
    await refuseAll();
  } finally {
    detachReceiver();
  }
  assert.equal((await truepeerAsNobody('receiver', 'profiles')).status, 0);
});
