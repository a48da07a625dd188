import { join } from 'node:path';
import { makeCgroup } from './cgroup.js';
import { isListening } from './listeners.js';
import { LabProcess, type SpawnOptions } from './process.js';
import { finish, type Result, type RunOptions, run } from './run.js';
import { waitUntil } from './wait.js';

/** Where a process of a host starts. */
export interface Placement {
  /** Name of a cgroup below the host's own, made when missing; the host's own unless given. */
  readonly cgroup?: string;
}

/** Joins the cgroup whose procs file is the first argument, then becomes the command: the pid stays. */
const JOIN_AND_EXEC = 'echo 0 > "$1" || exit 125; shift; exec "$@"';

/** A network namespace, a cgroup and a directory, and the processes that live there. */
export class Host {
  readonly name: string;
  /** File that names the network namespace, for `nsenter --net=FILE`. */
  readonly namespace: string;
  /** Absolute path of the cgroup every process of this host is in, or below. */
  readonly cgroup: string;
  /** A directory of its own (mode 0755) for configuration, logs and sockets; working directory of its processes. */
  readonly dir: string;

  /** Only names things; `buildHosts` makes them. */
  constructor(name: string, lab: { readonly cgroup: string; readonly dir: string }) {
    this.name = name;
    this.namespace = join(lab.dir, `${name}.net`);
    this.cgroup = join(lab.cgroup, name);
    this.dir = join(lab.dir, name);
  }

  /** Makes (if missing) the cgroup `name` below the host's own and returns its absolute path. */
  cgroupNamed(name: string): string {
    return makeCgroup(this.cgroup, name);
  }

  /**
   * Starts a program on this host. It is killed with the laboratory at the latest.
   *
   * Its standard streams are sockets, so it cannot open `/dev/stdout`: let servers log into {@link dir}.
   */
  spawn(file: string, args: readonly string[] = [], options: SpawnOptions & Placement = {}): LabProcess {
    const cgroup = options.cgroup === undefined ? this.cgroup : this.cgroupNamed(options.cgroup);
    const join = ['sh', '-c', JOIN_AND_EXEC, 'sh', `${cgroup}/cgroup.procs`];
    const { env = {}, cwd = this.dir } = options;
    return new LabProcess([file, ...args], { cwd, env }, [...this.#enter, ...join]);
  }

  /** Starts a Node script on this host: the way to run JavaScript in its network namespace. */
  node(script: string, args: readonly string[] = [], options: SpawnOptions & Placement = {}): LabProcess {
    return this.spawn(process.execPath, [script, ...args], options);
  }

  /**
   * Runs a command on this host to its end; status 127 with "not found" when there is no such program.
   *
   * @throws {CommandError} unless its exit status is 0 (or `check` is false); always on a timeout.
   */
  run(file: string, args: readonly string[] = [], options: RunOptions & Placement = {}): Promise<Result> {
    return finish(this.spawn(file, args, options), options);
  }

  /**
   * Waits until something on this host listens on a TCP port. Nothing connects, so no counter moves.
   *
   * @throws {NotSeenError} after `timeoutMs`.
   */
  async waitForPort(port: number, timeoutMs?: number): Promise<void> {
    await waitUntil(
      `a listener on port ${port} of host ${this.name}`,
      async () => {
        const tables = await run([...this.#enter, 'cat', '/proc/net/tcp', '/proc/net/tcp6'], {
          check: false,
        });
        return isListening(tables.stdout, port);
      },
      timeoutMs,
    );
  }

  get #enter(): string[] {
    return ['nsenter', `--net=${this.namespace}`, '--'];
  }
}
