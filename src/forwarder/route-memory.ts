import { RouteMonitor } from '../kernel/route-monitor.js';
import { type Route, routesTo } from './routes.js';

/**
 * Asks the kernel for the route to an address once, and again after anything has changed: of 64,000 backends, a reload
 * of the configuration changes a few as a rule. Addresses that were not reached are asked for every time.
 */
export class RouteMemory implements Disposable {
  readonly #monitor: RouteMonitor;
  #known: ReadonlyMap<string, Route> = new Map();
  #changes = 0;

  /** @throws {KernelError} */
  constructor() {
    this.#monitor = new RouteMonitor(() => {
      this.#changes++;
      this.#known = new Map();
    });
  }

  /** As {@link routesTo}. What changes meanwhile, the next call finds. @throws {KernelError} */
  async routesTo(addresses: Iterable<string>): Promise<ReadonlyMap<string, Route>> {
    const changes = this.#changes;
    const known = this.#known;
    const all = new Set(addresses);
    const found = await routesTo([...all].filter((address) => !known.has(address)));
    const routes = new Map<string, Route>();
    for (const address of all) {
      const route = known.get(address) ?? found.get(address);
      if (route !== undefined) routes.set(address, route);
    }
    if (this.#changes === changes) this.#known = routes;
    return routes;
  }

  [Symbol.dispose](): void {
    this.#monitor[Symbol.dispose]();
  }
}
