import { existsSync } from 'node:fs';
import type { KernelError } from '../kernel/errors.js';
import { holdLockFile, LockedError } from '../kernel/lock-file.js';
import { requireRoot } from '../kernel/privilege.js';
import type { Request } from './control-protocol.js';
import { serveControl } from './control-server.js';
import { Daemon } from './daemon.js';
import { Changes } from './daemon-changes.js';
import { Forwarder } from './forwarder.js';
import { forwarderPlan } from './installation.js';
import type { Logger } from './log.js';
import { describeMetrics, type Metrics } from './metrics.js';
import { forgetNeighbours } from './neighbours.js';
import { watchNetwork } from './network-watch.js';
import { createNotifier, type Notifier } from './notify.js';
import type { Prepare } from './order.js';
import { CONTROL_SOCKET, DAEMON_LOCK, makeRuntimeDirectory } from './runtime.js';

/** Another daemon runs. */
export class DaemonRunningError extends Error {
  override readonly name = 'DaemonRunningError';

  constructor(pid: number, options?: ErrorOptions) {
    super(
      `a forwarder daemon runs already, as process ${pid}: \`truepeer forwarder reload\` has it read its ` +
        'configuration again',
      options,
    );
  }
}

/** How often what is to be done regularly is done. */
const TICK_MS = 1_000;

/** How often next hops are looked at: somebody may have flushed them, of which the kernel tells us nothing. */
const NEIGHBOURS_MS = 10_000;

/**
 * Attaches the forwarder, or takes over the one that is attached, and looks after it until SIGTERM or SIGINT, or until
 * somebody detaches it. Forwarding goes on afterwards.
 *
 * @param metrics are served where the configuration wants them, for as long as it runs.
 * @throws {DaemonRunningError}
 * @throws {MetricsAddressError}
 * @throws what `prepare` and {@link Forwarder.start} throw; then nothing has changed.
 */
export async function runForwarder(prepare: Prepare, log: Logger, metrics: Metrics): Promise<void> {
  requireRoot('running a forwarder');
  const failed = ({ message }: KernelError) => log.warn({ why: message }, 'the service manager was not told');
  const notifier = createNotifier(process.env, failed);
  makeRuntimeDirectory();
  using _lock = holdDaemonLock();
  const order = await prepare();
  await metrics.serveAt(order.settings.metrics);
  using _metrics = { [Symbol.dispose]: () => metrics.close() };
  const started = Forwarder.start(order.settings, order.egresses);
  for (const change of started.changes) log.info(change);
  using daemon = new Daemon(started, order, log, metrics, notifier.status);
  log.info(
    { pid: process.pid },
    started.outcome === 'attached' ? 'forwarding' : 'took over the forwarder that was attached: forwarding',
  );
  for (const line of describeMetrics(undefined, order.settings.metrics)) log.info(line);
  await attend(daemon, new Changes(daemon, prepare, log, metrics), log, notifier);
  notifier.stopping();
  await daemon.end();
  // Whoever has detached it has done the same, but this daemon may have kept some since.
  if (!isAttached()) return forgetNeighbours();
  log.info('the daemon ends; forwarding goes on until `truepeer forwarder detach`, without health checks');
}

function isAttached(): boolean {
  return existsSync(forwarderPlan().directory);
}

function holdDaemonLock(): Disposable {
  try {
    return holdLockFile(DAEMON_LOCK);
  } catch (error) {
    if (error instanceof LockedError) throw new DaemonRunningError(error.pid, { cause: error });
    throw error;
  }
}

/** Does what is asked of a daemon, until it is asked to end. */
async function attend(daemon: Daemon, changes: Changes, log: Logger, notifier: Notifier): Promise<void> {
  const end = new AbortController();
  const reload = async () => {
    notifier.reloading();
    try {
      return { changes: await changes.reload() };
    } finally {
      notifier.ready();
    }
  };
  const answer = (request: Request) => {
    if (request.command === 'reload') return reload();
    if (request.command === 'health') return { ...daemon.health(), complaint: changes.complaint };
    return daemon.setDraining(request, request.command === 'drain');
  };
  using _control = await serveControl(CONTROL_SOCKET, answer);
  using _network = watchNetwork(() => void changes.followHost());
  using _signals = onSignals({
    // What is wrong with the new settings is in the log.
    SIGHUP: () => void reload().catch(() => {}),
    SIGTERM: () => end.abort(),
    SIGINT: () => end.abort(),
  });
  using _neighbours = every(NEIGHBOURS_MS, () => daemon.keepNeighbours());
  notifier.ready();
  using _watchdog = every(notifier.watchdogMs, notifier.watchdog);
  await Promise.race([daemon.sweep(end.signal), ticking(daemon, log, end)]);
}

/** Ends with the signal, which it gives itself when somebody has detached the forwarder. */
function ticking(daemon: Daemon, log: Logger, end: AbortController): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      try {
        if (isAttached()) return daemon.tick();
        log.warn('somebody has detached the forwarder: there is nothing left to look after');
        end.abort();
      } catch (error) {
        reject(error);
      }
    }, TICK_MS);
    end.signal.addEventListener('abort', () => {
      clearInterval(timer);
      resolve();
    });
  });
}

function every(ms: number | undefined, act: () => void): Disposable {
  const timer = ms === undefined ? undefined : setInterval(act, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function onSignals(handlers: Partial<Record<NodeJS.Signals, () => void>>): Disposable {
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return {
    [Symbol.dispose]: () => {
      for (const [signal, handler] of entries) process.off(signal, handler);
    },
  };
}
