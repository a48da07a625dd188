import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { LabProcess } from '../src/lab/process.js';
import { waitUntil } from '../src/lab/wait.js';
import { TemporaryTagger } from '../src/tagger/temporary.js';
import { amount } from './support/amount.js';
import { ARMS, createForwarderLab, FORWARDED, type ForwarderLab } from './support/forwarded.js';
import { after, before, describe, test } from './support/forwarder/test.js';
import { logIn, SITE, startHaproxy, startNginx, startSshd } from './support/forwarder-sites.js';
import { Puppet } from './support/puppet.js';

const { client: own, listen, local, backend, plain } = FORWARDED;
const PUPPET = 9000;
const BULK_MIB = amount(64, 'MiB in each transfer');
const FAMILIES = ['ipv4', 'ipv6'] as const;
type Family = (typeof FAMILIES)[number];
/** A port that a family used stays in TIME_WAIT for a while, for the other one too. */
const NEXT_PORT = { ipv4: 0, ipv6: 20 } as const;

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** A service of each family for each port, `plain` on its own, and one whose clients are IPv6 and backend is IPv4. */
const services = [
  ...FAMILIES.flatMap((family) => [
    ...[SITE.nginx, SITE.haproxy, SITE.sshd, PUPPET].map((port) => ({
      name: `backend-${family}-${port}`,
      listen: `${inUrl(listen[family])}:${port}`,
      backends: [{ address: `${inUrl(backend[family])}:${port}` }],
      health: { type: 'none' },
    })),
    {
      name: `plain-${family}`,
      listen: `${inUrl(listen[family])}:80`,
      backends: [{ address: `${inUrl(plain[family])}:${SITE.nginx}` }],
      health: { type: 'none' },
    },
  ]),
  ...[SITE.dual, SITE.nginx].map((port) => ({
    name: `nat64-${port}`,
    listen: `[${listen.ipv6}]:${port + 10_000}`,
    backends: [{ address: `${backend.ipv4}:${port}` }],
    health: { type: 'none' },
  })),
];

