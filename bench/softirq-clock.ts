import { cpus } from 'node:os';
import { LabProcess } from '../src/lab/process.js';
import { waitUntil } from '../src/lab/wait.js';

/**
 * Prints the nanoseconds that a core's ksoftirqd has run, for each line that it reads. The kernel's threads are in none
 * of our pid namespaces, but the proc file system that shows them still lies below ours.
 */
const TELL = `
umount /proc || exit
for comm in /proc/[0-9]*/comm; do
  read -r name < "$comm"
  [ "$name" != "ksoftirqd/$0" ] || break
  name=
done
[ -n "$name" ] || { echo "there is no ksoftirqd/$0 to be seen" >&2; exit 1; }
while read -r _; do read -r ran _ < "\${comm%comm}schedstat"; echo "$ran"; done
`;

/**
 * How long the kernel has worked on packets by itself, outside of any process, on the core where everything is measured.
 * Under load that is where most of forwarding is done.
 */
export class SoftirqClock implements AsyncDisposable {
  readonly #teller = new LabProcess([...['unshare', '--mount', 'sh', '-c', TELL, String(cpus().length - 1)]]);
  #asked = 0;

  /** Microseconds since the machine was started. */
  async read(): Promise<number> {
    this.#asked += 1;
    this.#teller.stdin.write('\n');
    const line = await waitUntil('the time that ksoftirqd has run', () => {
      if (!this.#teller.running) throw new Error(`no time of ksoftirqd: ${this.#teller.stderr.text}`);
      return this.#teller.stdout.text.split('\n').slice(0, -1)[this.#asked - 1];
    });
    return Number(line) / 1_000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#teller.stop();
  }
}
