import type { Host } from '../../src/lab/host.js';

/** A counter of a host's network stack, such as TcpExtSyncookiesRecv, since the host is there. */
export async function kernelCounter(host: Host, name: string): Promise<number> {
  const { stdout } = await host.run('nstat', ['--noupdate', '--ignore', '--zeros', name]);
  return Number(stdout.match(new RegExp(`^${name}\\s+(\\d+)`, 'm'))?.[1]);
}
