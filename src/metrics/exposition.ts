import type { Registry } from 'prom-client';
import { isOpen, readServices } from '../forwarder/entries.js';
import type { Observed } from '../forwarder/metrics.js';
import { readCounters } from '../forwarder/stats.js';
import type { BackendExposition } from './backends.js';
import { countersRegistry } from './counters.js';
import { tableRegistry } from './table.js';

/**
 * The text of all metrics, in pieces. What the kernel has counted is read at once, before the first of them; services
 * that are not configured any more are left out.
 *
 * @param daemon what it knows by itself.
 * @throws {KernelError}
 */
export async function* expose(
  observed: Observed,
  daemon: Registry,
  backends: BackendExposition,
): AsyncGenerator<string> {
  const { tables } = observed;
  const open = readServices(tables).filter(isOpen);
  const services = new Map(open.map(({ number, name }) => [number, name]));
  const image = { bytes: tables.backends.readAll(), stride: tables.backends.stride };
  const counters = countersRegistry(readCounters(tables.map('counters'), services));
  for (const registry of [daemon, tableRegistry(observed), counters]) yield await registry.metrics();
  yield* backends.text(image, services);
}
