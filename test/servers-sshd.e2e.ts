import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { clientsSeen, type Family } from './support/clients.js';

/**
 * A runtime directory, as systemd makes one for sshd, and a root account that is not locked, whatever the machine's is:
 * both for this sshd only. It wants to be started by its absolute path.
 */
const PRIVATE_SYSTEM = `
mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/sshd && mount --bind shadow /etc/shadow &&
exec "$(PATH="$PATH:/usr/sbin" command -v sshd)" -D -e -f sshd_config
`;

test('sshd logs the client and hands it to the session', async () => {
  await using chain = await createChain();
  const { client, backend } = chain;
  const { client: own, listen, backend: local } = ADDRESSES;
  for (const key of ['host_key', 'user_key'])
    await backend.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  await copyFile(join(backend.dir, 'user_key'), join(client.dir, 'key'));
  await writeFile(join(backend.dir, 'shadow'), 'root:*:20000:0:99999:7:::\n');
  await writeFile(
    join(backend.dir, 'sshd_config'),
    `Port 2222
HostKey ${backend.dir}/host_key
AuthorizedKeysFile ${backend.dir}/user_key.pub
StrictModes no
UsePAM no
PidFile none
LogLevel VERBOSE
ForceCommand echo "$SSH_CONNECTION"
AllowUsers root@${own.ipv4} root@${own.ipv6}
`,
  );
  chain.attach();
  const sshd = backend.spawn('unshare', ['--mount', 'sh', '-c', PRIVATE_SYSTEM]);
  await sshd.waitForPort(2222);
  chain.tag();
  await chain.proxy(2222);

  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
  ];
  const logIn = async (family: Family): Promise<string> => {
    const args = ['-F', 'none', '-i', 'key', '-p', '2222', ...options.map((option) => `-o${option}`)];
    return (await client.run('ssh', [...args, `root@${listen[family]}`])).stdout;
  };
  for (const family of ['ipv4', 'ipv6'] as const) {
    const answer = await logIn(family);
    const port = (await clientsSeen(chain)).at(-1)!.match(/\d+$/)![0];
    assert.equal(answer, `${own[family]} ${port} ${local[family]} 2222\n`);
    await sshd.waitForLine(new RegExp(`^Connection from ${own[family]} port ${port} `));
    await sshd.waitForLine(new RegExp(`^Accepted publickey for root from ${own[family]} port ${port} `));
  }
});