for (const arms of ARMS) {
  describe(arms, () => {
    let lab: ForwarderLab;
    let log: string;
    let haproxy: LabProcess;
    let sshd: LabProcess;
    let server: Puppet;

    before(async () => {
      lab = await createForwarderLab(arms);
      lab.receive();
      ({ log } = await startNginx(lab.backend));
      await startNginx(lab.plain);
      haproxy = await startHaproxy(lab.backend);
      sshd = await startSshd(lab.backend, lab.client);
      server = await Puppet.listen(lab.backend, PUPPET);
      await lab.start({ services });
    });
    after(() => lab[Symbol.asyncDispose]());

    const curl = async (...args: string[]): Promise<string> =>
      (await lab.client.run('curl', ['-sS', '--fail', '--max-time', '120', ...args])).stdout;
    const fetch = (port: number, family: Family, localPort: number, path: string): Promise<string> =>
      curl('--local-port', `${localPort}`, `http://${inUrl(listen[family])}:${port}${path}`);
    const logged = (line: string): Promise<boolean> =>
      waitUntil(`nginx to log "${line}"`, async () =>
        (await readFile(log, 'utf8')).split('\n').includes(line),
      );

    test('nginx, HAProxy and sshd log the client', async () => {
      for (const family of FAMILIES) {
        const client = own[family];
        const at = 4001 + NEXT_PORT[family];
        assert.equal(await fetch(SITE.nginx, family, at, '/a'), `${client} ${at}\n`);
        await logged(`${client} ${at} /a 200`);
        assert.equal(await fetch(SITE.haproxy, family, at + 1, `/${family}`), 'welcome');
        const [, source] = await haproxy.waitForLine(new RegExp(`^(\\S+) .* /${family} `));
        assert.equal(source, `${client}:${at + 1}`);
        const session = await logIn(lab.client, listen[family], SITE.sshd);
        assert.match(session, new RegExp(`^${client} \\d+ ${backend[family]} ${SITE.sshd}\n$`));
        const port = session.split(' ')[1];
        await sshd.waitForLine(new RegExp(`^Accepted publickey for root from ${client} port ${port} `));
      }
    });

    test('an IPv6 client of an IPv4 backend is logged where a socket can name it', async () => {
      assert.equal(await fetch(SITE.dual + 10_000, 'ipv6', 4003, '/n'), `${own.ipv6} 4003\n`);
      await logged(`${own.ipv6} 4003 /n 200`);
      // getpeername() of an AF_INET socket has no room for it: the forwarder is what it says.
      assert.match(await fetch(SITE.nginx + 10_000, 'ipv6', 4004, '/n'), new RegExp(`^${local.ipv4} `));
    });

    test('a backend without a receiver works unharmed, and sees the forwarder', async () => {
      for (const family of FAMILIES)
        assert.match(
          await fetch(80, family, 4005 + NEXT_PORT[family], '/'),
          new RegExp(`^${local[family]} \\d+\n$`),
        );
    });

    test('files arrive whole, both ways', async () => {
      await lab.client.run('dd', ['if=/dev/urandom', 'of=bulk', 'bs=1M', `count=${BULK_MIB}`]);
      const sum = async (host: 'client' | 'backend' | 'plain', file: string): Promise<string> =>
        (await lab[host].run('sha256sum', [file])).stdout.split(' ')[0]!;
      const expected = await sum('client', 'bulk');
      const urls = [
        ...FAMILIES.map((family) => ['backend', `${inUrl(listen[family])}:${SITE.nginx}`] as const),
        ...FAMILIES.map((family) => ['plain', `${inUrl(listen[family])}:80`] as const),
        ['backend', `[${listen.ipv6}]:${SITE.dual + 10_000}`] as const,
      ];
      for (const [host, authority] of urls) {
        await curl('--upload-file', 'bulk', `http://${authority}/files/bulk`);
        assert.equal(await sum(host, 'files/bulk'), expected, `uploaded to ${authority}`);
        await curl('-o', 'back', `http://${authority}/files/bulk`);
        assert.equal(await sum('client', 'back'), expected, `downloaded from ${authority}`);
        await lab[host].run('rm', ['files/bulk']);
      }
      await lab.client.run('rm', ['bulk', 'back']);
    });

    test('one connection carries many requests', async () => {
      const url = `http://${listen.ipv4}:${SITE.nginx}/keep`;
      const answers = await curl(
        '-w',
        '%{num_connects}\n',
        '--local-port',
        '4006',
        ...new Array<string>(20).fill(url),
      );
      assert.equal(answers, `${own.ipv4} 4006\n1\n${`${own.ipv4} 4006\n0\n`.repeat(19)}`);
    });

    test('a side that has ended still receives', async () => {
      for (const family of FAMILIES) {
        const client = Puppet.connect(lab.client, listen[family], PUPPET, 4007);
        assert.equal(await client.says('open'), `${listen[family]} ${PUPPET}`);
        assert.equal((await server.says('open')).replace('::ffff:', ''), `${own[family]} 4007`);
        client.tell('send 300000');
        const sent = await client.says('sent');
        client.tell('end');
        assert.equal(await server.says('got'), `300000 ${sent}`);
        server.tell('send 3000000');
        const answered = await server.says('sent');
        server.tell('end');
        assert.equal(await client.says('got'), `3000000 ${answered}`);
        await Promise.all([client.says('close'), server.says('close')]);
        await waitForState(lab, 4007, 'closed');
      }
    });

    test('a reset arrives, from either side', async () => {
      for (const [at, resetter] of (['client', 'server'] as const).entries()) {
        const port = 4008 + at;
        const client = Puppet.connect(lab.client, listen.ipv4, PUPPET, port);
        await Promise.all([client.says('open'), server.says('open')]);
        const [active, passive] = resetter === 'client' ? [client, server] : [server, client];
        active.tell('reset');
        assert.equal(await passive.says('error'), 'ECONNRESET');
        await Promise.all([active.says('close'), passive.says('close')]);
        await waitForState(lab, port, 'closed');
      }
    });

    test('both sides end at once', async () => {
      const client = Puppet.connect(lab.client, listen.ipv6, PUPPET, 4010);
      await Promise.all([client.says('open'), server.says('open')]);
      // Neither hears of the other's end before it has ended itself.
      for (const host of [lab.client, lab.backend])
        await host.run('nft', ['-f', '-'], { input: deaf(PUPPET) });
      client.tell('end');
      server.tell('end');
      const inState = async (host: 'client' | 'backend', state: string): Promise<boolean> =>
        (await lab[host].run('ss', ['-Htan', 'state', state])).stdout.includes(`:${PUPPET}`);
      for (const host of ['client', 'backend'] as const)
        await waitUntil(`fin-wait-1 on ${host}`, () => inState(host, 'fin-wait-1'));
      for (const host of [lab.client, lab.backend])
        await host.run('nft', ['delete', 'table', 'inet', 'deaf']);
      await Promise.all([client.says('got'), server.says('got')]);
      await Promise.all([client.says('close'), server.says('close')]);
      for (const host of ['client', 'backend'] as const)
        await waitUntil(`time-wait on ${host}`, () => inState(host, 'time-wait'));
      await waitForState(lab, 4010, 'closed');
    });

    test('a TOA of the client’s own reaches no server', async () => {
      using _forger = new TemporaryTagger(lab.client.cgroupNamed('forger'), {
        ipv4: '254/8',
        ipv6: '254/20',
        on: ['syn', 'ack', 'data'],
        takeLocal: false,
      });
      const before = lab.counted('scrubbed');
      const forge = async (family: Family, port: number, victim: string): Promise<string> => {
        const args = ['-sS', '--interface', victim, `http://${inUrl(listen[family])}:${port}/forged`];
        return (await lab.client.run('curl', args, { cgroup: 'forger' })).stdout;
      };
      assert.match(await forge('ipv4', SITE.nginx, '198.51.100.66'), new RegExp(`^${own.ipv4} \\d+\n$`));
      assert.match(await forge('ipv6', SITE.nginx, '2001:db8:6::6'), new RegExp(`^${own.ipv6} \\d+\n$`));
      assert.match(
        await forge('ipv6', SITE.dual + 10_000, '2001:db8:6::6'),
        new RegExp(`^${own.ipv6} \\d+\n$`),
      );
      assert.ok(lab.counted('scrubbed') - before >= 9n, 'on SYN, ACK and data of each');
      assert.doesNotMatch(await readFile(log, 'utf8'), /198\.51\.100\.66|2001:db8:6::6/);
    });

    test('nothing was lost that cannot be helped', () => {
      const {
        dropInternal,
        dropMalformed,
        dropRace,
        dropNoPort,
        dropNoRoute,
        dropElsewhere,
        noRoom,
        noRoomMtu,
      } = lab.counters();
      assert.deepEqual(
        { dropInternal, dropMalformed, dropRace, dropNoPort, dropNoRoute, dropElsewhere, noRoom, noRoomMtu },
        {
          ...{ dropInternal: 0n, dropMalformed: 0n, dropRace: 0n, dropNoPort: 0n, dropNoRoute: 0n },
          ...{ dropElsewhere: 0n, noRoom: 0n, noRoomMtu: 0n },
        },
      );
    });
  });
}

const deaf = (port: number): string => `table inet deaf {
  chain input { type filter hook input priority 0; tcp sport ${port} drop; tcp dport ${port} drop; }
}
`;

async function waitForState(lab: ForwarderLab, clientPort: number, state: string): Promise<void> {
  await waitUntil(`the connection of port ${clientPort} to be ${state}`, () =>
    lab.connections().some(({ client, state: is }) => client.port === clientPort && is === state),
  );
}
