import { MappedArray } from '../kernel/mapped-array.js';
import { type Installed, openInstalled, requireInstalled } from '../lifecycle/installed.js';
import { ConnectionTable } from './connection-table.js';
import { forwarderPlan } from './installation.js';
import { Tables } from './tables.js';

/** The attached forwarder as whoever only looks sees it, daemon or no daemon. */
export class Reading implements Disposable {
  readonly installed: Installed;
  readonly tables: Tables;
  readonly connections: ConnectionTable;
  /** Slots of the connection table. */
  readonly slots: number;
  readonly #array: MappedArray;

  /** @param installed is closed with this. */
  private constructor(installed: Installed) {
    this.installed = installed;
    this.tables = new Tables((name) => installed.map(name));
    this.#array = new MappedArray(installed.map('connections'));
    this.connections = new ConnectionTable(this.#array);
    this.slots = this.#array.length;
  }

  /** @throws NotAttachedError, PrivilegeError, AttachedOtherwiseError, KernelError */
  static open(): Reading {
    return new Reading(requireInstalled(forwarderPlan()));
  }

  /** The same, or undefined where no forwarder is attached. */
  static openIfAttached(): Reading | undefined {
    const installed = openInstalled(forwarderPlan());
    return installed && new Reading(installed);
  }

  [Symbol.dispose](): void {
    this.tables[Symbol.dispose]();
    this.#array[Symbol.dispose]();
    this.installed[Symbol.dispose]();
  }
}
