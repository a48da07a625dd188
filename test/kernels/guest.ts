import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabProcess } from '../../src/lab/process.js';
import { waitUntil } from '../../src/lab/wait.js';
import { GuestError } from './errors.js';
import type { FetchedKernel } from './fetch.js';

/** Where Debian 12 and 13 have it; it is not in PATH. */
const VIRTIOFSD = ['/usr/libexec/virtiofsd', '/usr/lib/qemu/virtiofsd'];
/** Tests hold two copies of what they write: files are memory there, too. */
const MEMORY_MB = 2048;

/** What the virtual machine may take, at most. */
export interface Limits {
  readonly timeoutMs: number;
}

/**
 * Runs a shell script on another kernel: in a virtual machine whose root is this machine's, read-only below an overlay
 * in memory. The processor is emulated, because stock kernels do not start under every KVM.
 *
 * @param onLine called with each line of the console, the script's output among the kernel's.
 * @returns the script's exit status.
 * @throws {GuestError} where the machine does not start, or does not come to its end in time.
 */
export async function runInGuest(
  kernel: FetchedKernel,
  script: string,
  onLine: (line: string) => void,
  { timeoutMs }: Limits,
): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'guest-'));
  try {
    const socket = join(directory, 'root.sock');
    const scriptPath = join(directory, 'script.sh');
    await writeFile(scriptPath, script);
    await using files = await serveRoot(socket);
    await using machine = new LabProcess(machineOf(kernel, socket, scriptPath));
    machine.stdin.end();
    const giveUp = setTimeout(() => machine.kill('SIGKILL'), timeoutMs);
    let status: number | undefined;
    for await (const line of machine.stdout.lines()) {
      const text = line.replace(/\r$/, '');
      const ending = /^@exit (\d+)$/.exec(text);
      if (ending === null) onLine(text);
      else status = Number(ending[1]);
    }
    clearTimeout(giveUp);
    if (status !== undefined) return status;
    throw new GuestError(`Linux ${kernel.release} ended early: ${machine.stderr.text}${files.stderr.text}`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function serveRoot(socket: string): Promise<LabProcess> {
  const program = VIRTIOFSD.find(existsSync);
  if (program === undefined) throw new GuestError(`virtiofsd is missing: none of ${VIRTIOFSD.join(', ')}`);
  const options = ['source=/', 'cache=always', 'sandbox=chroot'].flatMap((option) => ['-o', option]);
  const files = new LabProcess([program, `--socket-path=${socket}`, ...options]);
  try {
    await waitUntil('virtiofsd to listen', () => existsSync(socket));
    return files;
  } catch (error) {
    await files.stop();
    throw new GuestError(`virtiofsd does not start: ${files.output.text}`, { cause: error });
  }
}

function machineOf(kernel: FetchedKernel, socket: string, script: string): readonly string[] {
  const append = `console=ttyS0 quiet panic=-1 lab.modules=${kernel.modules} lab.script=${script}`;
  return [
    'qemu-system-x86_64',
    ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '1', '-m', `${MEMORY_MB}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
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
