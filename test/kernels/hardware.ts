import { existsSync } from 'node:fs';
import { LabProcess } from '../../src/lab/process.js';
import { waitUntil } from '../../src/lab/wait.js';
import { GuestError } from './errors.js';

/** Where Debian 12 and 13 have it; it is not in PATH. */
const VIRTIOFSD = ['/usr/libexec/virtiofsd', '/usr/lib/qemu/virtiofsd'];

/** A launcher: what it starts does not outlive us, however we end. */
export const WITH_US = ['setpriv', '--pdeathsig', 'KILL', '--'];

/** A plain processor: in emulation by QEMU 7.2 (Debian 12), programs that take AVX for granted crash. */
const CPU = 'Nehalem';

/**
 * For the kernel's command line: no CMPXCHG16B, in which QEMU 7.2 now and then ruins the flags; kernels from 6.5 on then
 * die in their memory allocator. By number, X86_FEATURE_CX16, because old kernels know no names here. Without it, the
 * kmalloc_nolock() by which Linux 7 makes the storage of sockets serves only caches that are checked. And no check of
 * the timer, which a busy machine fails.
 */
export const SOUND_KERNEL = 'clearcpuid=141 slab_debug=F,kmalloc-* no_timer_check';

/** Also for there: where the processor is emulated, page tables of the kernel's own make a system call 15 times as dear. */
export const QUICK_KERNEL = 'mitigations=off';

/**
 * A machine of one emulated processor, which sees this machine's root as the virtiofs tag `host`. The processor is
 * emulated, because stock kernels do not start under every KVM.
 *
 * @param socket where {@link serveRoot} serves the root.
 */
export function hardware(memoryMb: number, socket: string): readonly string[] {
  return [
    'qemu-system-x86_64',
    ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', CPU, '-smp', '1', '-m', `${memoryMb}`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...[
      '-object',
      `memory-backend-memfd,id=memory,size=${memoryMb}M,share=on`,
      '-numa',
      'node,memdev=memory',
    ],
    ...['-chardev', `socket,id=root,path=${socket}`, '-device', 'vhost-user-fs-pci,chardev=root,tag=host'],
  ];
}

/**
 * Serves this machine's root to one virtual machine.
 *
 * @throws {GuestError}
 */
export async function serveRoot(socket: string): Promise<LabProcess> {
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
