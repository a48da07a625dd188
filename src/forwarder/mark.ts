import { isOpen, readBackends, readServices } from './entries.js';
import { BACKEND, BACKEND_FLAGS } from './layout.js';
import { reschedule } from './reschedule.js';
import type { Tables } from './tables.js';

/** What became of a backend; what is absent stays as it was. */
export interface Mark {
  /** The backend's number. */
  readonly backend: number;
  readonly up?: boolean;
  /** Whether it gets no new connections, so that it can be taken away. */
  readonly draining?: boolean;
}

/** Takes note in the backends' entries, where a later process finds it, and writes the schedules that this changes. */
export function markBackends(tables: Tables, marks: readonly Mark[]): void {
  const changed = new Set<number>();
  for (const { backend, up, draining } of marks) {
    const before = tables.backends.word(backend, BACKEND.flags);
    let flags = before;
    if (up !== undefined) flags = withFlag(flags, BACKEND_FLAGS.up, up);
    if (draining !== undefined) flags = withFlag(flags, BACKEND_FLAGS.draining, draining);
    if (flags === before) continue;
    tables.backends.setWord(backend, BACKEND.flags, flags);
    changed.add(tables.backends.word(backend, BACKEND.port) >>> 16);
  }
  if (changed.size === 0) return;
  const services = readServices(tables).filter((service) => isOpen(service) && changed.has(service.number));
  reschedule(tables, services, readBackends(tables));
}

function withFlag(flags: number, flag: number, isSet: boolean): number {
  return isSet ? flags | flag : flags & ~flag;
}
