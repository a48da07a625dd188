import type { Descriptor } from '../kernel/descriptor.js';
import { mapInfo } from '../kernel/info.js';
import { lockPinDirectory } from '../kernel/lock.js';
import type { LoadedObject } from '../kernel/object.js';
import { requireRoot } from '../kernel/privilege.js';
import { type AttachOutcome, attach, exchange } from '../lifecycle/attach.js';
import { AttachedOtherwiseError } from '../lifecycle/errors.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { PIN_ROOT } from '../lifecycle/plan.js';
import { requireSupport } from '../lifecycle/support.js';
import { apply, readCurrent } from './apply.js';
import { describeChanges } from './changes.js';
import type { Egress } from './egress.js';
import { forwarderPlan, programOn } from './installation.js';
import { interfaceAnchor } from './interface-anchor.js';
import { loadAnew, loadOn, requireCapacity } from './load.js';
import { type Mark, markBackends } from './mark.js';
import { planTarget } from './plan.js';
import { Reaper } from './reaper.js';
import type { ForwarderSettings } from './settings.js';
import { Tables } from './tables.js';

/** What a start found and did. */
export interface Started {
  readonly forwarder: Forwarder;
  /** `replaced`: it took over from one that was attached, with its connections. */
  readonly outcome: AttachOutcome;
  /** What is different from before, one sentence each. */
  readonly changes: readonly string[];
}

/** The attached forwarder, in the hands of the one process that controls it. It stays attached when this ends. */
export class Forwarder implements Disposable {
  readonly tables: Tables;
  readonly #object: LoadedObject;
  readonly #reaper: Reaper;

  private constructor(object: LoadedObject) {
    this.#object = object;
    this.tables = new Tables((name) => object.map(name));
    this.#reaper = new Reaper(this.tables);
  }

  /**
   * Attaches the forwarder; where one is attached already, takes that over: its connections go on, its programs are
   * exchanged in place, and its settings become these. All or nothing: where it throws, what was there still is.
   *
   * @param settings that have been checked.
   * @param egresses the interfaces to send from, which the settings come to on this host.
   * @throws PrivilegeError, UnsupportedError, KernelError, NoInterfaceError, XdpRefusedError, RoomError, EgressError;
   *   AttachedOtherwiseError where one of another version or capacity is attached
   */
  static start(settings: ForwarderSettings, egresses: readonly Egress[]): Started {
    requireRoot('running a forwarder');
    requireSupport('forwarder');
    const programs = settings.interfaces.map(programOn);
    let changes: readonly string[] = [];
    const { outcome, object } = attach(forwarderPlan(settings.interfaces), {
      anchor: interfaceAnchor(settings.generic),
      programs,
      load: (installed) => {
        if (installed !== undefined) return loadOn(installed, settings.capacity);
        const loaded = loadAnew(settings.capacity);
        try {
          changes = configure(loaded, settings, egresses);
          return loaded;
        } catch (error) {
          loaded[Symbol.dispose]();
          throw error;
        }
      },
    });
    if (outcome === 'replaced') changes = configure(object, settings, egresses);
    return { forwarder: new Forwarder(object), outcome, changes };
  }

  /**
   * Changes the settings. Connections go on.
   *
   * @returns what is different from before, one sentence each.
   * @throws as {@link start}, and then nothing has changed; NotAttachedError where it was detached meanwhile
   */
  reload(settings: ForwarderSettings, egresses: readonly Egress[]): readonly string[] {
    using _lock = lockPinDirectory(PIN_ROOT);
    const plan = forwarderPlan(settings.interfaces);
    using installed = requireInstalled(plan);
    if (mapInfo(installed.map('services')).id !== mapInfo(this.tables.map('services')).id)
      throw new AttachedOtherwiseError('another forwarder was attached meanwhile: start this one again');
    requireCapacity(installed, settings.capacity);
    const current = readCurrent(this.tables);
    const target = planTarget(settings, egresses, current);
    exchange(plan, installed, this.#object, {
      anchor: interfaceAnchor(settings.generic),
      programs: settings.interfaces.map(programOn),
    });
    apply(this.tables, current, target, false);
    return describeChanges(current, target);
  }

  /** Takes note of what became of backends; those that went up or down, or are drained, are in the schedules or not. */
  mark(marks: readonly Mark[]): void {
    markBackends(this.tables, marks);
  }

  /** Gives numbers free that nothing uses any more. To be called about once a second. */
  reap(): void {
    this.#reaper.reap();
  }

  /** The program on the interfaces, or the one that visits the slots. It belongs to this: it is not to be closed. */
  program(name: 'forwarder' | 'sweep'): Descriptor {
    return this.#object.program(name);
  }

  [Symbol.dispose](): void {
    this.tables[Symbol.dispose]();
    this.#object[Symbol.dispose]();
  }
}

/** Whatever is in the maps of a process that was killed half-way: every schedule is written. */
function configure(
  object: LoadedObject,
  settings: ForwarderSettings,
  egresses: readonly Egress[],
): readonly string[] {
  using tables = new Tables((name) => object.map(name));
  const current = readCurrent(tables);
  const target = planTarget(settings, egresses, current);
  apply(tables, current, target, true);
  return describeChanges(current, target);
}
