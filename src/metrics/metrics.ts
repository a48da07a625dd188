import type { Server } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../forwarder/log.js';
import type { HealthCheck, Metrics, Observed } from '../forwarder/metrics.js';
import type { Endpoint } from '../wire/index.js';
import { BackendExposition } from './backends.js';
import { DaemonMetrics } from './daemon.js';
import { expose } from './exposition.js';
import { listen } from './server.js';

/** Serves a daemon's metrics to Prometheus. */
export class PrometheusMetrics implements Metrics {
  readonly #log: Logger;
  readonly #daemon = new DaemonMetrics();
  readonly #backends = new BackendExposition();
  #observed: Observed | undefined;
  #served: { readonly address: Required<Endpoint>; readonly server: Server } | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  async serveAt(address: Required<Endpoint> | undefined): Promise<void> {
    const before = this.#served;
    if (isDeepStrictEqual(address, before?.address)) return;
    // Every address and a single one exclude each other on one port: then the first has to go before the other can come.
    const isInTheWay = address !== undefined && before?.address.port === address.port;
    if (isInTheWay) this.close();
    try {
      const served = address && { address, server: await this.#listen(address) };
      this.close();
      this.#served = served;
    } catch (error) {
      if (isInTheWay) this.#served = { ...before!, server: await this.#listen(before!.address) };
      throw error;
    }
  }

  observe(observed: Observed): void {
    this.#observed = observed;
  }

  count(check: HealthCheck): void {
    this.#daemon.count(check);
  }

  /** Answers that are under way are given. */
  close(): void {
    this.#served?.server.close();
    this.#served = undefined;
  }

  #listen(address: Required<Endpoint>): Promise<Server> {
    const text = () => this.#observed && expose(this.#observed, this.#daemon.registry, this.#backends);
    return listen(address, text, (error) => this.#log.error({ err: error }, 'metrics could not be told'));
  }
}
