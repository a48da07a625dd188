import { copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Result, type RunOptions, run } from '../../src/lab/run.js';
import { archiveOf, type System } from './systems.js';

const MINUTES = 60_000;

/** What a command in a root is told, and nothing else of this process's environment. */
const ENVIRONMENT = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND=noninteractive'];

/**
 * A clean system's files, in memory, with the bpf file system of this isolation. Everything is gone with the mount
 * namespace of the isolation, or when this is disposed of.
 */
export class Root implements AsyncDisposable {
  readonly path: string;
  #enter: readonly string[];

  private constructor(path: string) {
    this.path = path;
    // A container without an init: the command is its first process.
    this.#enter = ['unshare', '--mount', '--pid', '--fork', '--kill-child', `--root=${path}`, '--mount-proc'];
  }

  static async unpack(system: System): Promise<Root> {
    const path = await mkdtemp(join(tmpdir(), 'root-'));
    await run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'truepeer-root', path]);
    await run(['tar', '-xf', archiveOf(system), '-C', path], { timeoutMs: 5 * MINUTES });
    return new Root(path);
  }

  /** As a container with privileges has them: /sys with all cgroups, and the bpf file system. */
  async mountKernel(): Promise<void> {
    await run(['mount', '-t', 'sysfs', 'sysfs', join(this.path, 'sys')]);
    await run(['mount', '-t', 'cgroup2', 'cgroup2', join(this.path, 'sys/fs/cgroup')]);
    await run(['mount', '--bind', '/sys/fs/bpf', join(this.path, 'sys/fs/bpf')]);
  }

  /** Commands run from now on in the namespaces of this process. */
  enterThrough(pid: number): void {
    const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--cgroup'];
    this.#enter = ['nsenter', `--target=${pid}`, ...namespaces, '--root', '--wdns=/'];
  }

  /** Runs a command in there, with a tool of this system's. @throws {CommandError} unless told not to check */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
    return run([...this.#enter, ...ENVIRONMENT, ...argv], { timeoutMs: 5 * MINUTES, ...options });
  }

  /** The same for a line of shell; what it prints. */
  async sh(line: string): Promise<string> {
    return (await this.run(['sh', '-c', line])).stdout.trim();
  }

  /** Copies a file into `/root`. */
  async give(file: string): Promise<string> {
    await copyFile(file, join(this.path, 'root', basename(file)));
    return `/root/${basename(file)}`;
  }

  /** Installs packages with apt; files by their path. Nothing is fetched. */
  async install(...packages: readonly string[]): Promise<void> {
    await this.run(['apt-get', '-q', '-y', '--no-install-recommends', 'install', ...packages]);
  }

  /** What has our name, but for what a package manager and its logs remember. */
  async ours(): Promise<string[]> {
    const found = await run(['find', this.path, '-xdev', '-path', '*truepeer*', '-printf', '/%P\n']);
    return found.stdout
      .split('\n')
      .filter((file) => file !== '' && !/^\/(root|var\/(log|cache|lib\/(dpkg|apt|rpm)))\//.test(file))
      .sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(['umount', '--recursive', '--lazy', this.path]);
  }
}
