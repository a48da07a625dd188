import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HealthCheck } from '../forwarder/metrics.js';
import { VERSION } from '../version.js';
import { PREFIX } from './prefix.js';

/** A check within a network takes a millisecond, and gives up after some seconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What the daemon knows by itself: its version, its process, and its health checks. */
export class DaemonMetrics {
  readonly registry = new Registry();
  readonly #checks: Counter<'service' | 'outcome'>;
  readonly #seconds: Histogram<'service'>;

  constructor() {
    const registers = [this.registry];
    const build = new Gauge({
      name: 'truepeer_build_info',
      help: 'Always 1; the version of TruePeer, and of the Node.js that the daemon runs on.',
      labelNames: ['version', 'node_version'],
      registers,
    });
    build.set({ version: VERSION, node_version: process.versions.node }, 1);
    this.#checks = new Counter({
      name: `${PREFIX}health_checks_total`,
      help: 'Health checks of backends that are done.',
      labelNames: ['service', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: `${PREFIX}health_check_duration_seconds`,
      help: 'How long health checks of backends took, failed ones among them.',
      labelNames: ['service'],
      buckets: SECONDS,
      registers,
    });
    collectDefaultMetrics({ register: this.registry });
  }

  count({ service, succeeded, seconds }: HealthCheck): void {
    this.#checks.inc({ service, outcome: succeeded ? 'success' : 'failure' });
    this.#seconds.observe({ service }, seconds);
  }
}
