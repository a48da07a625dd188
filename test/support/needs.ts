import { FEATURES } from '../../src/kernel/features.js';

/** For node:test's `skip`: what this kernel lacks for a test (by the id of a feature), or false. */
export function lacking(id: string): string | false {
  const { name, probe } = FEATURES.find((feature) => feature.id === id)!;
  const { state, detail = '' } = probe();
  // The answer to whether something can go wrong may be that there is nothing to go wrong.
  if (state === 'present' && !detail.startsWith('not needed')) return false;
  return `this kernel lacks: ${name}`;
}
