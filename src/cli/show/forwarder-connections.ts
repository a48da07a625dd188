import type { ConnectionCount, ForwarderConnections } from '../../forwarder/list-connections.js';
import { formatEndpoint } from '../../wire/index.js';
import type { Style } from '../style.js';
import { table } from '../table.js';
import { formatAge, formatCount, formatCounted } from '../units.js';

/** A row for each, and how many there are. */
export function showForwarderConnections(
  { connections, matched }: ForwarderConnections,
  style: Style,
): string[] {
  const total =
    connections.length < matched
      ? `${formatCount(connections.length)} of ${formatCounted(matched, 'connection')}: --limit shows more`
      : formatCounted(matched, 'connection');
  if (connections.length === 0) return [total];
  const rows = connections.map(
    ({ client, upstream, service, local, backend, tagged, missed, ageMs, idleMs, state }) => [
      formatEndpoint(client) + (upstream === undefined ? '' : ` by ${formatEndpoint(upstream)}`),
      service,
      formatEndpoint(local),
      formatEndpoint(backend),
      (tagged.join(', ') || '-') + (missed ? style.bad(' (not all)') : ''),
      formatAge(ageMs),
      formatAge(idleMs),
      state,
    ],
  );
  const columns = [
    { title: 'CLIENT' },
    { title: 'SERVICE' },
    { title: 'LOCAL' },
    { title: 'BACKEND' },
    { title: 'TOA ON' },
    { title: 'AGE', align: 'right' as const },
    { title: 'IDLE', align: 'right' as const },
    { title: 'STATE' },
  ];
  return [...table(columns, rows, style), '', total];
}

/**
 * A row for each, as many as the limit says, and how many there are.
 *
 * @param by what they are: `client` or `backend`
 */
export function showConnectionCounts(
  by: string,
  counts: readonly ConnectionCount[],
  limit: number,
  style: Style,
): string[] {
  const connections = counts.reduce((sum, one) => sum + one.connections, 0);
  const total = `${formatCounted(connections, 'connection')} of ${formatCounted(counts.length, by)}`;
  if (counts.length === 0) return [total];
  const hasService = counts.some(({ service }) => service !== undefined);
  const rows = counts
    .slice(0, limit)
    .map(({ of, service, connections }) => [
      of,
      ...(hasService ? [service ?? '-'] : []),
      formatCount(connections),
    ]);
  const columns = [
    { title: by.toUpperCase() },
    ...(hasService ? [{ title: 'SERVICE' }] : []),
    { title: 'CONNECTIONS', align: 'right' as const },
  ];
  return [...table(columns, rows, style), '', total];
}
