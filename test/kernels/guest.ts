import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabProcess } from '../../src/lab/process.js';
import { waitUntil } from '../../src/lab/wait.js';
import { GuestError } from './errors.js';
import type { FetchedKernel } from './fetch.js';

/** Where Debian 12 and 13 have it; it is not in PATH. */
const VIRTIOFSD = ['/usr/libexec/virtiofsd', '/usr/lib/qemu/virtiofsd'];
/** Neither outlives us, however we end. */
const WITH_US = ['setpriv', '--pdeathsig', 'KILL', '--'];
/** What the guest writes to its file systems is memory, too. */
const MEMORY_MB = 2048;

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
 * @returns the script's exit status.
 * @throws {GuestError} where the machine does not start, or does not come to its end in time.
 */
export async function runInGuest(
  kernel: FetchedKernel,
  script: string,
  onLine: (line: string) => void,
  timeoutMs: number,
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
    const status = await statusOf(machine, onLine, timeoutMs);
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
  timeoutMs: number,
): Promise<number | undefined> {
  const giveUp = setTimeout(() => machine.kill('SIGKILL'), timeoutMs);
  try {
    for await (const line of machine.stdout.lines()) {
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

async function serveRoot(socket: string): Promise<LabProcess> {
  const program = VIRTIOFSD.find(existsSync);
  if (program === undefined) throw new GuestError(`virtiofsd is missing: none of ${VIRTIOFSD.join(', ')}`);
  const options = ['source=/', 'cache=always', 'sandbox=chroot'].flatMap((option) => ['-o', option]);
  const server = new LabProcess([program, `--socket-path=${socket}`, ...options], {}, WITH_US);
  try {
    await waitUntil('virtiofsd to listen', () => existsSync(socket));
    return server;
  } catch (error) {
    await server.stop();
    throw new GuestError(`virtiofsd does not start: ${server.output.text}`, { cause: error });
  }
}

function machineOf(kernel: FetchedKernel, { script, socket, log }: Files): readonly string[] {
  const append = `console=ttyS0 quiet panic=-1 lab.modules=${kernel.modules} lab.script=${script}`;
  return [
    'qemu-system-x86_64',
    ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1', '-m', `${MEMORY_MB}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${log}`, '-serial', 'stdio'],
    ...[
      '-object',
      `memory-backend-memfd,id=memory,size=${MEMORY_MB}M,share=on`,
      '-numa',
      'node,memdev=memory',
    ],
    ...['-chardev', `socket,id=root,path=${socket}`, '-device', 'vhost-user-fs-pci,chardev=root,tag=host'],
    ...['-kernel', kernel.vmlinux, '-initrd', kernel.initramfs, '-append', append],
  ];
}
