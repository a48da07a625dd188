import { constants, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CgroupHook, queryAttached } from '../kernel/cgroup-link.js';
import { Descriptor } from '../kernel/descriptor.js';
import { KernelError } from '../kernel/errors.js';
import type { Role } from '../kernel/feature.js';
import { linkInfo, programById, programInfo } from '../kernel/info.js';
import { openPinned } from '../kernel/pin.js';
import { RECEIVER } from '../receiver/plan.js';
import type { Conflict } from './conflicts.js';

/** The hooks where another program matters to us, and how. */
const HOOKS: readonly { hook: CgroupHook; name: string; effect: string; roles: readonly Role[] }[] = [
  {
    hook: CgroupHook.getpeername4,
    name: 'getpeername4',
    effect:
      'it may change what getpeername() says, and of two that do the one that runs last has the last word',
    roles: ['receiver'],
  },
  {
    hook: CgroupHook.getpeername6,
    name: 'getpeername6',
    effect:
      'it may change what getpeername() says, and of two that do the one that runs last has the last word',
    roles: ['receiver'],
  },
  {
    hook: CgroupHook.sockOps,
    name: 'sock_ops',
    effect: 'it may be a TOA receiver too, or write options of its own',
    roles: ['receiver', 'tagger'],
  },
];

/**
 * The programs that others have attached to a cgroup at hooks of ours. They run beside ours, unless they were attached
 * as the only ones that may.
 *
 * @param cgroup absolute path.
 * @throws {KernelError}
 */
export function attachmentsTo(cgroup: string): Conflict[] {
  using directory = new Descriptor(openSync(cgroup, constants.O_RDONLY | constants.O_DIRECTORY));
  const ours = new Set(ownPrograms());
  return HOOKS.flatMap(({ hook, name, effect, roles }) => {
    const { programs, shared } = queryAttached(directory, hook);
    return programs
      .filter((id) => !ours.has(id))
      .map((id) => ({
        kind: 'program' as const,
        what: `program ${id} (${nameOf(id)}) at the ${name} hook of ${cgroup}`,
        effect: shared ? effect : 'it was attached as the only one that may: no other can be attached',
        remedy: shared
          ? `look what it is with \`bpftool prog show id ${id}\``
          : `have it attached with BPF_F_ALLOW_MULTI, or as a link; \`bpftool prog show id ${id}\` tells what it is`,
        prevents: shared ? [] : roles,
      }));
  });
}

function ownPrograms(): number[] {
  return RECEIVER.programs
    .map(({ pin }) => join(RECEIVER.directory, pin))
    .filter((path) => existsSync(path))
    .map((path) => {
      using link = openPinned(path);
      return linkInfo(link).programId;
    });
}

function nameOf(id: number): string {
  try {
    using program = programById(id);
    return programInfo(program).name || 'without a name';
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ENOENT') return 'just detached';
    throw error;
  }
}
