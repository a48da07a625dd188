import { readServices } from './entries.js';
import { Reading } from './reading.js';
import { type ForwarderStats, readCounters } from './stats.js';

/** @throws NotAttachedError, PrivilegeError, KernelError */
export function readForwarderStats(): ForwarderStats {
  using reading = Reading.open();
  const { tables } = reading;
  return readCounters(
    tables.map('counters'),
    new Map(readServices(tables).map(({ number, name }) => [number, name])),
  );
}
