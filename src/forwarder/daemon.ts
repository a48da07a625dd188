import { isDeepStrictEqual } from 'node:util';
import { KernelError } from '../kernel/errors.js';
import { MappedArray } from '../kernel/mapped-array.js';
import type { Answers, BackendName } from './control-protocol.js';
import { readEgresses } from './egress.js';
import { countBackends, readBackends, readServices } from './entries.js';
import { findBackend, findService } from './find-backend.js';
import type { Started } from './forwarder.js';
import { HealthKeeper } from './health-keeper.js';
import { IpError } from './ip.js';
import { BACKEND_FLAGS } from './layout.js';
import type { Logger } from './log.js';
import type { Metrics, Observed } from './metrics.js';
import { keepNeighbours } from './neighbours.js';
import { unsummedProblem } from './offloads.js';
import type { Order } from './order.js';
import { resetBothSides } from './resets.js';
import type { ForwarderSettings } from './settings.js';
import { readCounter } from './stats.js';
import { sweepUntil } from './sweeper.js';
import type { Tables } from './tables.js';
import { Unsummed } from './unsummed.js';

/** An attached forwarder, and all that is done for it while a daemon runs. When this ends, forwarding goes on. */
export class Daemon implements Disposable, Observed {
  readonly #forwarder: Started['forwarder'];
  readonly #connections: MappedArray;
  readonly #health: HealthKeeper;
  readonly #unsummed: Unsummed;
  readonly #log: Logger;
  readonly #onStatus: (status: string) => void;
  readonly #since = new Date();
  #order: Order;
  /** Whether the last change failed: then the host may have come back to what the order says, and we not. */
  #isBehind = false;
  /** The interfaces that frames come and go by, by the number of the egress. */
  #ports = new Map<number, number>();
  #neighbours: Promise<void> = Promise.resolve();
  /** What was wrong with keeping them the last time, so as to say it once. */
  #neighbourComplaint = '';
  #hasEnded = false;
  #slotsByState: readonly number[] | undefined;

  /**
   * @param order that the forwarder was started with.
   * @param metrics is told what there is to tell.
   * @param onStatus is told in a line what it does, whenever that changes.
   */
  constructor(
    { forwarder, outcome }: Started,
    order: Order,
    log: Logger,
    metrics: Metrics,
    onStatus: (status: string) => void,
  ) {
    this.#forwarder = forwarder;
    this.#order = order;
    this.#log = log;
    this.#onStatus = onStatus;
    this.#connections = new MappedArray(forwarder.tables.map('connections'));
    this.#health = new HealthKeeper(
      forwarder,
      log,
      () => this.#tellStatus(),
      (check) => metrics.count(check),
    );
    this.#unsummed = new Unsummed(() => this.#countUnsummed());
    this.#follow(outcome === 'replaced');
    metrics.observe(this);
  }

  get settings(): ForwarderSettings {
    return this.#order.settings;
  }

  get tables(): Tables {
    return this.#forwarder.tables;
  }

  get capacity(): number {
    return this.settings.capacity;
  }

  get slotsByState(): readonly number[] | undefined {
    return this.#slotsByState;
  }

  /**
   * Changes the settings, or what they come to as the host has changed.
   *
   * @returns what is different, one sentence each.
   * @throws what {@link Forwarder.reload} throws; then nothing has changed.
   */
  change(order: Order): readonly string[] {
    if (!this.#isBehind && isDeepStrictEqual(order, this.#order)) {
      this.keepNeighbours();
      return [];
    }
    this.#isBehind = true;
    const changes = this.#forwarder.reload(order.settings, order.egresses);
    this.#isBehind = false;
    this.#order = order;
    this.#follow(false);
    return changes;
  }

  /** @throws {UnknownNameError} */
  setDraining(name: BackendName, draining: boolean): Answers['drain'] {
    const { tables } = this.#forwarder;
    const service = findService(readServices(tables), name.service);
    const { number, flags } = findBackend(service, readBackends(tables), name.backend);
    const already = ((flags & BACKEND_FLAGS.draining) !== 0) === draining;
    if (!already) {
      this.#forwarder.mark([{ backend: number, draining }]);
      this.#log.info({ ...name }, draining ? 'backend is drained' : 'backend takes connections again');
      this.#tellStatus();
    }
    return { already };
  }

  health(): Omit<Answers['health'], 'complaint'> {
    return {
      pid: process.pid,
      since: this.#since.toISOString(),
      backends: this.#health.details(),
      unsummed: this.#unsummed.areRecent(),
    };
  }

  /** What is to be done once a second. @throws {KernelError} */
  tick(): void {
    this.#health.lookAtConnections();
    this.#forwarder.reap();
    if (this.#unsummed.look())
      this.#log.warn(
        { why: unsummedProblem(this.#order.settings.interfaces) },
        'segments come without a checksum',
      );
  }

  /** Frees expired connections, until the signal. @throws {KernelError} */
  sweep(signal: AbortSignal): Promise<void> {
    const program = () => this.#forwarder.program('sweep');
    return sweepUntil(signal, program, this.#connections.length, {
      expired: (slot) => this.#reset(slot),
      visited: (byState) => {
        this.#slotsByState = byState;
      },
    });
  }

  /** Has the kernel keep next hops resolved, one time after the other: `ip` takes a while for thousands. */
  keepNeighbours(): void {
    if (this.#hasEnded) return;
    const { nextHops } = this.#order;
    this.#neighbours = this.#neighbours
      .then(() => keepNeighbours(nextHops))
      .catch((error: unknown) => {
        if (!(error instanceof IpError)) throw error;
        return error.message;
      })
      .then((complaint) => this.#complainOfNeighbours(complaint));
  }

  /** Begins nothing any more, and waits for what is under way beside this process. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#neighbours;
  }

  [Symbol.dispose](): void {
    this.#health[Symbol.dispose]();
    this.#connections[Symbol.dispose]();
    this.#forwarder[Symbol.dispose]();
  }

  /** Goes by what the maps hold now. */
  #follow(isAdopted: boolean): void {
    this.#ports = new Map(readEgresses(this.#forwarder.tables).map(({ number, port }) => [number, port]));
    this.#health.watch(this.#order.settings, isAdopted);
    this.keepNeighbours();
    this.#tellStatus();
  }

  #countUnsummed(): bigint {
    const { tables } = this.#forwarder;
    const numbers = readServices(tables).map(({ number }) => number);
    return readCounter(tables.map('counters'), 'dropUnsummed', numbers);
  }

  #reset(slot: number): void {
    const [anyPort = 0] = this.#ports.values();
    const portOf = (egress: number) => this.#ports.get(egress) ?? anyPort;
    try {
      resetBothSides(this.#forwarder.program('forwarder'), this.#connections, slot, portOf);
    } catch (error) {
      // An interface that has just gone: the next look at the network finds out.
      if (!(error instanceof KernelError)) throw error;
      this.#log.warn({ why: error.message }, 'a connection that expired could not be reset');
    }
  }

  #complainOfNeighbours(complaint: string): void {
    if (complaint !== '' && complaint !== this.#neighbourComplaint)
      this.#log.warn({ why: complaint }, 'next hops are not all kept resolved');
    this.#neighbourComplaint = complaint;
  }

  #tellStatus(): void {
    const { configured, up } = countBackends(this.#forwarder.tables);
    const services = this.#order.settings.services.length;
    this.#onStatus(`forwarding ${services} services, ${up} of ${configured} backends up`);
  }
}
