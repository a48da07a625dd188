import type { Daemon } from './daemon.js';
import type { Logger } from './log.js';
import type { Order, Prepare } from './order.js';

/** Changes what a daemon goes by, one change at a time: because somebody asks for it, or because the host has changed. */
export class Changes {
  readonly #daemon: Daemon;
  readonly #prepare: Prepare;
  readonly #log: Logger;
  #last: Promise<unknown> = Promise.resolve();
  /** What was wrong with the host when it was last looked at, so as to say it once. */
  #complaint = '';

  constructor(daemon: Daemon, prepare: Prepare, log: Logger) {
    this.#daemon = daemon;
    this.#prepare = prepare;
    this.#log = log;
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
        const changes = this.#take(await this.#prepare());
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
        this.#take(await this.#prepare(this.#daemon.settings));
        this.#complaint = '';
      } catch (error) {
        const complaint = messageOf(error);
        if (complaint !== this.#complaint)
          this.#log.error(
            { why: complaint },
            'this host has changed, and does not fit the configuration any more',
          );
        this.#complaint = complaint;
      }
    });
  }

  #take(order: Order): readonly string[] {
    const changes = this.#daemon.change(order);
    for (const change of changes) this.#log.info(change);
    return changes;
  }

  #queue<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => {});
    return result;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
