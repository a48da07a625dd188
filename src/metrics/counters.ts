import { Counter, Registry } from 'prom-client';
import { COUNTER_FAMILIES, type CounterFamily } from '../forwarder/counter-families.js';
import { COUNTER_MEANINGS } from '../forwarder/counters.js';
import type { ForwarderStats, PerCounter } from '../forwarder/stats.js';
import { PREFIX } from './prefix.js';

/** What the program has counted, for each service. What belongs to none has no label `service`. */
export function countersRegistry({ services, none }: Pick<ForwarderStats, 'services' | 'none'>): Registry {
  const registry = new Registry();
  for (const family of Object.keys(COUNTER_FAMILIES) as CounterFamily[]) {
    const members = COUNTER_MEANINGS.filter(({ series }) => series[0] === family);
    const counter = new Counter({
      name: `${PREFIX}${family}_total`,
      help: COUNTER_FAMILIES[family],
      labelNames: ['service', ...Object.keys(members[0]?.series[1] ?? {})],
      registers: [registry],
    });
    const add = (service: { service?: string }, counters: PerCounter<bigint>) => {
      for (const { name, series } of members)
        counter.inc({ ...service, ...series[1] }, Number(counters[name]));
    };
    for (const { service, counters } of services) add({ service }, counters);
    add({}, none);
  }
  return registry;
}
