import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabProcess } from '../../src/lab/process.js';
import { GuestError } from '../kernels/errors.js';
import { hardware, QUICK_KERNEL, SOUND_KERNEL, serveRoot, WITH_US } from '../kernels/hardware.js';
import type { Disk } from './disk.js';

const MEMORY_MB = 1024;
/** Emulated, a boot takes a minute on an idle machine, and many on a busy one. */
const BOOT_MS = 900_000;
const COMMAND_MS = 900_000;

/** What a command in a guest came to. */
export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Debian system, booted from its own kernel, initramfs and disk with systemd as its first process. */
export class Machine implements AsyncDisposable {
  readonly #directory: string;
  readonly #root: LabProcess;
  readonly #machine: LabProcess;
  readonly #lines: AsyncGenerator<string, void, undefined>;

  private constructor(directory: string, root: LabProcess, machine: LabProcess) {
    this.#directory = directory;
    this.#root = root;
    this.#machine = machine;
    this.#lines = machine.stdout.lines();
  }

  /**
   * Switches it on, and waits until systemd has started everything.
   *
   * @param parameters more of the kernel's command line.
   * @throws {GuestError} where that does not happen.
   */
  static async boot(disk: Disk, parameters: readonly string[] = []): Promise<Machine> {
    const directory = await mkdtemp(join(tmpdir(), 'machine-'));
    const socket = join(directory, 'root.sock');
    const root = await serveRoot(socket);
    const append = [
      'console=ttyS0',
      'root=/dev/vda',
      'rw',
      'panic=-1',
      'net.ifnames=0',
      SOUND_KERNEL,
      QUICK_KERNEL,
      ...parameters,
    ];
    const argv = [
      ...hardware(MEMORY_MB, socket),
      ...['-serial', `file:${join(directory, 'console.log')}`, '-serial', 'stdio'],
      ...['-drive', `file=${disk.image},format=raw,if=virtio,cache=unsafe`],
      ...['-kernel', disk.vmlinux, '-initrd', disk.initramfs, '-append', append.join(' ')],
    ];
    const machine = new Machine(directory, root, new LabProcess(argv, {}, WITH_US));
    try {
      await machine.#line(/^@ready$/, BOOT_MS);
      await machine.#ask('systemctl is-system-running --wait', BOOT_MS);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a shell script, whatever its status. */
  run(script: string): Promise<Answer> {
    return this.#ask(script, COMMAND_MS);
  }

  /**
   * Runs a shell script; its standard output without the newline at its end.
   *
   * @throws {GuestError} unless its status is 0.
   */
  async tell(script: string): Promise<string> {
    const { status, stdout, stderr } = await this.run(script);
    if (status !== 0) throw new GuestError(`\`${script}\` ended with status ${status}: ${stdout}${stderr}`);
    return stdout.replace(/\n$/, '');
  }

  /** Shuts it down as an operator does, and waits until it is off. */
  async shutDown(): Promise<void> {
    this.#machine.stdin.write(`${Buffer.from('systemctl poweroff').toString('base64')}\n`);
    const off = setTimeout(() => this.#machine.kill('SIGKILL'), COMMAND_MS);
    await this.#machine.exit;
    clearTimeout(off);
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine.stop();
    await this.#root.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #ask(script: string, timeoutMs: number): Promise<Answer> {
    this.#machine.stdin.write(`${Buffer.from(script).toString('base64')}\n`);
    const [, status, stdout, stderr] = await this.#line(/^@done (\d+) (\S*)\.(\S*)$/, timeoutMs);
    return { status: Number(status), stdout: decoded(stdout!), stderr: decoded(stderr!) };
  }

  /** The next line that it says on the second serial line, which must be this one. */
  async #line(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    const giveUp = setTimeout(() => this.#machine.kill('SIGKILL'), timeoutMs);
    const { value } = await this.#lines.next();
    clearTimeout(giveUp);
    const found = pattern.exec((value ?? '').replace(/\r$/, ''));
    if (found !== null) return found;
    const console = await readFile(join(this.#directory, 'console.log'), 'utf8').catch(() => '');
    const said = [value, console, this.#machine.stderr.text, this.#root.stderr.text].join('\n');
    throw new GuestError(`the machine did not answer: ${said.trim().slice(-4000)}`);
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
