/**
 * Attaches a forwarder to the interfaces of the network namespace that this runs in, and ends: the kernel forwards by
 * itself. `forwarder-on-host.js SETTINGS`, as JSON. Where the kernel or an interface refuses, the exit status is
 * {@link REFUSED}, and why is on standard error.
 */
import { Forwarder } from '../forwarder/forwarder.js';
import { readHost } from '../forwarder/host.js';
import { keepNeighbours } from '../forwarder/neighbours.js';
import { orderOf } from '../forwarder/order.js';
import type { ForwarderSettings } from '../forwarder/settings.js';
import { XdpRefusedError } from '../kernel/xdp-refusal.js';
import { UnsupportedError } from '../lifecycle/support.js';
import { REFUSED } from './forwarder-refused.js';

const settings = JSON.parse(process.argv[2]!) as ForwarderSettings;
try {
  const { egresses, nextHops } = orderOf(settings, await readHost(settings));
  using _forwarder = Forwarder.start(settings, egresses).forwarder;
  await keepNeighbours(nextHops);
} catch (error) {
  if (!(error instanceof UnsupportedError || error instanceof XdpRefusedError)) throw error;
  console.error(error.message);
  process.exitCode = REFUSED;
}
