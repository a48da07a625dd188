import type { Daemon } from './daemon.js';
import type { Logger } from './log.js';
import { describeMetrics, type Metrics } from './metrics.js';
import type { Order, Prepare } from './order.js';
import type { ForwarderSettings } from './settings.js';

/** Changes what a daemon goes by, one change at a time: because somebody asks for it, or because the host has changed. */
export class Changes {
  readonly #daemon: Daemon;
  readonly #prepare: Prepare;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  /** As it was read, whatever this host lacks of it. */
  #configured: ForwarderSettings;
  #last: Promise<unknown> = Promise.resolve();
  /** What was wrong with the host when it was last looked at; empty where nothing was. */
  #complaint = '';

  constructor(daemon: Daemon, prepare: Prepare, log: Logger, metrics: Metrics) {
    this.#daemon = daemon;
    this.#prepare = prepare;
    this.#log = log;
    this.#metrics = metrics;
    this.#configured = daemon.settings;
  }

  get complaint(): string {
    return this.#complaint;
  }

  /**
   * Reads the configuration again.
   *
   * @returns what is different, one sentence each.
   * @throws what is wrong with it; then nothing has changed.
   */
  reload(): Promise<readonly string[]> {
    return this.#queue(async () => {
      try {
        const order = await this.#prepare();
        const changes = await this.#takeWithMetrics(order);
        this.#configured = order.settings;
        // The host was looked at, too.
        this.#complain('');
        this.#log.info(changes.length === 0 ? 'reloaded: nothing is different' : 'reloaded');
        return changes;
      } catch (error) {
        this.#log.error({ why: messageOf(error) }, 'not reloaded: everything stays as it was');
        throw error;
      }
    });
  }

  /** Goes by what the interfaces, addresses and routes are now. */
  followHost(): Promise<void> {
    return this.#queue(async () => {
      try {
        const order = await this.#prepare(this.#configured);
        this.#take(order);
        this.#complain(lostAddresses(this.#configured, order));
      } catch (error) {
        this.#complain(messageOf(error));
      }
    });
  }

  #complain(complaint: string): void {
    if (complaint !== '' && complaint !== this.#complaint)
      this.#log.error(
        { why: complaint },
        'this host has changed, and does not fit the configuration any more',
      );
    this.#complaint = complaint;
  }

  /** Whether metrics can be served at another address turns out by trying, so that comes first and is undone. */
  async #takeWithMetrics(order: Order): Promise<readonly string[]> {
    const { metrics: before } = this.#configured;
    const { metrics: after } = order.settings;
    await this.#metrics.serveAt(after);
    try {
      return this.#take(order, describeMetrics(before, after));
    } catch (error) {
      await this.#metrics.serveAt(before);
      throw error;
    }
  }

  #take(order: Order, more: readonly string[] = []): readonly string[] {
    const changes = [...this.#daemon.change(order), ...more];
    for (const change of changes) this.#log.info(change);
    return changes;
  }

  #queue<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => {});
    return result;
  }
}

function lostAddresses({ localAddresses }: ForwarderSettings, { settings }: Order): string {
  const lost = localAddresses.filter((address) => !settings.localAddresses.includes(address));
  if (lost.length === 0) return '';
  return `no address of this host any more, and given to no new connection: ${lost.join(', ')}; \`ip addr add\` it again`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
