import { RouteMonitor } from '../kernel/route-monitor.js';

/** Changes come in bursts: what came within so many milliseconds is looked at together. */
const GATHER_MS = 500;

/**
 * Calls back after links, addresses or routes of this network namespace have changed.
 *
 * @returns what ends it, when it is disposed of.
 * @throws {KernelError}
 */
export function watchNetwork(changed: () => void): Disposable {
  let gathering: NodeJS.Timeout | undefined;
  const monitor = new RouteMonitor(() => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      changed();
    }, GATHER_MS);
  });
  return {
    [Symbol.dispose]: () => {
      monitor[Symbol.dispose]();
      clearTimeout(gathering);
    },
  };
}
