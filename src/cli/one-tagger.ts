import type { Command } from 'commander';
import { parseCgroup } from '../config/values.js';
import { NotAttachedError } from '../lifecycle/errors.js';
import { readTaggerStatuses } from '../tagger/status.js';
import { inFlag, UsageError } from './usage-error.js';

/** Adds the option by which a command says whose tagger it is about. */
export function withCgroup(
  command: Command,
  description: string = 'the tagger of this cgroup; needed where there are several',
): Command {
  return command.option('--cgroup <path>', description, (path) =>
    inFlag('--cgroup', () => parseCgroup(path)),
  );
}

/**
 * The cgroup of the tagger that is meant: the one named, or that of the only tagger.
 *
 * @throws {NotAttachedError} where there is none
 * @throws {UsageError} where there are several
 */
export function cgroupMeant(cgroup: string | undefined): string {
  if (cgroup !== undefined) return cgroup;
  const cgroups = readTaggerStatuses().map((status) => status.cgroup);
  if (cgroups.length > 1)
    throw new UsageError(
      `there are ${cgroups.length} taggers: say which with --cgroup ${cgroups.join(' or ')}`,
    );
  if (cgroups[0] === undefined)
    throw new NotAttachedError(
      'no tagger is attached: attach one with `truepeer tagger attach --cgroup PATH`',
    );
  return cgroups[0];
}
