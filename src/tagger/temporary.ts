import { objectPath } from '../kernel/artifacts.js';
import { openCgroup } from '../kernel/cgroup.js';
import { attachToCgroup } from '../kernel/cgroup-link.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { LoadedObject } from '../kernel/object.js';
import { TAGGER_PROGRAMS } from './plan.js';
import { encodeTaggerSettings, type TaggerSettings } from './settings.js';
import { type TaggerStats, taggerStatsOf } from './stats.js';

/** A tagger that lasts as long as this process, or until it is disposed of: nothing of it is pinned. */
export class TemporaryTagger implements Disposable {
  readonly #object: LoadedObject;
  readonly #links: readonly Descriptor[];

  /**
   * @param cgroup as an operator writes it.
   * @throws CgroupError, KernelError; KindError, TaggerKindError for settings that cannot be.
   */
  constructor(cgroup: string, settings: TaggerSettings) {
    this.#object = LoadedObject.load(objectPath('tagger'), {
      initial: { '.rodata.settings': encodeTaggerSettings(settings, cgroup) },
    });
    using directory = openCgroup(cgroup);
    this.#links = TAGGER_PROGRAMS.map(({ name, hook }) =>
      attachToCgroup(this.#object.program(name), directory, hook),
    );
  }

  stats(): TaggerStats {
    return taggerStatsOf(this.#object.map('counters'));
  }

  [Symbol.dispose](): void {
    for (const link of this.#links) link[Symbol.dispose]();
    this.#object[Symbol.dispose]();
  }
}
