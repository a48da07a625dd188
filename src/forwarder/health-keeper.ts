import { formatEndpoint } from '../wire/index.js';
import type { BackendHealth, BackendName } from './control-protocol.js';
import { type BackendEntry, readBackends, readServices } from './entries.js';
import type { Forwarder } from './forwarder.js';
import { type HealthChange, HealthMonitor } from './health/monitor.js';
import type { BackendCounts } from './health/passive.js';
import { BACKEND } from './layout.js';
import type { Logger } from './log.js';
import { MarkQueue } from './mark-queue.js';
import type { HealthCheck } from './metrics.js';
import type { ForwarderSettings } from './settings.js';
import { watchedServices } from './watched.js';

/** Watches the backends of an attached forwarder, and keeps those that are ill out of its schedules. */
export class HealthKeeper implements Disposable {
  readonly #forwarder: Forwarder;
  readonly #log: Logger;
  readonly #marks: MarkQueue;
  readonly #monitor: HealthMonitor;
  /** By number. */
  #backends = new Map<number, BackendEntry>();
  #serviceNames = new Map<number, string>();

  /**
   * @param onWritten called after backends went up or down.
   * @param onChecked told of every check.
   */
  constructor(
    forwarder: Forwarder,
    log: Logger,
    onWritten: () => void,
    onChecked: (check: HealthCheck) => void,
  ) {
    this.#forwarder = forwarder;
    this.#log = log;
    this.#marks = new MarkQueue((marks) => {
      forwarder.mark(marks);
      onWritten();
    });
    this.#monitor = new HealthMonitor(
      (backend) => this.#countsOf(backend),
      (change) => this.#take(change),
      ({ group, failure, seconds }) =>
        onChecked({ service: this.#serviceNames.get(group)!, succeeded: failure === undefined, seconds }),
    );
  }

  /**
   * Watches the backends of these settings from now on, which the forwarder goes by already.
   *
   * @param isAdopted whether backends that this has not watched so far were watched by another daemon.
   */
  watch(settings: ForwarderSettings, isAdopted: boolean): void {
    this.#marks.flush();
    const { tables } = this.#forwarder;
    const services = readServices(tables);
    const backends = readBackends(tables);
    const before = this.#backends;
    this.#backends = new Map(backends.map((backend) => [backend.number, backend]));
    this.#serviceNames = new Map(services.map(({ number, name }) => [number, name]));
    this.#monitor.watch(
      watchedServices(settings, services, backends, (number) => isAdopted || before.has(number)),
    );
  }

  /** Looks at what became of the clients' connections. To be called about once a second. */
  lookAtConnections(): void {
    this.#monitor.lookAtConnections();
  }

  /** What is known beyond what the kernel keeps; of backends about which there is nothing to say, nothing. */
  details(): BackendHealth[] {
    return [...this.#backends.values()].flatMap((backend) => {
      const { since, failure } = this.#monitor.detail(backend.number);
      if (since === undefined && failure === undefined) return [];
      return [
        {
          ...this.#nameOf(backend),
          ...(since && { since: since.toISOString() }),
          ...(failure !== undefined && { failure }),
        },
      ];
    });
  }

  [Symbol.dispose](): void {
    this.#monitor[Symbol.dispose]();
    this.#marks[Symbol.dispose]();
  }

  #take({ backend, up, why }: HealthChange): void {
    this.#marks.add({ backend, up });
    const name = this.#nameOf(this.#backends.get(backend)!);
    if (up) this.#log.info({ ...name, why }, 'backend is up');
    else this.#log.warn({ ...name, why }, 'backend is down');
  }

  #nameOf({ service, endpoint }: BackendEntry): BackendName {
    return { service: this.#serviceNames.get(service) ?? '', backend: formatEndpoint(endpoint) };
  }

  #countsOf(backend: number): BackendCounts {
    const { backends } = this.#forwarder.tables;
    return {
      established: backends.long(backend, BACKEND.established),
      unanswered: backends.long(backend, BACKEND.unanswered),
      refused: backends.long(backend, BACKEND.refused),
    };
  }
}
