import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getSystemErrorMap } from 'node:util';
import { type Config, DEFAULT_CONFIG } from './config.js';
import { ConfigFileError } from './errors.js';
import type { Parsed } from './parse.js';

/**
 * Reads a configuration file (docs/configuration.md).
 *
 * @throws {ConfigFileError} when the file cannot be read.
 * @throws {ConfigError} when what is in it cannot be meant; it lists every problem with line and column.
 */
export async function readConfig(path: string): Promise<Config> {
  return (await readWithPlaces(path)).config;
}

/**
 * The same, with the places of what stands in it.
 *
 * @throws as {@link readConfig}
 */
export async function readWithPlaces(path: string): Promise<Parsed> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const [code, says] = getSystemErrorMap().get(cause.errno ?? 0) ?? [cause.code, cause.message];
    throw new ConfigFileError(`cannot read the configuration ${quoted(path)}: ${says} (${code})`, { cause });
  });
  // The parser and the schema take longer to load than all the rest, and who attaches by flags needs neither.
  const { parseWithPlaces } = await import('./parse.js');
  return parseWithPlaces(text, path);
}

/** The file a command goes by: the one that was named, else {@link DEFAULT_CONFIG} where there is one. */
export function configFile(named: string | undefined): string | undefined {
  return named ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
}

/**
 * The configuration in {@link configFile}; empty where there is none.
 *
 * @throws as {@link readConfig}
 */
export async function readConfigOrDefault(path: string | undefined): Promise<Config> {
  const file = configFile(path);
  return file === undefined ? {} : readConfig(file);
}

/** As it is, unless that would make a line that misleads. */
function quoted(path: string): string {
  return /^[\x21-\x7e]+$/.test(path) ? path : JSON.stringify(path);
}
