import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LabProcess } from './process.js';
import { run } from './run.js';
import { holdersOf, processesWith, veths } from './traces.test.helper.js';
import { waitUntil } from './wait.js';

const MAIN = fileURLToPath(new URL('./isolated-main.js', import.meta.url));
const isolated = (...argv: string[]): string[] => [process.execPath, MAIN, ...argv];

/** Builds a laboratory full of things that could be left, tells about them, and ends the way it is told. */
const TENANT = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
const { createLab } = await import(process.env.LAB);
const lab = await createLab({
  hosts: { a: {}, b: {} },
  links: [{ between: ['a', 'b'], ipv4: ['10.1.0.1/24', '10.1.0.2/24'] }],
});
const sleepers = lab.host('a').spawn('sh', ['-c', 'trap "" TERM; setsid sleep 1000 & echo up; sleep 1000'], { cgroup: 'web' });
await sleepers.waitForLine(/up/);
mkdirSync('/sys/fs/bpf/' + process.env.TOKEN);
writeFileSync(tmpdir() + '/' + process.env.TOKEN, '');
writeFileSync('/run/' + process.env.TOKEN, '');
const networkOf = async (name) => (await lab.host(name).run('readlink', ['/proc/self/ns/net'])).stdout.trim();
console.log('ready ' + JSON.stringify({ cgroup: lab.cgroup, networks: [await networkOf('a'), await networkOf('b')] }));
process.stdin.on('data', (order) => {
  if (String(order).startsWith('exit')) process.exit(9);
  if (String(order).startsWith('throw')) throw new Error('as told');
  process.kill(process.pid, 'SIGKILL');
});
`;

interface Tenancy {
  readonly main: LabProcess;
  readonly token: string;
  readonly networks: readonly string[];
  /** The scratch cgroup of the isolation. */
  readonly cgroup: string;
}

async function startTenant(): Promise<Tenancy> {
  const token = `truepeer-test-${crypto.randomUUID()}`;
  const main = new LabProcess(isolated(process.execPath, '--input-type=module', '-e', TENANT), {
    env: { TOKEN: token, LAB: new URL('./lab.js', import.meta.url).href },
  });
  const [, told] = await main.waitForLine(/^ready (.*)/);
  const { cgroup, networks } = JSON.parse(told!) as { cgroup: string; networks: string[] };
  for (const network of networks) assert.notDeepEqual(holdersOf(network), []);
  assert.ok(processesWith(token).length >= 6);
  assert.ok(existsSync(cgroup));
  return { main, token, networks, cgroup: cgroup.replace(/\/lab-[^/]*$/, '') };
}

/** The end of a killed process takes its time; what must not be there is what stays. */
async function assertNothingIsLeft({ token, networks, cgroup }: Tenancy): Promise<void> {
  await waitUntil('the end of every process', () => processesWith(token).length === 0);
  await waitUntil('the end of the cgroups', () => !existsSync(cgroup));
  assert.deepEqual(networks.flatMap(holdersOf), []);
  assert.equal(await veths(), '');
  for (const dir of ['/sys/fs/bpf', '/dev/shm', '/dev/shm/tmp', '/tmp', tmpdir(), '/run']) {
    if (existsSync(dir)) assert.ok(!readdirSync(dir).includes(token), dir);
  }
}

test('exit status and standard streams are handed through', async () => {
  const command = isolated('sh', '-c', 'cat; echo no >&2; exit 7');
  assert.deepEqual(await run(command, { input: 'yes', check: false }), {
    stdout: 'yes',
    stderr: 'no\n',
    status: 7,
  });
  assert.equal((await run(isolated('sh', '-c', 'kill -KILL $$'), { check: false })).status, 137);
  const missing = await run(isolated('/nowhere/at-all'), { check: false });
  assert.equal(missing.status, 127);
  assert.match(missing.stderr, /\/nowhere\/at-all: not found/);
});

test('inside, everything that could be left is private', async () => {
  const inside = await run(
    isolated(
      'sh',
      '-c',
      'ip -brief link; echo $TMPDIR; ls -A $TMPDIR; stat -fc %T /sys/fs/bpf; set -- /proc/[0-9]*; echo $#',
    ),
  );
  const lines = inside.stdout.split('\n');
  assert.match(lines[0]!, /^lo +UNKNOWN .*LOWER_UP/);
  assert.deepEqual(
    lines.slice(1).map((line) => line.trim()),
    ['/dev/shm/tmp', 'bpf_fs', '2', ''],
  );
});

test('without a command there is a hint', async () => {
  const { status, stderr } = await run(isolated(), { check: false });
  assert.equal(status, 2);
  assert.match(stderr, /which command/);
});

test('without root it is refused in one line', async () => {
  const { status, stderr } = await run(
    ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', ...isolated('true')],
    { check: false },
  );
  assert.equal(status, 125);
  assert.equal(stderr, 'truepeer: network namespaces need root: run it with sudo\n');
});

const endings: [string, (tenancy: Tenancy) => void, number | null][] = [
  ['it exits without cleaning up', ({ main }) => main.stdin.write('exit'), 9],
  ['it throws', ({ main }) => main.stdin.write('throw'), 1],
  ['it is killed', ({ main }) => main.stdin.write('kill'), 137],
  ['the outside gets SIGTERM', ({ main }) => main.kill('SIGTERM'), 143],
  ['the outside gets SIGINT', ({ main }) => main.kill('SIGINT'), 130],
  ['the outside is killed', ({ main }) => main.kill('SIGKILL'), null],
];

for (const [what, end, status] of endings) {
  test(`nothing is left when ${what}`, async () => {
    const tenancy = await startTenant();
    end(tenancy);
    assert.equal((await tenancy.main.exit).status, status);
    await assertNothingIsLeft(tenancy);
  });
}

test('what is left when all of it is killed at once goes with the next run', async () => {
  const tenancy = await startTenant();
  for (const pid of processesWith(tenancy.token)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with one killed before it.
    }
  }
  await waitUntil('the end of every process', () => processesWith(tenancy.token).length === 0);
  // The janitor died with the others: it is this run, or one at the same time, that removes the cgroup.
  await run(isolated('true'));
  await assertNothingIsLeft(tenancy);
});

test('a run does not disturb another one', async () => {
  const tenancy = await startTenant();
  await run(isolated('true'));
  assert.ok(tenancy.main.running);
  tenancy.main.stdin.write('exit');
  assert.equal((await tenancy.main.exit).status, 9);
  await assertNothingIsLeft(tenancy);
});
