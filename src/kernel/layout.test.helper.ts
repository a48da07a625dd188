import assert from 'node:assert/strict';
import type { StructLayout, Types } from './btf.test.helper.js';

/** Asserts that a struct has its members where TypeScript believes; C writes them in snake case. */
export function assertStruct({ structs }: Types, name: string, layout: StructLayout): void {
  const compiled = structs.get(name);
  assert.ok(compiled !== undefined, `no struct ${name} in the object's BTF`);
  const members = Object.keys(layout).map((member) => [member, compiled[snakeCase(member)]]);
  assert.deepEqual(layout, Object.fromEntries(members));
}

/**
 * Asserts that TypeScript gives the names of an enum the same numbers.
 *
 * @param prefix what C's names begin with, and TypeScript's do not.
 */
export function assertEnum(
  { enums }: Types,
  name: string,
  numbers: readonly (readonly [string, number])[],
  prefix: RegExp,
): void {
  const compiled = Object.entries(enums.get(name)!).filter(
    ([member]) => !/_COUNT$|^FORWARDER_COUNTERS$/.test(member),
  );
  const plain = (text: string) => text.toUpperCase().replaceAll(/[-_]/g, '');
  assert.deepEqual(
    numbers.map(([member, number]) => [plain(member), number]),
    compiled.map(([member, number]) => [plain(member.replace(prefix, '')), number]),
  );
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
