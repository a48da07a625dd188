import { isDeepStrictEqual } from 'node:util';
import type { Descriptor } from '../kernel/descriptor.js';
import { mapInfo } from '../kernel/info.js';
import type { LoadedObject } from '../kernel/object.js';
import { requireRoot } from '../kernel/privilege.js';
import { type AttachOutcome, attach, exchange } from '../lifecycle/attach.js';
import { AttachedOtherwiseError } from '../lifecycle/errors.js';
import { type Installed, requireInstalled } from '../lifecycle/installed.js';
import { lockPinRoot } from '../lifecycle/pin-root.js';
import type { Plan } from '../lifecycle/plan.js';
import { requireSupport } from '../lifecycle/support.js';
import type { RuleTable } from '../wire/index.js';
import { apply, readCurrent } from './apply.js';
import { describeChanges } from './changes.js';
import type { Egress } from './egress.js';
import { forwarderPlan, programOn } from './installation.js';
import { interfaceAnchor } from './interface-anchor.js';
import { claimsOf, loadAnew, loadOn, requireCapacity } from './load.js';
import { type Mark, markBackends } from './mark.js';
import { type Current, planTarget, type Target } from './plan.js';
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
  readonly #reaper: Reaper;
  /** The first, whose maps are {@link tables}, and the newest, which may be the same. */
  readonly #objects: LoadedObject[];
  /** What the newest was loaded with. */
  #claims: RuleTable;

  private constructor(object: LoadedObject, claims: RuleTable) {
    this.#objects = [object];
    this.#claims = claims;
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
    let step!: Step;
    const { outcome, object } = attach(forwarderPlan(settings.interfaces), {
      anchor: interfaceAnchor(settings.generic),
      programs: settings.interfaces.map(programOn),
      load: (installed) => {
        const loaded = installed === undefined ? loadAnew(settings) : loadOn(installed, settings);
        try {
          step = stepTo(settings, egresses, loaded);
          // Before there are packets. Where there are, what was there is in force until the programs are exchanged.
          if (installed === undefined) take(step, loaded);
          return loaded;
        } catch (error) {
          loaded[Symbol.dispose]();
          throw error;
        }
      },
    });
    if (outcome === 'replaced') take(step, object);
    const forwarder = new Forwarder(object, claimsOf(settings));
    return { forwarder, outcome, changes: describeChanges(step.current, step.target) };
  }

  /**
   * Changes the settings. Connections go on.
   *
   * @returns what is different from before, one sentence each.
   * @throws as {@link start}, and then nothing has changed; NotAttachedError where it was detached meanwhile
   */
  reload(settings: ForwarderSettings, egresses: readonly Egress[]): readonly string[] {
    using _lock = lockPinRoot();
    const plan = forwarderPlan(settings.interfaces);
    using installed = requireInstalled(plan);
    if (mapInfo(installed.map('services')).id !== mapInfo(this.tables.map('services')).id)
      throw new AttachedOtherwiseError('another forwarder was attached meanwhile: start this one again');
    requireCapacity(installed, settings.capacity);
    const current = readCurrent(this.tables);
    const target = planTarget(settings, egresses, current);
    this.#attach(plan, installed, settings);
    apply(this.tables, current, target, false);
    return describeChanges(current, target);
  }

  /** To the interfaces that are wanted now; with other programs where these do not know every option. */
  #attach(plan: Plan, installed: Installed, settings: ForwarderSettings): void {
    const claims = claimsOf(settings);
    const isKnown = isDeepStrictEqual(claims, this.#claims);
    const object = isKnown ? this.#newest : loadOn(installed, settings);
    try {
      exchange(plan, installed, object, {
        anchor: interfaceAnchor(settings.generic),
        programs: settings.interfaces.map(programOn),
      });
    } catch (error) {
      if (!isKnown) object[Symbol.dispose]();
      throw error;
    }
    if (!isKnown) for (const old of this.#objects.splice(1, Infinity, object)) old[Symbol.dispose]();
    this.#claims = claims;
  }

  /** Takes note of what became of backends; those that went up or down, or are drained, are in the schedules or not. */
  mark(marks: readonly Mark[]): void {
    markBackends(this.tables, marks);
  }

  /** Gives numbers free that nothing uses any more. To be called about once a second. */
  reap(): void {
    this.#reaper.reap();
  }

  /**
   * The program on the interfaces, or the one that visits the slots. It is neither to be closed nor to be kept: a reload
   * may close it.
   */
  program(name: 'forwarder' | 'sweep'): Descriptor {
    return this.#newest.program(name);
  }

  [Symbol.dispose](): void {
    this.tables[Symbol.dispose]();
    for (const object of this.#objects) object[Symbol.dispose]();
  }

  get #newest(): LoadedObject {
    return this.#objects.at(-1)!;
  }
}

/** From what the maps hold to what they shall hold. */
interface Step {
  readonly current: Current;
  readonly target: Target;
}

function stepTo(settings: ForwarderSettings, egresses: readonly Egress[], object: LoadedObject): Step {
  using tables = new Tables((name) => object.map(name));
  const current = readCurrent(tables);
  return { current, target: planTarget(settings, egresses, current) };
}

/** Whoever was here before may have been killed half-way: every schedule is written. */
function take({ current, target }: Step, object: LoadedObject): void {
  using tables = new Tables((name) => object.map(name));
  apply(tables, current, target, true);
}
