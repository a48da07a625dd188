import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupId, cgroupPath } from '../kernel/cgroup.js';
import { wallClock } from '../kernel/clock.js';
import {
  type LinkInfo,
  linkInfo,
  mapById,
  mapInfo,
  type ProgramInfo,
  programById,
  programInfo,
} from '../kernel/info.js';
import { index, keys, lookup } from '../kernel/map.js';
import { type Installed, openInstalled } from '../lifecycle/installed.js';
import { formatCidr } from '../wire/index.js';
import { SETTINGS } from './layout.js';
import { RECEIVER } from './plan.js';
import { decodeNote, decodeTrust, isAny, type Note } from './program-data.js';
import { statsOf } from './stats.js';

/** One attached program. */
export interface AttachedProgram {
  readonly name: string;
  readonly programId: number;
  readonly linkId: number;
  readonly loadedAt: Date;
}

/** Everything `truepeer receiver status` says; read from the kernel, which alone keeps it. */
export type ReceiverStatus = { readonly attached: false } | AttachedStatus;

export interface AttachedStatus extends Note {
  readonly attached: true;
  /** What is wrong, one sentence each; empty when all is well. */
  readonly problems: readonly string[];
  /** When the receiver was first attached. */
  readonly since: Date;
  /** When the present settings and programs took effect. */
  readonly changed: Date;
  /** CIDRs, or `any`. */
  readonly trust: readonly string[] | 'any';
  /** Whether getsockopt() answers. */
  readonly sockopt: boolean;
  readonly programs: readonly AttachedProgram[];
  readonly established: bigint;
  readonly tagged: bigint;
}

/** @throws PrivilegeError, KernelError; AttachedOtherwiseError for a receiver of another layout */
export function readStatus(): ReceiverStatus {
  using installed = openInstalled(RECEIVER);
  return installed === undefined ? { attached: false } : attachedStatus(installed);
}

function attachedStatus(installed: Installed): AttachedStatus {
  const found = RECEIVER.programs.flatMap(({ name, pin }) => {
    const link = installed.links.get(pin);
    return link === undefined
      ? []
      : [{ name, pin, link: linkInfo(link), program: infoById(linkInfo(link).programId) }];
  });
  const tagging = found.find(({ pin }) => pin === 'sockops');
  const data = tagging === undefined ? undefined : programData(tagging.program);
  const stats = statsOf(installed);
  return {
    attached: true,
    ...(data?.note ?? { version: 'unknown', profiles: [], kinds: [], refuse: [], cgroup: 'unknown' }),
    problems: problemsOf(found, data?.note.cgroup),
    since: statSync(join(RECEIVER.directory, 'connections')).mtime,
    changed: wallClock(tagging?.program.loadedAt ?? 0n),
    trust: data?.trust ?? [],
    sockopt: installed.links.has('getsockopt'),
    programs: found.map(({ name, link, program }) => ({
      name,
      programId: program.id,
      linkId: link.id,
      loadedAt: wallClock(program.loadedAt),
    })),
    established: stats.established,
    tagged: stats.outcomes.tagged + stats.outcomes.nat64,
  };
}

function infoById(id: number): ProgramInfo {
  using program = programById(id);
  return programInfo(program);
}

/** The settings and the trust list, from the maps of the program that uses them. */
function programData(program: ProgramInfo): { note: Note; trust: string[] | 'any' } {
  let note: Note | undefined;
  let trust: string[] | 'any' = [];
  for (const id of program.mapIds) {
    using map = mapById(id);
    const { name, valueSize } = mapInfo(map);
    if (name === 'trust') {
      const cidrs = [...keys(map)].map(decodeTrust);
      trust = cidrs.some(isAny) ? 'any' : cidrs.map(formatCidr);
    } else if (valueSize === SETTINGS.size) {
      note = decodeNote(lookup(map, index(0), valueSize)!);
    }
  }
  if (note === undefined) throw new Error(`program ${program.id} has no settings: it is not a receiver's`);
  return { note, trust };
}

function problemsOf(found: readonly { pin: string; link: LinkInfo }[], cgroup: string | undefined): string[] {
  const problems: string[] = [];
  for (const { pin } of RECEIVER.programs)
    if (pin !== 'getsockopt' && !found.some((program) => program.pin === pin))
      problems.push(`${pin} is not attached although the receiver is: attach again`);
  const current = cgroup === undefined ? undefined : currentCgroupId(cgroup);
  if (found.some(({ link }) => link.cgroupId === 0n || (current !== undefined && link.cgroupId !== current)))
    problems.push(
      `cgroup ${cgroup} was removed and made anew, as when its service restarted, and the receiver went with it: attach again`,
    );
  return problems;
}

function currentCgroupId(cgroup: string): bigint | undefined {
  try {
    return cgroupId(cgroupPath(cgroup));
  } catch {
    return undefined;
  }
}
