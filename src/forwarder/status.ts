import { statSync } from 'node:fs';
import { join } from 'node:path';
import { takesOffVlanTags } from '../kernel/interface.js';
import { takesRedirects } from '../kernel/xdp-features.js';
import { LIVE_STATES } from './connection-table.js';
import type { Answers } from './control-protocol.js';
import { readBackends, readServices } from './entries.js';
import { isForwarding, readInterfaces } from './host.js';
import { forwarderPlan } from './installation.js';
import { type InterfaceStatus, readInterfaceStatuses } from './interface-status.js';
import { STATE } from './layout.js';
import { readLocals } from './locals.js';
import { hiddenVlans } from './offloads.js';
import { problemsOf } from './problems.js';
import { Reading } from './reading.js';
import { notOfThisHost } from './routes.js';
import { type ServiceStatus, serviceStatuses } from './service-status.js';
import { capacityOf } from './sizes.js';

/** Everything `truepeer forwarder status` says; read from the kernel, and where a daemon runs, from it too. */
export type ForwarderStatus = { readonly attached: false } | AttachedForwarder;

export interface AttachedForwarder {
  readonly attached: true;
  /** What is wrong, one sentence each; empty when all is well. */
  readonly problems: readonly string[];
  /** When it was first attached. */
  readonly since: Date;
  /** When the present programs took over. */
  readonly changed: Date;
  readonly interfaces: readonly InterfaceStatus[];
  /** Absent where no daemon runs, or none answers. */
  readonly daemon?: { readonly pid: number; readonly since: Date };
  readonly localAddresses: readonly string[];
  /** Concurrent connections that there is room for. */
  readonly capacity: number;
  readonly connections: {
    readonly live: number;
    /** Those that are over and keep their port for a while, unless it is needed. */
    readonly closed: number;
  };
  readonly services: readonly ServiceStatus[];
}

/**
 * @param answer of the daemon.
 * @throws PrivilegeError, KernelError; AttachedOtherwiseError for a forwarder of another version
 */
export async function readForwarderStatus(
  answer: Answers['health'] | 'absent' | 'silent',
): Promise<ForwarderStatus> {
  const daemon = typeof answer === 'string' ? undefined : answer;
  using reading = Reading.openIfAttached();
  if (reading === undefined) return { attached: false };
  const { tables, connections, slots } = reading;
  const byState = connections.countByState();
  const interfaces = await readInterfaceStatuses(reading.installed);
  const there = await readInterfaces();
  const attachedIn = (modes: readonly InterfaceStatus['mode'][]) =>
    there.filter(({ name }) => interfaces.some((one) => one.name === name && modes.includes(one.mode)));
  const native = attachedIn(['native']);
  const services = serviceStatuses(
    readServices(tables),
    readBackends(tables),
    tables.backends,
    connections.countByBackend({ states: LIVE_STATES }),
    daemon?.backends ?? [],
  );
  const localAddresses = readLocals(tables);
  const since = statSync(join(forwarderPlan().directory, 'counters')).mtime;
  return {
    attached: true,
    problems: problemsOf({
      interfaces,
      services,
      strayAddresses: await notOfThisHost(localAddresses),
      isForwarding,
      deaf: native.filter(({ ifindex }) => takesRedirects(ifindex) === false),
      unsummed: daemon?.unsummed ? native.filter(({ isVeth }) => isVeth).map(({ name }) => name) : undefined,
      hidden: attachedIn(['native', 'generic'])
        .map((one) => ({ name: one.name, vlans: hiddenVlans(one, there, takesOffVlanTags) }))
        .filter(({ vlans }) => vlans.length > 0),
      complaint: daemon?.complaint ?? '',
      daemon: typeof answer === 'string' ? answer : 'answers',
    }),
    since,
    // Programs are loaded before they are attached.
    changed: new Date(Math.max(since.getTime(), ...interfaces.map(({ loadedAt }) => loadedAt.getTime()))),
    interfaces,
    ...(daemon && { daemon: { pid: daemon.pid, since: new Date(daemon.since) } }),
    localAddresses,
    capacity: capacityOf(slots),
    connections: {
      live: LIVE_STATES.reduce((sum, state) => sum + byState[state]!, 0),
      closed: byState[STATE.closed]!,
    },
    services,
  };
}
