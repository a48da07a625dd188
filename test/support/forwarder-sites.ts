import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../src/lab/host.js';
import type { LabProcess } from '../../src/lab/process.js';

/** Where the real servers of a host listen, on both families; `dual` is one socket for both. */
export const SITE = { nginx: 8080, dual: 8081, haproxy: 8090, sshd: 2222 } as const;

/** An unmodified nginx that says whom it sees, serves the files of the host's `files`, and takes uploads into it. */
export async function startNginx(host: Host): Promise<{ readonly log: string }> {
  const log = join(host.dir, 'access.log');
  await host.run('mkdir', ['files']);
  await writeFile(
    join(host.dir, 'nginx.conf'),
    `user root;
daemon off;
pid ${host.dir}/nginx.pid;
error_log ${host.dir}/error.log;
events {}
http {
  log_format peer '$remote_addr $remote_port $request_uri $status';
  access_log ${log} peer;
  client_max_body_size 1g;
  client_body_temp_path ${host.dir}/bodies;
  server {
    listen ${SITE.nginx};
    listen [::]:${SITE.nginx};
    listen [::]:${SITE.dual} ipv6only=off;
    location / { return 200 "$remote_addr $remote_port\\n"; }
    location /files/ { root ${host.dir}; dav_methods PUT; }
  }
}
`,
  );
  host.spawn('nginx', ['-c', join(host.dir, 'nginx.conf')]);
  await host.waitForPort(SITE.nginx);
  return { log };
}

/** An unmodified HAProxy that answers with 200 and logs whom it sees on standard output. */
export async function startHaproxy(host: Host): Promise<LabProcess> {
  await writeFile(
    join(host.dir, 'haproxy.cfg'),
    `global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout client 10s
frontend web
  bind 0.0.0.0:${SITE.haproxy}
  bind :::${SITE.haproxy} v6only
  http-request return status 200 content-type text/plain string welcome
`,
  );
  const haproxy = host.spawn('haproxy', ['-db', '-f', 'haproxy.cfg']);
  await haproxy.waitForPort(SITE.haproxy);
  return haproxy;
}

/** A runtime directory and an account for this sshd only; it wants to be started by its absolute path. */
const PRIVATE_SYSTEM = `
mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/sshd && mount --bind shadow /etc/shadow &&
exec "$(PATH="$PATH:/usr/sbin" command -v sshd)" -D -e -f sshd_config
`;

/** An unmodified sshd that tells a session its SSH_CONNECTION, and the client's host a key for it. */
export async function startSshd(host: Host, client: Host): Promise<LabProcess> {
  for (const key of ['host_key', 'user_key'])
    await host.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  await copyFile(join(host.dir, 'user_key'), join(client.dir, 'key'));
  await client.run('chmod', ['600', 'key']);
  await writeFile(join(host.dir, 'shadow'), 'root:*:20000:0:99999:7:::\n');
  await writeFile(
    join(host.dir, 'sshd_config'),
    `Port ${SITE.sshd}
HostKey ${host.dir}/host_key
AuthorizedKeysFile ${host.dir}/user_key.pub
StrictModes no
UsePAM no
PidFile none
LogLevel VERBOSE
ForceCommand echo "$SSH_CONNECTION"
`,
  );
  const sshd = host.spawn('unshare', ['--mount', 'sh', '-c', PRIVATE_SYSTEM]);
  await sshd.waitForPort(SITE.sshd);
  return sshd;
}

/** What a session is told, by an unmodified ssh. */
export async function logIn(client: Host, address: string, port: number): Promise<string> {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
  ];
  const args = ['-F', 'none', '-i', 'key', '-p', `${port}`, ...options.map((option) => `-o${option}`)];
  return (await client.run('ssh', [...args, `root@${address}`])).stdout;
}
