import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ADDRESSES } from '../test/support/chain.js';
import type { Bed } from './bed.js';
import { type Figure, figure } from './figure.js';
import type { Scale } from './scale.js';

const GOAL_MS = 500;
const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const CGROUP = 'operator';

/** How long the commands take, from the start of Node to their end, and what of them still runs then. */
export async function measureAttachTime({ chain: { backend } }: Bed, { attaches }: Scale): Promise<Figure[]> {
  const truepeer = async (...args: string[]): Promise<number> => {
    const began = performance.now();
    await backend.run(process.execPath, [CLI, ...args], { cgroup: CGROUP });
    return performance.now() - began;
  };
  const { ipv4, ipv6 } = ADDRESSES.forwarder;
  const options = { receiver: ['--trust', ipv4, ipv6], tagger: [] } as const;

  const figures: Figure[] = [];
  const left: number[] = [];
  for (const role of ['receiver', 'tagger'] as const) {
    const cgroup = ['--cgroup', backend.cgroup];
    const attach = () => truepeer(role, 'attach', ...options[role], ...cgroup);
    const first: number[] = [];
    const again: number[] = [];
    for (let time = 0; time < attaches; time++) {
      first.push(await attach());
      again.push(await attach());
      left.push(
        (await readFile(`${backend.cgroupNamed(CGROUP)}/cgroup.procs`, 'utf8')).split('\n').length - 1,
      );
      await truepeer(role, 'detach', ...(role === 'tagger' ? cgroup : []));
    }
    const about = {
      group: 'attach',
      unit: 'ms',
      goal: GOAL_MS,
      detail: 'wall clock, with the start of Node',
    } as const;
    figures.push(
      figure({ ...about, name: `${role} attach`, samples: first }),
      figure({ ...about, name: `${role} attach again, in place`, samples: again }),
    );
  }
  return [
    ...figures,
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
