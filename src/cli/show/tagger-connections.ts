import type { TaggedConnection } from '../../tagger/connections.js';
import { formatEndpoint } from '../../wire/index.js';
import type { Style } from '../style.js';
import { type Column, table } from '../table.js';
import { formatAge, formatCounted } from '../units.js';

const COLUMNS: readonly Column[] = [
  { title: 'CLIENT' },
  { title: 'SOURCE' },
  { title: 'BACKEND' },
  { title: 'WRITTEN ON' },
  { title: 'AGE', align: 'right' },
  { title: 'STATE' },
];

/** A row for each, and how many. */
export function showTaggedConnections(connections: readonly TaggedConnection[], style: Style): string[] {
  const total = `${formatCounted(connections.length, 'connection')} for a client`;
  if (connections.length === 0) return [total];
  const rows = connections.map(({ client, local, peer, written, ageMs, state }) => [
    formatEndpoint(client),
    formatEndpoint(local),
    formatEndpoint(peer),
    written.join(', ') || '-',
    formatAge(ageMs),
    state,
  ]);
  return [...table(COLUMNS, rows, style), '', total];
}
