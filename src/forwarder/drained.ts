import { pause } from '../lifecycle/pause.js';
import { LIVE_STATES } from './connection-table.js';
import type { BackendName } from './control-protocol.js';
import { type BackendEntry, readBackends, readServices } from './entries.js';
import { findBackend, findService } from './find-backend.js';
import { Reading } from './reading.js';

/** How often to look. */
const LOOK_MS = 1_000;

/**
 * How many connections a backend still has: at once, and again whenever that has changed, until there are none or the
 * signal is given.
 *
 * @throws NotAttachedError, PrivilegeError, KernelError, UnknownNameError
 */
export async function* connectionsLeft(name: BackendName, signal: AbortSignal): AsyncGenerator<number> {
  const { service, number } = numbersOf(name);
  for (let last = -1; last !== 0 && !signal.aborted; ) {
    const left = countLeft(service, number);
    if (left !== last) yield left;
    last = left;
    if (left !== 0) await pause(LOOK_MS, signal);
  }
}

function numbersOf(name: BackendName): Pick<BackendEntry, 'service' | 'number'> {
  using reading = Reading.open();
  const service = findService(readServices(reading.tables), name.service);
  return findBackend(service, readBackends(reading.tables), name.backend);
}

/** Opened anew each time: in the maps of a forwarder that was detached, nothing would ever end. */
function countLeft(service: number, backend: number): number {
  using reading = Reading.open();
  return reading.connections.countByBackend({ service, states: LIVE_STATES }).get(backend) ?? 0;
}
