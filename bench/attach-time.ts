import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ADDRESSES } from '../test/support/chain.js';
import type { Bed } from './bed.js';
import { type Figure, figure } from './figure.js';
import type { Scale } from './scale.js';

const GOAL_MS = 500;
const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const CGROUP = 'operator';

/** How long the command takes, from the start of Node to its end, and what of it still runs then. */
export async function measureAttachTime({ chain: { backend } }: Bed, { attaches }: Scale): Promise<Figure[]> {
  const truepeer = async (...args: string[]): Promise<number> => {
    const began = performance.now();
    await backend.run(process.execPath, [CLI, 'receiver', ...args], { cgroup: CGROUP });
    return performance.now() - began;
  };
  const { ipv4, ipv6 } = ADDRESSES.forwarder;
  const attach = () => truepeer('attach', '--trust', ipv4, ipv6, '--cgroup', backend.cgroup);

  const first: number[] = [];
  const again: number[] = [];
  const left: number[] = [];
  for (let time = 0; time < attaches; time++) {
    first.push(await attach());
    again.push(await attach());
    left.push((await readFile(`${backend.cgroupNamed(CGROUP)}/cgroup.procs`, 'utf8')).split('\n').length - 1);
    await truepeer('detach');
  }
  const about = {
    group: 'attach',
    unit: 'ms',
    goal: GOAL_MS,
    detail: 'wall clock, with the start of Node',
  } as const;
  return [
    figure({ ...about, name: 'receiver attach', samples: first }),
    figure({ ...about, name: 'receiver attach again, in place', samples: again }),
    figure({
      group: 'attach',
      name: 'processes left running',
      unit: 'processes',
      goal: 0,
      samples: left,
      detail: 'counted in the cgroup the command was run in',
    }),
  ];
}
