import type { ForwarderSettings } from '../forwarder/settings.js';
import type { ReceiverSettings } from '../receiver/settings.js';
import type { TaggerChoice } from './tagger-settings.js';

/** Where the configuration is looked for when none is named. */
export const DEFAULT_CONFIG = '/etc/truepeer/truepeer.yaml';

/** The section `receiver:`. What is absent was not said. */
export type ReceiverConfig = Partial<ReceiverSettings>;

/** A configuration file that has been read. */
export interface Config {
  readonly receiver?: ReceiverConfig;
  readonly tagger?: readonly TaggerChoice[];
  readonly forwarder?: ForwarderSettings;
}
