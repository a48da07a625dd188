import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../lab/host.js';

/** Where the backend's nginx listens. */
export const BACKEND_PORT = 8080;

/**
 * Starts an unmodified nginx that writes `ADDRESS PORT PATH` of every request into its access log, and answers with
 * `ADDRESS PORT`.
 *
 * @returns the path of the log.
 */
export async function startBackend(backend: Host): Promise<string> {
  const log = join(backend.dir, 'access.log');
  const configuration = join(backend.dir, 'nginx.conf');
  await writeFile(
    configuration,
    `user root;
daemon off;
pid ${backend.dir}/nginx.pid;
error_log ${backend.dir}/error.log;
events {}
http {
  log_format peer '$remote_addr $remote_port $request_uri';
  access_log ${log} peer;
  server { listen ${BACKEND_PORT}; listen [::]:${BACKEND_PORT}; return 200 "$remote_addr $remote_port"; }
}
`,
  );
  backend.spawn('nginx', ['-c', configuration]);
  await backend.waitForPort(BACKEND_PORT);
  return log;
}
