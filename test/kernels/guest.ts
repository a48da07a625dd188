import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabProcess } from '../../src/lab/process.js';
import { GuestError } from './errors.js';
import type { FetchedKernel } from './fetch.js';
import { hardware, QUICK_KERNEL, SOUND_KERNEL, serveRoot, WITH_US } from './hardware.js';

/** What the guest writes to its file systems is memory, too. */
const MEMORY_MB = 2048;
/** On a busy machine, a boot takes a minute. */
const BOOT_MS = 600_000;

/** The files of one run. */
interface Files {
  readonly script: string;
  /** Where virtiofsd serves the root. */
  readonly socket: string;
  /** What the kernel and the first process say. */
  readonly log: string;
}

/**
 * Runs a shell script on another kernel: in a virtual machine whose root is this machine's, read-only below an overlay
 * in memory. The processor is emulated, because stock kernels do not start under every KVM.
 *
 * @param onLine called with each line that the script writes.
 * @param silenceMs how long it may write nothing, once the machine has booted.
 * @returns the script's exit status.
 * @throws {GuestError} where the machine does not start, dies, or falls silent.
 */
export async function runInGuest(
  kernel: FetchedKernel,
  script: string,
  onLine: (line: string) => void,
  silenceMs: number,
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'guest-'));
  const files = {
    script: join(directory, 'script.sh'),
    socket: join(directory, 'root.sock'),
    log: join(directory, 'console.log'),
  };
  try {
    await writeFile(files.script, script);
    await using root = await serveRoot(files.socket);
    await using machine = new LabProcess(machineOf(kernel, files), {}, WITH_US);
    const status = await statusOf(machine, onLine, silenceMs);
    if (status !== undefined) return status;
    const log = await readFile(files.log, 'utf8').catch(() => '');
    const said = [log, machine.stderr.text, root.stderr.text].join('\n').trim();
    throw new GuestError(`Linux ${kernel.release} did not come to its end: ${said.slice(-2000)}`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function statusOf(
  machine: LabProcess,
  onLine: (line: string) => void,
  silenceMs: number,
): Promise<number | undefined> {
  const giveUpIn = (ms: number): NodeJS.Timeout => setTimeout(() => machine.kill('SIGKILL'), ms);
  let giveUp = giveUpIn(BOOT_MS);
  try {
    for await (const line of machine.stdout.lines()) {
      clearTimeout(giveUp);
      giveUp = giveUpIn(silenceMs);
      const text = line.replace(/\r$/, '');
      const ending = /^@exit (\d+)$/.exec(text);
      if (ending !== null) return Number(ending[1]);
      onLine(text);
    }
    return undefined;
  } finally {
    clearTimeout(giveUp);
  }
}

function machineOf(kernel: FetchedKernel, { script, socket, log }: Files): readonly string[] {
  const lab = `lab.modules=${kernel.modules} lab.script=${script}`;
  const append = `console=ttyS0 quiet panic=-1 ${SOUND_KERNEL} ${QUICK_KERNEL} ${lab}`;
  return [
    ...hardware(MEMORY_MB, socket),
    ...['-serial', `file:${log}`, '-serial', 'stdio'],
    ...['-kernel', kernel.vmlinux, '-initrd', kernel.initramfs, '-append', append],
  ];
}
