import { objectPath } from '../kernel/artifacts.js';
import { openCgroup } from '../kernel/cgroup.js';
import { attachToCgroup, CgroupHook } from '../kernel/cgroup-link.js';
import type { Descriptor } from '../kernel/descriptor.js';
import { index, lookupPerCpu } from '../kernel/map.js';
import { LoadedObject } from '../kernel/object.js';
import { TAGGER_COUNTERS } from './layout.js';
import { encodeTaggerSettings, type TaggerSettings } from './settings.js';

const PROGRAMS = [
  { name: 'tagger_sockops', hook: CgroupHook.sockOps },
  { name: 'tagger_bind4', hook: CgroupHook.bind4 },
  { name: 'tagger_bind6', hook: CgroupHook.bind6 },
  { name: 'tagger_getsockname4', hook: CgroupHook.getsockname4 },
  { name: 'tagger_getsockname6', hook: CgroupHook.getsockname6 },
] as const;

/** How often the tagger did what, since it was attached. */
export type TaggerCounts = Readonly<Record<Exclude<keyof typeof TAGGER_COUNTERS, 'size'>, bigint>>;

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
      initial: { '.rodata.settings': encodeTaggerSettings(settings) },
    });
    using directory = openCgroup(cgroup);
    this.#links = PROGRAMS.map(({ name, hook }) =>
      attachToCgroup(this.#object.program(name), directory, hook),
    );
  }

  counts(): TaggerCounts {
    const perCpu = lookupPerCpu(this.#object.map('counters'), index(0), TAGGER_COUNTERS.size);
    const { size: _, ...fields } = TAGGER_COUNTERS;
    return Object.fromEntries(
      Object.entries(fields).map(([name, at]) => [
        name,
        perCpu.reduce((sum, values) => sum + values.readBigUInt64LE(at), 0n),
      ]),
    ) as TaggerCounts;
  }

  [Symbol.dispose](): void {
    for (const link of this.#links) link[Symbol.dispose]();
    this.#object[Symbol.dispose]();
  }
}
