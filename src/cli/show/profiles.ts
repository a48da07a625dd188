import {
  DEFAULT_PROFILES,
  FORMATS,
  formatKind,
  PROFILES,
  type Profile,
  type Segment,
} from '../../wire/index.js';
import type { Style } from '../style.js';
import { table } from '../table.js';

/** One profile, as `profiles --json` prints it. */
export interface ProfileRow {
  readonly name: string;
  readonly who: string;
  /** Whether it is enabled where nothing is chosen. */
  readonly default: boolean;
  /** The options it reads, as `254/8`, and from which segment. */
  readonly kinds: readonly { readonly kind: string; readonly on: Segment }[];
  readonly notes: readonly string[];
}

export function profileRows(): ProfileRow[] {
  return PROFILES.map(({ name, who, entries, notes }) => ({
    name,
    who,
    default: DEFAULT_PROFILES.includes(name),
    kinds: entries.map(kindOf),
    notes,
  }));
}

/** The table, and below it what there is to know about some of them. */
export function showProfiles(profiles: readonly ProfileRow[], style: Style): string[] {
  const rows = profiles.map(({ name, default: isDefault, kinds, who }) => [
    name,
    isDefault ? style.good('default') : '',
    kinds.map(({ kind, on }) => (on === 'syn' ? `${kind} (SYN)` : kind)).join(' '),
    who,
  ]);
  const notes = profiles.flatMap(({ name, notes }) => notes.map((note) => [name, note]));
  return [
    ...table([{ title: 'PROFILE' }, { title: '' }, { title: 'KINDS' }, { title: 'WHO' }], rows, style),
    '',
    ...table([{ title: 'PROFILE' }, { title: 'NOTE' }], notes, style),
  ];
}

function kindOf({ kind, format, on }: Profile['entries'][number]): ProfileRow['kinds'][number] {
  return { kind: formatKind({ kind, length: FORMATS[format].length }), on };
}
