import type { Command } from 'commander';
import { DEFAULT_CONFIG } from '../config/config.js';
import { ConfigError } from '../config/errors.js';
import { configFile, readWithPlaces } from '../config/read.js';
import {
  parseSegment,
  parseTaggerKind,
  type TaggerChoice,
  taggerSettings,
} from '../config/tagger-settings.js';
import { parseCgroup, parseProfile } from '../config/values.js';
import { attachTagger } from '../tagger/attach.js';
import { cgroupProblems, type TaggerOrder } from '../tagger/check.js';
import { showTaggerAttached } from './show/tagger-attached.js';
import { inFlag, UsageError } from './usage-error.js';

interface Flags {
  readonly cgroup?: string;
  readonly kind?: string;
  readonly profile?: string;
  readonly on?: string;
  readonly config?: string;
}

export function define(command: Command): void {
  command
    .option('--cgroup <path>', "the proxy's cgroup, such as system.slice/haproxy.service")
    .option(
      '--kind <kind/length>',
      'the option to write: of 8 bytes for IPv4 clients, at 20 for IPv6 (default: 254/8); or none',
    )
    .option('--profile <name>', "write what this vendor's forwarders send, instead")
    .option('--on <segments>', 'write it on these segments (default: syn,ack,data)')
    .option(
      '--config <file>',
      `without --cgroup: attach all of its section tagger (default: ${DEFAULT_CONFIG})`,
    )
    .addHelpText('after', HELP)
    .action(attach);
}

const HELP = `
From then on, what binds its outgoing connection in this cgroup to an address that is not the host's own
says by it who the client is: HAProxy's \`source 0.0.0.0 usesrc client\`, nginx's \`proxy_bind ... transparent\`.
Nothing keeps running: what is attached stays until \`truepeer tagger detach\`. With --kind none the proxy
goes on as itself, untagged: the step before its configuration changes, and then detach.

Examples:
  truepeer tagger attach --cgroup system.slice/haproxy.service
  truepeer tagger attach --cgroup system.slice/nginx.service --profile tencent --on ack,data`;

async function attach(flags: Flags): Promise<void> {
  const chosen = chosenBy(flags);
  const orders = chosen === undefined ? await configured(flags.config) : [orderOf(chosen)];
  for (const { cgroup, settings } of orders)
    console.log(showTaggerAttached(attachTagger(cgroup, settings), settings).join('\n'));
}

function orderOf(choice: TaggerChoice): TaggerOrder {
  return { cgroup: choice.cgroup, settings: taggerSettings(choice) };
}

function chosenBy({ cgroup, kind, profile, on }: Flags): TaggerChoice | undefined {
  if (cgroup === undefined) {
    if ([kind, profile, on].some((flag) => flag !== undefined))
      throw new UsageError('--kind, --profile and --on go with --cgroup: whose connections?');
    return undefined;
  }
  return {
    cgroup: inFlag('--cgroup', () => parseCgroup(cgroup)),
    ...(kind !== undefined && { kind: inFlag('--kind', () => parseTaggerKind(kind)) }),
    ...(profile !== undefined && { profile: inFlag('--profile', () => parseProfile(profile)) }),
    ...(on !== undefined && { on: inFlag('--on', () => on.split(',').map(parseSegment)) }),
  };
}

/** The taggers of a file, which are all looked at before the first is attached. */
async function configured(named: string | undefined): Promise<readonly TaggerOrder[]> {
  const file = configFile(named);
  if (file === undefined) throw new UsageError(WHOSE);
  const { config, placeOf } = await readWithPlaces(file);
  const orders = (config.tagger ?? []).map(orderOf);
  if (orders.length === 0) throw new UsageError(WHOSE);
  const problems = cgroupProblems(orders).map(({ index, message }) => ({
    ...placeOf(['tagger', index, 'cgroup']),
    message,
  }));
  if (problems.length > 0) throw new ConfigError(file, problems);
  return orders;
}

const WHOSE =
  'whose connections shall be tagged? Name the cgroup of the proxy, such as ' +
  '--cgroup system.slice/haproxy.service, or `tagger:` in the configuration';
