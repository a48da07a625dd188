import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { makeCgroup } from './cgroup.js';
import { CommandError, LabSpecError } from './errors.js';
import type { Host } from './host.js';
import { addressCommands, linkCommand, offloadArguments, planInterfaces } from './network.js';
import { run } from './run.js';
import type { LabSpec } from './spec.js';

/** Duplicate address detection would keep every IPv6 address unusable for its first second. */
const BRING_UP = `
ip link set lo up || exit
for scope in all default; do
  dad=/proc/sys/net/ipv6/conf/$scope/accept_dad
  [ ! -e $dad ] || echo 0 > $dad || exit
done
`;

const WRITE_SYSCTL = 'echo "$2" > "/proc/sys/$1"';

/**
 * Makes what the description says: namespaces first, then the links between them, then what lives on them.
 * A failure leaves the job half done; disposing of the laboratory undoes any part of it.
 */
export async function buildHosts(spec: LabSpec, hostOf: (name: string) => Host): Promise<void> {
  const names = Object.keys(spec.hosts);
  for (const name of names) await addHost(hostOf(name));
  const pairs = planInterfaces(spec.links ?? []);
  await ipBatch(pairs.map((pair) => linkCommand(pair, (name) => hostOf(name).namespace)));
  const ends = pairs.flat();
  for (const name of names) {
    const commands = ends.filter(({ host }) => host === name).flatMap(addressCommands);
    await ipBatch(commands, hostOf(name));
  }
  for (const end of ends.filter(({ link }) => link.offload !== undefined)) {
    await hostOf(end.host).run('ethtool', offloadArguments(end));
  }
  for (const [name, { sysctls = {}, routes = [] }] of Object.entries(spec.hosts)) {
    for (const [key, value] of Object.entries(sysctls)) await setSysctl(hostOf(name), key, value);
    for (const route of routes) await hostOf(name).run('ip', ['route', 'add', ...route.split(' ')]);
  }
}

async function addHost(host: Host): Promise<void> {
  makeCgroup(host.cgroup);
  await mkdir(host.dir);
  await chmod(host.dir, 0o755);
  // unshare keeps the namespace by mounting it on this file.
  await writeFile(host.namespace, '');
  await run(['unshare', `--net=${host.namespace}`, '--', 'true']);
  await host.run('sh', ['-c', BRING_UP]);
}

async function ipBatch(commands: readonly string[], host?: Host): Promise<void> {
  const options = { input: `${commands.join('\n')}\n` };
  await (host?.run('ip', ['-batch', '-'], options) ?? run(['ip', '-batch', '-'], options));
}

async function setSysctl(host: Host, key: string, value: string): Promise<void> {
  try {
    await host.run('sh', ['-c', WRITE_SYSCTL, 'sh', key.replaceAll('.', '/'), value]);
  } catch (cause) {
    const why = cause instanceof CommandError ? `: ${cause.stderr.trim()}` : '';
    throw new LabSpecError(`sysctl "${key}" of ${host.name} cannot be set to "${value}"${why}`, { cause });
  }
}
