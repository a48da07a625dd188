import type { Reads } from '../../receiver/reads.js';
import { formatList } from '../units.js';

/** `200/8, 254/8 and 254/20`, and which of them are read from the SYN. */
export function showReads({ completing, syn }: Reads): string {
  const fromSyn = syn.length > 0 ? [`${formatList(syn)} on the SYN`] : [];
  return [...(completing.length > 0 ? [formatList(completing)] : []), ...fromSyn].join(', and ');
}
