import { resolve } from 'node:path';
import { type Block, blocksOf, operationsGuide } from '../support/guide.js';

/** Where the packages of the guide are: in `first` the one that is installed, in `upgrade` the newer one of one's own. */
export const PACKAGES = resolve('dist/boot/packages');

const blocks = blocksOf(await operationsGuide());

/** The blocks of the operations guide that somebody runs. */
export function runBy(runner: string): readonly Block[] {
  return blocks.filter(({ tested }) => tested[0] === runner);
}

export function titleOf({ line, text }: Block): string {
  return `docs/operations.md:${line}: ${text.split('\n')[0]}`;
}
