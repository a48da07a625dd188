import { readFile } from 'node:fs/promises';
import { currentIsolation } from '../../src/lab/isolation.js';
import { LabProcess } from '../../src/lab/process.js';
import { waitUntil } from '../../src/lab/wait.js';
import type { Root } from './root.js';

/**
 * From the cgroup of the isolation on: that is the root of all cgroups to the container, so that what it attaches to its
 * root reaches the laboratory, and nothing else.
 */
const BOOT = `
echo 0 > "$1/cgroup.procs"
exec unshare --mount --pid --ipc --uts --cgroup --fork --kill-child sh -euc '
cd "$0"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --bind /sys/fs/bpf sys/fs/bpf
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do cp -a "/dev/$device" dev/; done
mknod -m 666 dev/ptmx c 5 2
mkdir dev/pts dev/shm
ln -s /proc/self/fd dev/fd
mkdir -p run/host
pivot_root . run/host
umount -l run/host
exec env -i container=truepeer /lib/systemd/systemd' "$2"
`;

/** A root in which systemd runs, as in a container. */
export class Booted implements AsyncDisposable {
  readonly #init: LabProcess;

  private constructor(init: LabProcess) {
    this.#init = init;
  }

  /** Needs the package systemd-sysv in there. Commands in the root run in the container from then on. */
  static async boot(root: Root): Promise<Booted> {
    const init = new LabProcess(['sh', '-euc', BOOT, 'sh', currentIsolation().cgroup, root.path]);
    const booted = new Booted(init);
    const first = await waitUntil('the first process of the container', async () => {
      if (!init.running) throw new Error(`the container ended: ${init.output.text}`);
      const name = await readFile(`/proc/${await childOf(init.pid)}/comm`, 'utf8').catch(() => '');
      return name === 'systemd\n' && childOf(init.pid);
    });
    root.enterThrough(first);
    await waitUntil('the end of the boot', async () => {
      const { stdout } = await root.run(['systemctl', 'is-system-running'], { check: false });
      return /^(running|degraded)$/m.test(stdout);
    });
    return booted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#init.kill('SIGKILL');
    await this.#init.exit;
  }
}

async function childOf(pid: number): Promise<number> {
  return Number.parseInt(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10);
}
