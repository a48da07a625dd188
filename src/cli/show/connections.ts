import type { Connection } from '../../receiver/connections.js';
import { type Endpoint, formatEndpoint } from '../../wire/index.js';
import type { Style } from '../style.js';
import { type Column, table } from '../table.js';
import { formatAge, formatCounted } from '../units.js';

/** A row for each, the newest last and next to the prompt, and how many. The column of virtual addresses is there when one of them is known. */
export function showConnections(connections: readonly Connection[], style: Style): string[] {
  const total = `${formatCounted(connections.length, 'connection')} with a known client`;
  if (connections.length === 0) return [total];
  const vips = connections.some(({ vip }) => vip !== undefined);
  const columns: Column[] = [
    { title: 'CLIENT' },
    { title: 'FORWARDER' },
    { title: 'LOCAL' },
    ...(vips ? [{ title: 'VIP' }] : []),
    { title: 'KIND' },
    { title: 'AGE', align: 'right' },
    { title: 'STATE' },
  ];
  const rows = connections.map(({ client, peer, local, vip, kind, ageMs, state }) => [
    orNone(client),
    formatEndpoint(peer),
    formatEndpoint(local),
    ...(vips ? [orNone(vip)] : []),
    kind,
    formatAge(ageMs),
    state,
  ]);
  return [...table(columns, rows, style), '', total];
}

function orNone(endpoint: Endpoint | undefined): string {
  return endpoint === undefined ? '-' : formatEndpoint(endpoint);
}
