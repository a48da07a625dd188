import { formatCount, formatList } from '../units.js';

const SHOWN = 8;

/** The networks in words; of thousands, the first few and how many more. */
export function showTrust(trust: readonly string[] | 'any'): string {
  if (trust === 'any') return 'any sender, so that whoever can connect can claim any address';
  const more = trust.length - SHOWN;
  if (more <= 1) return formatList(trust);
  return `${trust.slice(0, SHOWN).join(', ')} and ${formatCount(more)} more`;
}
