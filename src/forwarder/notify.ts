import { KernelError } from '../kernel/errors.js';
import { sendUnixDatagram } from '../kernel/unix-datagram.js';

/** How a service tells its manager where it stands. Without a manager that listens, it tells nobody. */
export interface Notifier {
  /** The service works. */
  ready(): void;
  /** It reads its configuration again; {@link ready} ends that. */
  reloading(): void;
  /** What it does, in a line for `systemctl status`. */
  status(status: string): void;
  stopping(): void;
  /** It is alive. */
  watchdog(): void;
  /** How often the manager wants to hear {@link watchdog}, at the latest; undefined where it does not. */
  readonly watchdogMs: number | undefined;
}

/**
 * Speaks the protocol of sd_notify(3) with the socket named in NOTIFY_SOCKET.
 *
 * @param onFailure told what went wrong; a manager that cannot be reached is no reason to stop serving.
 */
export function createNotifier(
  environment: NodeJS.ProcessEnv,
  onFailure: (error: KernelError) => void,
): Notifier {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = environment;
  const send = (...lines: readonly string[]) => {
    if (socket === undefined) return;
    try {
      sendUnixDatagram(socket, lines.join('\n'));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      onFailure(error);
    }
  };
  const ours = pid === undefined || Number(pid) === process.pid;
  return {
    ready: () => send('READY=1'),
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1_000n}`),
    status: (status) => send(`STATUS=${status}`),
    stopping: () => send('STOPPING=1'),
    watchdog: () => send('WATCHDOG=1'),
    // Half of the time, as sd_watchdog_enabled(3) recommends.
    watchdogMs: usec !== undefined && ours ? Number(usec) / 2_000 : undefined,
  };
}
