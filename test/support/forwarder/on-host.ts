import { parseConfig } from '../../../src/config/parse.js';
import type { Egress } from '../../../src/forwarder/egress.js';
import { egressesOf } from '../../../src/forwarder/egresses-of.js';
import { readHost } from '../../../src/forwarder/host.js';
import type { ForwarderSettings } from '../../../src/forwarder/settings.js';
import type { Script } from '../lifecycle.js';

/** A section `forwarder:`, as JSON has it. */
export type Section = Readonly<Record<string, unknown>>;

/** The settings that a section comes to. */
export function settingsOf(section: Section): ForwarderSettings {
  return parseConfig(JSON.stringify({ forwarder: section }), 'section.json').forwarder!;
}

/** What a forwarder is started with, and settings are changed to. */
export type Prepared = readonly [ForwarderSettings, readonly Egress[]];

/** What a section comes to here. */
export async function prepare(section: Section): Promise<Prepared> {
  const settings = settingsOf(section);
  const { interfaces } = await readHost(settings);
  return [settings, egressesOf(settings, interfaces)];
}

/** What a process is to do: start, or take over, and then change to others in turn; or detach. */
export type ForwarderOrder = 'detach' | { readonly start: Prepared; readonly turns?: readonly Prepared[] };

export const FORWARDER_SCRIPT: Script<ForwarderOrder> = {
  name: 'forwarder/on-host-child.js',
  encode: (order) => JSON.stringify(order),
};
