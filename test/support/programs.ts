import { fileURLToPath } from 'node:url';

/** The path of one of test/programs, compiled. */
export function program(name: string): string {
  return fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
}
