import type { ReceiverSettings } from '../receiver/settings.js';
import { DEFAULT_PROFILES } from '../wire/index.js';
import type { ReceiverConfig } from './config.js';
import { NoTrustError } from './errors.js';

/**
 * The settings that a command line and a configuration file come to. A key of the command line replaces the file's;
 * what neither says has its default. The default profiles hold only where neither profiles nor kinds are chosen.
 *
 * @throws {NoTrustError}
 */
export function receiverSettings(flags: ReceiverConfig, file: ReceiverConfig = {}): ReceiverSettings {
  const { trust, profiles, kinds = [], refuse = [], cgroup = '/', sockopt = true } = { ...file, ...flags };
  if (trust === undefined) throw new NoTrustError();
  return {
    trust,
    profiles: profiles ?? (kinds.length > 0 ? [] : DEFAULT_PROFILES),
    kinds,
    refuse,
    cgroup,
    sockopt,
  };
}
