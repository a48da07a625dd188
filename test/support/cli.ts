import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { LabProcess } from '../../src/lab/process.js';
import { type Result, run } from '../../src/lab/run.js';

/** The real binary. */
export const BINARY = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

const AS_NOBODY = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', '--'];

/** Runs `truepeer ARGUMENTS` to its end, whatever that is. */
export function truepeer(...args: readonly string[]): Promise<Result> {
  return run([process.execPath, BINARY, ...args], { check: false });
}

/** The same as a user without any privilege. */
export function truepeerAsNobody(...args: readonly string[]): Promise<Result> {
  return run([...AS_NOBODY, process.execPath, BINARY, ...args], { check: false });
}

/** Starts a command that goes on until it is interrupted. */
export function startTruepeer(...args: readonly string[]): LabProcess {
  return new LabProcess([process.execPath, BINARY, ...args]);
}

/** What a command prints with `--json`: exactly the published shape, and nothing on standard error. */
export async function jsonOf<Shape extends z.ZodType>(
  shape: Shape,
  ...args: readonly string[]
): Promise<z.output<Shape>> {
  const { stdout, stderr } = await truepeer(...args, '--json');
  assert.equal(stderr, '');
  return shape.parse(JSON.parse(stdout));
}

/** Asserts that a command refused, in one line. */
export function assertRefused({ status, stdout, stderr }: Result, expected: number, says: RegExp): void {
  assert.match(stderr, /^truepeer: .+\n$/);
  assert.match(stderr, says);
  assert.equal(stdout, '');
  assert.equal(status, expected);
}
