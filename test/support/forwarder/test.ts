import { before as nodeBefore, test as nodeTest } from 'node:test';
import { FEATURES } from '../../../src/kernel/features.js';
import { lacking } from '../needs.js';

/** What this kernel lacks for a forwarder, or false. */
const skip =
  FEATURES.filter(({ roles, required }) => required && roles.includes('forwarder'))
    .map(({ id }) => lacking(id))
    .find((reason) => reason !== false) ?? false;

/** A test that needs a kernel on which the forwarder's program runs. */
export function test(name: string, run: () => void | Promise<void>): void {
  nodeTest(name, { skip }, run);
}

/** What such tests of a file have in common. */
export function before(prepare: () => void | Promise<void>): void {
  if (!skip) nodeBefore(prepare);
}
