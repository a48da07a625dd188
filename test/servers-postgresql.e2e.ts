import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Host } from '../src/lab/host.js';
import type { LabProcess } from '../src/lab/process.js';
import type { Result } from '../src/lab/run.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { clientsSeen, type Family } from './support/clients.js';

const { client: own, listen, forwarder } = ADDRESSES;
const OTHER = { ipv4: '203.0.113.8', ipv6: '2001:db8:1::8' } as const;
const AS_POSTGRES = ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];

test('PostgreSQL tells the client, and its pg_hba.conf lets in the client and nobody else', async () => {
  await using chain = await createChain();
  const server = await startPostgres(chain.backend);
  chain.tag();
  await chain.proxy(5432);

  for (const family of ['ipv4', 'ipv6'] as const)
    assert.match(await refusal(chain, family), refused(forwarder[family]));
  chain.attach();
  for (const family of ['ipv4', 'ipv6'] as const) {
    const { stdout } = await psql(chain, family);
    const [, port] = (await clientsSeen(chain)).at(-1)!.match(/:(\d+)$/)!;
    assert.equal(stdout, `${own[family]} ${port}\n`);
    await server.waitForLine(new RegExp(`connection received: host=${own[family]} port=${port}$`));
  }
  await becomeOther(chain.client);
  for (const family of ['ipv4', 'ipv6'] as const)
    assert.match(await refusal(chain, family), refused(OTHER[family]));
});

/** A server of its own on all addresses, which knows `alice` and lets her in from the client's address only. */
async function startPostgres(backend: Host): Promise<LabProcess> {
  const data = join(backend.dir, 'data');
  const programs = await programsDirectory();
  const asPostgres = (name: string) => [...AS_POSTGRES, join(programs, name), '-D', data];
  await backend.run('install', ['-d', '-o', 'postgres', '-g', 'postgres', '-m', '0700', data]);
  const initdb = ['--username=alice', '--auth=reject', '--no-sync', '--locale=C', '--encoding=UTF8'];
  await backend.run('setpriv', [...asPostgres('initdb'), ...initdb]);
  const rules = [`${own.ipv4}/32`, `${own.ipv6}/128`].map((address) => `host all alice ${address} trust\n`);
  await writeFile(join(data, 'pg_hba.conf'), rules.join(''));
  const settings = ['listen_addresses=*', 'unix_socket_directories=', 'log_connections=on', 'fsync=off'];
  const server = backend.spawn('setpriv', [
    ...asPostgres('postgres'),
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  await server.waitForLine(/ready to accept connections/);
  return server;
}

/** Debian keeps each major version's programs apart, and only a wrapper of psql on the path. */
async function programsDirectory(): Promise<string> {
  const versions = await readdir('/usr/lib/postgresql');
  return join('/usr/lib/postgresql', versions.sort((a, b) => Number(b) - Number(a))[0]!, 'bin');
}

function psql({ client }: Chain, family: Family, check = true): Promise<Result> {
  const command = "SELECT host(inet_client_addr()) || ' ' || inet_client_port()";
  const login = ['--no-psqlrc', '-h', listen[family], '-U', 'alice', '-d', 'postgres'];
  return client.run('psql', [...login, '-At', '-c', command], { check });
}

async function refusal(chain: Chain, family: Family): Promise<string> {
  const { status, stderr } = await psql(chain, family, false);
  assert.equal(status, 2, 'psql should not get in');
  return stderr;
}

function refused(address: string): RegExp {
  return new RegExp(`FATAL: {2}no pg_hba.conf entry for host "${address}", user "alice"`);
}

/** From now on this host's connections to the forwarder come from its other addresses. */
async function becomeOther(client: Host): Promise<void> {
  for (const [family, length] of [
    ['ipv4', 24],
    ['ipv6', 64],
  ] as const) {
    await client.run('ip', ['address', 'add', `${OTHER[family]}/${length}`, 'dev', 'eth0']);
    await client.run('ip', ['route', 'add', listen[family], 'dev', 'eth0', 'src', OTHER[family]]);
  }
}
