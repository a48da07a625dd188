import type { Command } from 'commander';
import { prepareForwarder } from '../config/check-forwarder.js';
import { DEFAULT_CONFIG } from '../config/config.js';
import { createLog } from '../forwarder/log.js';
import { RouteMemory } from '../forwarder/route-memory.js';
import type { LookUp } from '../forwarder/routes.js';
import { runForwarder } from '../forwarder/run.js';
import type { ForwarderSettings } from '../forwarder/settings.js';
import { PrometheusMetrics } from '../metrics/metrics.js';

export function define(command: Command): void {
  command
    .option('--config <file>', 'where its section `forwarder:` is', DEFAULT_CONFIG)
    .addHelpText('after', HELP)
    .action(async ({ config }: { config: string }) => {
      const log = createLog();
      const warn = (line: string) => log.warn(line);
      using routes = new RouteMemory();
      const lookUp: LookUp = (addresses) => routes.routesTo(addresses);
      const prepare = (settings?: ForwarderSettings) => prepareForwarder(config, settings, lookUp, warn);
      await runForwarder(prepare, log, new PrometheusMetrics(log));
      // Checks that are under way need not be waited for.
      process.exit();
    });
}

const HELP = `
It goes on until SIGTERM or Ctrl-C. Forwarding is the kernel's and goes on after that, without health checks, until
\`truepeer forwarder detach\`; started again, it takes over with every connection. SIGHUP, or
\`truepeer forwarder reload\`, has it read the configuration again. Its log is for people on a terminal, and JSON
elsewhere; a service manager is told by sd_notify(3).`;
