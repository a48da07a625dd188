import * as node from 'node:test';
import { FEATURES } from '../../../src/kernel/features.js';
import { lacking } from '../needs.js';

export type { TestContext } from 'node:test';

/** What this kernel lacks for a forwarder, or false. */
const skip =
  FEATURES.filter(({ roles, required }) => required && roles.includes('forwarder'))
    .map(({ id }) => lacking(id))
    .find((reason) => reason !== false) ?? false;

/** A test that needs a kernel on which the forwarder's program runs. */
export function test(name: string, run: (context: node.TestContext) => void | Promise<void>): void {
  node.test(name, { skip }, run);
}

/** A group of such tests. */
export function describe(name: string, define: () => void): void {
  node.describe(name, { skip }, define);
}

type Hook = (act: () => unknown) => void;

/** What such tests of a file have in common, before and after. */
const unlessSkipped =
  (hook: Hook): Hook =>
  (act) => {
    if (!skip) hook(act);
  };
export const before: Hook = unlessSkipped(node.before);
export const beforeEach: Hook = unlessSkipped(node.beforeEach);
export const after: Hook = unlessSkipped(node.after);
export const afterEach: Hook = unlessSkipped(node.afterEach);
