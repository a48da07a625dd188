import type { Command } from 'commander';
import { DEFAULT_CONFIG, type ReceiverConfig } from '../config/config.js';
import { readConfigOrDefault } from '../config/read.js';
import { receiverSettings } from '../config/receiver-settings.js';
import { parseCgroup, parseKindName, parseProfile, parseRefusable, parseTrust } from '../config/values.js';
import { attachReceiver } from '../receiver/attach.js';
import { DEFAULT_PROFILES } from '../wire/index.js';
import { showAttached } from './show/attached.js';
import { inFlag } from './usage-error.js';

interface Flags {
  readonly trust?: readonly string[];
  readonly profile?: readonly string[];
  readonly kind?: readonly string[];
  readonly refuse?: readonly string[];
  readonly cgroup?: string;
  readonly sockopt: boolean;
  readonly config?: string;
}

export function define(command: Command): void {
  command
    .option('--trust <cidr...>', 'believe TOA from these forwarders; `any` alone believes every sender')
    .option('--profile <name...>', `read what these vendors send (default: ${DEFAULT_PROFILES.join(' ')})`)
    .option('--kind <kind/length...>', 'read these single options, such as 200/8')
    .option('--refuse <what...>', 'refuse client addresses that are `loopback` or `private`')
    .option('--cgroup <path>', 'serve the sockets of this cgroup only (default: /, the whole host)')
    .option('--no-sockopt', 'leave getsockopt() alone: no NAT64 and VTOA answers, no cost')
    .option('--config <file>', `read settings from here (default: ${DEFAULT_CONFIG}, where there is one)`)
    .addHelpText('after', HELP)
    .action(attach);
}

const HELP = `
Options win over the configuration, one by one; with --kind and no profile only these kinds are read.
Nothing keeps running: what is attached stays until \`truepeer receiver detach\`. Attaching again changes
the settings, and upgrades the programs, while connections keep their addresses.

Examples:
  truepeer receiver attach --trust 10.0.0.0/8 2001:db8:1::/48
  truepeer receiver attach --trust 10.0.0.0/8 --profile alibaba-slb --cgroup system.slice/nginx.service`;

async function attach(flags: Flags): Promise<void> {
  const chosen = chosenBy(flags);
  const { receiver } = await readConfigOrDefault(flags.config);
  const settings = receiverSettings(chosen, receiver);
  console.log(showAttached(attachReceiver(settings), settings).join('\n'));
}

function chosenBy({ trust, profile, kind, refuse, cgroup, sockopt }: Flags): ReceiverConfig {
  return {
    ...(trust && { trust: inFlag('--trust', () => parseTrust(trust)) }),
    ...(profile && { profiles: inFlag('--profile', () => profile.map(parseProfile)) }),
    ...(kind && { kinds: inFlag('--kind', () => kind.map(parseKindName)) }),
    ...(refuse && { refuse: inFlag('--refuse', () => refuse.map(parseRefusable)) }),
    ...(cgroup !== undefined && { cgroup: inFlag('--cgroup', () => parseCgroup(cgroup)) }),
    ...(!sockopt && { sockopt }),
  };
}
