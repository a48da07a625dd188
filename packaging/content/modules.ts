import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Architecture } from '../architecture.js';
import { fetchPackage } from '../fetch.js';

/** A Node module that belongs into the package. */
export interface Module {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** What package-lock.json says about one. */
interface Locked {
  readonly version: string;
  readonly integrity: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/** The modules that run, as the lock file pins them, with the native code of one architecture. */
export async function runtimeModules(architecture: Architecture): Promise<Module[]> {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const names = closure(packages, architecture);
  return Promise.all(
    [...names].sort().map(async (name) => {
      const { version, integrity } = packages[`node_modules/${name}`] as Locked;
      const installed = join('node_modules', name);
      const folder = existsSync(installed) ? installed : await fetchPackage({ name, version, integrity });
      return { name, version, folder };
    }),
  );
}

function closure(packages: Readonly<Record<string, Locked>>, architecture: Architecture): Set<string> {
  const names = new Set<string>();
  const add = (of: Locked): void => {
    for (const name of Object.keys({ ...of.dependencies, ...of.optionalDependencies })) {
      const locked = packages[`node_modules/${name}`];
      if (names.has(name) || locked === undefined || !runsOn(locked, architecture)) continue;
      names.add(name);
      add(locked);
    }
  };
  add(packages['']!);
  return names;
}

function runsOn({ os, cpu }: Locked, { node }: Architecture): boolean {
  return (os?.includes('linux') ?? true) && (cpu?.includes(node) ?? true);
}
