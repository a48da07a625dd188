import { Gauge, Registry } from 'prom-client';
import { CONNECTION_STATES } from '../forwarder/connection.js';
import { STATE } from '../forwarder/layout.js';
import type { Observed } from '../forwarder/metrics.js';
import { PREFIX } from './prefix.js';

/** How full the connection table is. */
export function tableRegistry({ capacity, slotsByState }: Omit<Observed, 'tables'>): Registry {
  const registry = new Registry();
  const registers = [registry];
  const most = new Gauge({
    name: `${PREFIX}connections_max`,
    help: 'Concurrent connections that there is room for.',
    registers,
  });
  most.set(capacity);
  const connections = new Gauge({
    name: `${PREFIX}connections`,
    help: 'Connections in the table, by their state; closed ones keep their port for a while.',
    labelNames: ['state'],
    registers,
  });
  CONNECTION_STATES.forEach((state, at) => {
    const count = slotsByState?.[at];
    if (count !== undefined && at !== STATE.free) connections.set({ state: state.replace('-', '_') }, count);
  });
  return registry;
}
