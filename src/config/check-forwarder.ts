import { checkHost } from '../forwarder/check-host.js';
import { checkSettings } from '../forwarder/check-settings.js';
import { readDefaultRoutes } from '../forwarder/default-routes.js';
import { readHost, readInterfaces } from '../forwarder/host.js';
import { backendAddresses, type Order, orderOf } from '../forwarder/order.js';
import type { Problem } from '../forwarder/problem.js';
import { type LookUp, routesTo } from '../forwarder/routes.js';
import type { ForwarderSettings } from '../forwarder/settings.js';
import { ConfigError, type ConfigProblem, NoSectionError } from './errors.js';
import { readWithPlaces } from './read.js';

/** A problem and where it is in the file. */
export interface PlacedProblem extends ConfigProblem {
  readonly severity: Problem['severity'];
}

/** A section `forwarder:` that has been looked at, on this host. */
export interface CheckedForwarder extends Order {
  /** In the order of their places. Errors among them forbid to go by the settings. */
  readonly problems: readonly PlacedProblem[];
}

/**
 * Reads the section `forwarder:` of a file and checks it, by itself and against this host.
 *
 * @throws {ConfigFileError} when the file cannot be read.
 * @throws {ConfigError} when what is in it cannot be meant.
 * @throws {NoSectionError}
 * @throws IpError
 */
export async function checkForwarderFile(file: string, lookUp: LookUp = routesTo): Promise<CheckedForwarder> {
  const { config, placeOf } = await readWithPlaces(file);
  const { forwarder: settings } = config;
  if (settings === undefined) throw new NoSectionError(file, 'forwarder');
  const host = await readHost(settings, lookUp);
  const problems = [...checkSettings(settings), ...checkHost(settings, host)].map(
    ({ path, severity, message }) => ({ ...placeOf(['forwarder', ...path]), severity, message }),
  );
  return {
    ...orderOf(settings, host),
    problems: problems.sort((a, b) => a.line - b.line || a.column - b.column),
  };
}

/** @throws {ConfigError} with the errors, where there are any. */
export function requireNoErrors(file: string, { problems }: CheckedForwarder): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new ConfigError(file, errors);
}

/**
 * What a forwarder goes by.
 *
 * @param settings as they are configured: then only the host is looked at anew, and local addresses that it has lost
 *   are left out, so that they are given to no connection until they are back.
 * @param lookUp tells how the host reaches backends.
 * @param warn is told what may not be meant, one line each.
 * @throws as {@link checkForwarderFile}
 * @throws {ConfigError} where there is any error, with all of them.
 */
export async function prepareForwarder(
  file: string,
  settings: ForwarderSettings | undefined,
  lookUp: LookUp,
  warn: (line: string) => void,
): Promise<Order> {
  if (settings !== undefined) return onThisHost(settings, lookUp);
  const checked = await checkForwarderFile(file, lookUp);
  requireNoErrors(file, checked);
  const { problems, ...order } = checked;
  for (const { line, column, message } of problems) warn(`${file}:${line}:${column}: ${message}`);
  return order;
}

async function onThisHost(settings: ForwarderSettings, lookUp: LookUp): Promise<Order> {
  const { localAddresses } = settings;
  const [interfaces, defaultRoutes, routes] = await Promise.all([
    readInterfaces(),
    readDefaultRoutes(),
    lookUp([...localAddresses, ...backendAddresses(settings)]),
  ]);
  const kept = localAddresses.filter((address) => routes.get(address)?.isLocal);
  return orderOf({ ...settings, localAddresses: kept }, { interfaces, routes, defaultRoutes });
}
