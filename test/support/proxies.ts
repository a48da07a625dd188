import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabProcess } from '../../src/lab/process.js';
import { type Chain, NGINX_STREAM_MODULE } from './chain.js';

/** Where clients connect to, and where the recipes of docs/tagger.md have the backend. */
export const PORT = 8080;

/** Starts HAProxy on the forwarder, in the cgroup `proxy`, and waits until it listens. Its log is what it prints. */
export async function startHaproxy(
  { forwarder }: Chain,
  config: string,
  launcher: readonly string[] = [],
): Promise<LabProcess> {
  const file = join(forwarder.dir, 'haproxy.cfg');
  await writeFile(file, config);
  const [command = '', ...args] = [...launcher, 'haproxy', '-db', '-f', file];
  const haproxy = forwarder.spawn(command, args, { cgroup: 'proxy' });
  await haproxy.waitForPort(PORT);
  return haproxy;
}

/** Starts nginx on the forwarder, in the cgroup `proxy`, as Debian does but in the foreground. */
export async function startNginx({ forwarder }: Chain, blocks: string): Promise<LabProcess> {
  const file = join(forwarder.dir, 'nginx.conf');
  await writeFile(
    file,
    `load_module ${NGINX_STREAM_MODULE};
user www-data;
daemon off;
pid ${forwarder.dir}/nginx.pid;
error_log ${forwarder.dir}/error.log info;
worker_processes 1;
events { worker_connections 4096; }
${blocks}`,
  );
  const nginx = forwarder.spawn('nginx', ['-c', file], { cgroup: 'proxy' });
  await nginx.waitForPort(PORT);
  return nginx;
}
