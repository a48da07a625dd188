import { existsSync } from 'node:fs';
import { openCgroup } from '../../src/kernel/cgroup.js';
import { attachedPrograms } from '../../src/kernel/cgroup-link.js';
import { pinnedNames } from '../../src/lifecycle/pin-root.js';
import { TAGGER_PROGRAMS } from '../../src/tagger/plan.js';
import type { TaggerSettings } from '../../src/tagger/settings.js';
import type { Script } from './lifecycle.js';

export const TAGGER_SETTINGS = {
  ipv4: '254/8',
  ipv6: '254/20',
  on: ['syn', 'ack', 'data'],
  takeLocal: false,
} as const satisfies TaggerSettings;

/** What a process is to do. */
export interface TaggerOrder {
  readonly detach: boolean;
  readonly cgroup: string;
  readonly settings: TaggerSettings;
}

/** It attaches and detaches a tagger. */
export const TAGGER_SCRIPT: Script<TaggerOrder> = {
  name: 'tagger-child.js',
  encode: (order) => JSON.stringify(order),
};

/** What there is of taggers: pins, and programs attached to this cgroup while it is there. */
export function taggerRemains(cgroup: string): string[] {
  return [...pinnedNames(), ...(existsSync(cgroup) ? programsOn(cgroup) : [])];
}

function programsOn(cgroup: string): string[] {
  using directory = openCgroup(cgroup);
  return TAGGER_PROGRAMS.filter(({ hook }) => attachedPrograms(directory, hook).length > 0).map(
    ({ name }) => name,
  );
}
