import type { Egress } from './egress.js';
import type { ForwarderSettings } from './settings.js';

/** What a configuration comes to on this host, as it is now. */
export interface Order {
  readonly settings: ForwarderSettings;
  readonly egresses: readonly Egress[];
}

/**
 * Reads the configuration and checks it against this host. Throws what is wrong with it.
 *
 * @param settings as they are configured, known already: then only the host is looked at, and what it lacks of the
 *   local addresses is left out.
 */
export type Prepare = (settings?: ForwarderSettings) => Promise<Order>;
