import { fileURLToPath } from 'node:url';
import { LabProcess } from '../../src/lab/process.js';
import type { ReceiverSettings } from '../../src/receiver/settings.js';
import { formatCidr, parseCidr } from '../../src/wire/index.js';

const CHILD = [process.execPath, fileURLToPath(new URL('lifecycle-child.js', import.meta.url))];

/** All calls by which attach and detach change anything; `?` for those that not every architecture has. */
const CALLS = 'bpf,?mkdir,?mkdirat,?rename,?renameat,?renameat2,?unlink,?unlinkat,?rmdir';

function command(settings: ReceiverSettings | undefined): string[] {
  return settings === undefined ? [...CHILD, 'detach'] : [...CHILD, 'attach', encodeSettings(settings)];
}

/** Starts to attach, or without settings to detach, in a process of its own. */
export function startChange(settings?: ReceiverSettings): LabProcess {
  return new LabProcess(command(settings));
}

/** The same, and kills the process with SIGKILL when it is about to make its n-th system call that matters. */
export function startChangeKilledAt(n: number, settings?: ReceiverSettings): LabProcess {
  const kill = ['-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:signal=KILL:when=${n}`];
  return new LabProcess(['strace', '-f', '-qq', '-o', '/dev/null', ...kill, ...command(settings)]);
}

/** What a change printed last: `attached`, `replaced`, `detached`, `nothing to detach`; `killed` where it was. */
export async function outcomeOf(change: LabProcess): Promise<string> {
  const { status, signal } = await change.closed;
  if (signal === 'SIGKILL') return 'killed';
  if (status !== 0) throw new Error(`\`${change.command}\` ended with ${status}: ${change.output.text}`);
  return change.stdout.text.trim().split('\n').at(-1)!;
}

function encodeSettings({ trust, ...others }: ReceiverSettings): string {
  return JSON.stringify({ ...others, trust: trust === 'any' ? trust : trust.map(formatCidr) });
}

export function decodeSettings(text: string): ReceiverSettings {
  const { trust, ...others } = JSON.parse(text);
  return { ...others, trust: trust === 'any' ? trust : trust.map(parseCidr) };
}
