/**
 * `node unprivileged-child.js PROGRAM MAP`: tries everything that its user might on the receiver with this program and
 * map (ids), and prints a JSON object of how each ended.
 */
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { mapById, programById } from '../../src/kernel/info.js';
import { doNothing } from '../../src/kernel/instructions.js';
import { lockPinDirectory } from '../../src/kernel/lock.js';
import { openPinned } from '../../src/kernel/pin.js';
import { loadInstructions, ProgramType } from '../../src/kernel/program.js';
import { programIds } from '../../src/kernel/program-ids.js';
import { PIN_ROOT } from '../../src/lifecycle/plan.js';
import { attachReceiver } from '../../src/receiver/attach.js';
import { listConnections } from '../../src/receiver/connections.js';
import { detachReceiver } from '../../src/receiver/detach.js';
import { recentRefusals } from '../../src/receiver/explain.js';
import { RECEIVER } from '../../src/receiver/plan.js';
import { readStats } from '../../src/receiver/stats.js';
import { readStatus } from '../../src/receiver/status.js';

const [program = 0, map = 0] = process.argv.slice(2).map(Number);
const settings = { trust: 'any', profiles: [], kinds: [], refuse: [], cgroup: '/', sockopt: true } as const;

const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  attach: () => attachReceiver(settings),
  detach: () => detachReceiver(),
  status: () => readStatus(),
  stats: () => readStats(),
  connections: () => listConnections(),
  explain: () => recentRefusals(),
  'list the pins': () => readdirSync(PIN_ROOT),
  'open a pinned map': () => openPinned(join(RECEIVER.directory, 'counters')),
  'open a pinned link': () => openPinned(join(RECEIVER.directory, 'sockops')),
  'put something beside them': () => mkdirSync(join(PIN_ROOT, 'mine')),
  'move them away': () => renameSync(PIN_ROOT, `${PIN_ROOT}-away`),
  'hold the lock': () => lockPinDirectory(PIN_ROOT),
  'open the program by its id': () => programById(program),
  'open the map by its id': () => mapById(map),
  'list programs': () => [...programIds()],
  'load a program': () => loadInstructions({ type: ProgramType.sockOps }, doNothing()),
};

/** A refusal of ours in words; one of the kernel's or the file system's by its code. */
function ended(attempt: () => unknown): string {
  try {
    attempt();
    return 'done';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
}
console.log(
  JSON.stringify(
    Object.fromEntries(Object.entries(ATTEMPTS).map(([what, attempt]) => [what, ended(attempt)])),
  ),
);
