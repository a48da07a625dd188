import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mounts } from '../kernel/mounts.js';
import { createLab, type Lab } from './lab.js';
import { run } from './run.js';
import { holdersOf, isAlive, veths } from './traces.test.helper.js';

const LAB_MODULE = new URL('./lab.js', import.meta.url).href;

const pair = {
  hosts: { client: {}, server: { sysctls: { 'net.ipv4.tcp_syncookies': '2' } } },
  links: [
    {
      between: ['client', 'server'],
      ipv4: ['10.1.0.1/24', '10.1.0.2/24'],
      ipv6: ['fd00:1::1/64', 'fd00:1::2/64'],
      mtu: 1400,
    },
  ],
} as const;

/** Answers every connection with the address it came from. */
const ECHO_PEER = `
import net from 'node:net';
net.createServer((socket) => socket.end(socket.remoteAddress + '\\n')).listen(8080, '::');
`;

const GET_LINE = `
import net from 'node:net';
net.connect(8080, process.argv[2]).pipe(process.stdout);
`;

test('hosts reach each other over IPv4 and IPv6 at once, with the settings asked for', async () => {
  await using lab = await createLab(pair);
  const [client, server] = [lab.host('client'), lab.host('server')];
  await writeFile(join(server.dir, 'server.mjs'), ECHO_PEER);
  await writeFile(join(client.dir, 'client.mjs'), GET_LINE);
  server.node('server.mjs');
  await server.waitForPort(8080);
  for (const [to, from] of [
    ['10.1.0.2', '::ffff:10.1.0.1'],
    ['fd00:1::2', 'fd00:1::1'],
  ] as const) {
    const { stdout } = await client.run(process.execPath, ['client.mjs', to]);
    assert.equal(stdout, `${from}\n`);
  }
  const setting = await server.run('cat', ['/proc/sys/net/ipv4/tcp_syncookies']);
  assert.equal(setting.stdout, '2\n');
  assert.match((await client.run('ip', ['link', 'show', 'eth0'])).stdout, /mtu 1400/);
});

test('routes of every kind are set', async () => {
  await using lab = await createLab({
    hosts: { a: { routes: ['10.2.0.0/24 via 10.1.0.2', 'local 10.64.0.0/10 dev lo'] }, b: {} },
    links: [{ between: ['a', 'b'], ipv4: ['10.1.0.1/24', '10.1.0.2/24'] }],
  });
  assert.match((await lab.host('a').run('ip', ['route', 'get', '10.2.0.9'])).stdout, /via 10\.1\.0\.2/);
  assert.match((await lab.host('a').run('ip', ['route', 'get', '10.64.1.1'])).stdout, /^local 10\.64\.1\.1/);
});

test('a process is in the cgroup it was given before its program starts', async () => {
  await using lab = await createLab({ hosts: { a: {} } });
  const host = lab.host('a');
  const cgroupOf = (text: string): string => text.split('\n').find((line) => line.startsWith('0::'))!;
  const own = await host.run('cat', ['/proc/self/cgroup']);
  const named = await host.run('cat', ['/proc/self/cgroup'], { cgroup: 'web' });
  assert.ok(host.cgroup.endsWith(cgroupOf(own.stdout).slice(3)));
  assert.equal(`${cgroupOf(own.stdout)}/web`, cgroupOf(named.stdout));
  assert.equal(host.cgroupNamed('web'), `${host.cgroup}/web`);
});

test('two laboratories with the same names live side by side', async () => {
  await using one = await createLab(pair);
  await using two = await createLab(pair);
  assert.notEqual(one.host('client').cgroup, two.host('client').cgroup);
  const inode = async (lab: typeof one): Promise<string> =>
    (await lab.host('client').run('readlink', ['/proc/self/ns/net'])).stdout;
  assert.notEqual(await inode(one), await inode(two));
});

test('disposal leaves no process, namespace, cgroup or directory, whatever the processes do', async () => {
  const lab = await createLab(pair);
  const host = lab.host('server');
  const stubborn = host.spawn('sh', ['-c', 'trap "" TERM INT; setsid sleep 1000 & echo $!; sleep 1000'], {
    cgroup: 'web',
  });
  const network = (await host.run('readlink', ['/proc/self/ns/net'])).stdout.trim();
  assert.notDeepEqual(holdersOf(network), []);
  const orphan = Number((await stubborn.waitForLine(/^(\d+)$/))[1]);
  assert.equal(
    readFileSync(join(host.cgroup, 'web', 'cgroup.procs'), 'utf8')
      .trim()
      .split('\n').length,
    3,
  );
  await lab[Symbol.asyncDispose]();
  assert.deepEqual(await stubborn.exit, { status: null, signal: 'SIGKILL' });
  assert.ok(!isAlive(orphan));
  await assertGone(lab);
  assert.deepEqual(holdersOf(network), []);
  await lab[Symbol.asyncDispose]();
});

/** Prints why two laboratories fail, and what there is in this isolation afterwards. */
const FAILURES = `
import { readdirSync, readFileSync } from 'node:fs';
const { createLab } = await import(${JSON.stringify(LAB_MODULE)});
const attempt = (host) => createLab({ hosts: { good: {}, bad: host } }).catch((error) => error.message);
console.log(JSON.stringify({
  route: await attempt({ routes: ['10.9.0.0/16 via 192.0.2.1'] }),
  sysctl: await attempt({ sysctls: { 'net.ipv4.no_such': '1' } }),
  files: readdirSync('/dev/shm').sort(),
  cgroups: readdirSync(readFileSync('/dev/shm/isolation', 'utf8').split('\\n')[0]).filter((name) => !name.includes('.')),
  namespaces: readFileSync('/proc/self/mountinfo', 'utf8').split('\\n').filter((line) => line.includes('nsfs')),
}));
`;

test('a laboratory that cannot be finished says why and leaves nothing either', async () => {
  const main = fileURLToPath(new URL('./isolated-main.js', import.meta.url));
  const { stdout } = await run([
    process.execPath,
    main,
    process.execPath,
    '--input-type=module',
    '-e',
    FAILURES,
  ]);
  const { route, sysctl, ...left } = JSON.parse(stdout);
  assert.match(route, /`ip route add 10\.9\.0\.0\/16 via 192\.0\.2\.1` ended with status 2: ./);
  assert.match(sysctl, /sysctl "net\.ipv4\.no_such" of bad cannot be set to "1": .*no_such/);
  assert.deepEqual(left, { files: ['isolation', 'tmp'], cgroups: ['main'], namespaces: [] });
});

test('an unknown host is refused with the ones there are', async () => {
  await using lab = await createLab({ hosts: { a: {}, b: {} } });
  assert.throws(() => lab.host('c'), /there is no host "c", only a, b/);
});

test('a process inside a host is not isolated well enough to build a laboratory', async () => {
  await using lab = await createLab({ hosts: { a: {} } });
  const script = `import(${JSON.stringify(LAB_MODULE)}).then((m) => m.createLab({ hosts: {} }))`;
  await assert.rejects(
    lab.host('a').run(process.execPath, ['-e', script]),
    /not in the isolated network namespace/,
  );
});

async function assertGone(lab: Lab): Promise<void> {
  assert.ok(!existsSync(lab.cgroup), 'cgroup');
  assert.ok(!existsSync(lab.dir), 'directory');
  assert.ok(
    mounts().every(({ point }) => !point.startsWith(lab.dir)),
    'mounted namespaces',
  );
  assert.equal(await veths(), '', 'interfaces');
}
