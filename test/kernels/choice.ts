import { parseArgs } from 'node:util';
import { KERNELS, type Kernel } from './kernels.js';
import { FEW, LEFT } from './suites.js';

/** What a run is asked to do. */
export interface Choice {
  readonly kernels: readonly Kernel[];
  readonly suites: readonly string[];
  /** Whether docs/compatibility.md tells of these kernels anew. */
  readonly write: boolean;
}

/** The command line cannot be meant. */
export class ChoiceError extends Error {
  override readonly name = 'ChoiceError';
}

/** The oldest; the oldest with the forwarder, whose verifier gives up first; the newest. */
const IN_CI = ['5.10', '6.1', 'newest'];

const USAGE = 'npm run test:kernels -- [--kernel NAME]... [--write] [PART-OF-A-SUITE-NAME...] | --ci';

/**
 * @param all the names of all suites
 * @throws {ChoiceError} in one line
 */
export function choiceOf(argv: readonly string[], all: readonly string[]): Choice {
  const { values, positionals } = parsed(argv);
  const { kernel: names, write = false, ci = false } = values;
  const unknown = names?.find((name) => !KERNELS.some((kernel) => kernel.name === name));
  if (unknown !== undefined)
    throw new ChoiceError(`no kernel "${unknown}": there are ${KERNELS.map(({ name }) => name).join(', ')}`);
  const useless = positionals.find((pattern) => !all.some((suite) => suite.includes(pattern)));
  if (useless !== undefined)
    throw new ChoiceError(`no suite's name contains "${useless}": see test/*.e2e.ts`);
  if (ci && (names !== undefined || positionals.length > 0 || write))
    throw new ChoiceError('--ci is a choice of kernels and suites, and goes with nothing else');
  if (ci) return { kernels: KERNELS.filter(({ name }) => IN_CI.includes(name)), suites: FEW, write };
  return {
    kernels: KERNELS.filter(({ name }) => names?.includes(name) ?? true),
    suites: all.filter((suite) =>
      positionals.length > 0 ? positionals.some((pattern) => suite.includes(pattern)) : !(suite in LEFT),
    ),
    write,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        kernel: { type: 'string', multiple: true },
        write: { type: 'boolean' },
        ci: { type: 'boolean' },
      },
      allowPositionals: true,
    });
  } catch (cause) {
    const [reason] = (cause as Error).message.split(/\. |\n/);
    throw new ChoiceError(`${reason}: usage: ${USAGE}`, { cause });
  }
}
