import type { ReceiverSettings } from '../receiver/settings.js';

/** Where the configuration is looked for when none is named. */
export const DEFAULT_CONFIG = '/etc/truepeer/truepeer.yaml';

/** The section `receiver:`. What is absent was not said. */
export type ReceiverConfig = Partial<ReceiverSettings>;

/** A configuration file that has been read. Sections of other roles are not in here. */
export interface Config {
  readonly receiver?: ReceiverConfig;
}
