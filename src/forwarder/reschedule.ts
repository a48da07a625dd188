import type { BackendEntry, ServiceEntry } from './entries.js';
import { BACKEND_FLAGS, LIMITS, SERVICE } from './layout.js';
import { type Schedulable, scheduleOf } from './schedule/schedule.js';
import type { Tables } from './tables.js';

/**
 * Writes the schedules of some services anew. New connections go by the new schedule at once.
 *
 * @param backends of these services, as their entries say; others among them do not matter.
 */
export function reschedule(
  tables: Tables,
  services: readonly ServiceEntry[],
  backends: readonly BackendEntry[],
): void {
  const candidates = new Map<number, Schedulable[]>(services.map(({ number }) => [number, []]));
  for (const entry of backends)
    if (entry.weight > 0 && (entry.flags & BACKEND_FLAGS.removed) === 0)
      candidates.get(entry.service)?.push(schedulable(entry));
  for (const { number, scheduler } of services)
    writeSchedule(tables, number, scheduleOf(scheduler, candidates.get(number)!));
}

function writeSchedule({ schedule, services }: Tables, service: number, numbers: Uint32Array): void {
  schedule.setWords(service * LIMITS.scheduleSize, numbers);
  // How many there are comes last: those in use are good at every moment.
  services.setWord(service, SERVICE.schedule, numbers.length);
}

function schedulable({ number, endpoint, weight, flags }: BackendEntry): Schedulable {
  const { up, draining } = BACKEND_FLAGS;
  const key = `${endpoint.address} ${endpoint.port}`;
  return { number, key, weight, available: (flags & (up | draining)) === up };
}
