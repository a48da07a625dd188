import { formatAddress, formatEndpoint } from '../wire/index.js';
import { CONNECTION_STATES, type ConnectionState, type ForwardedConnection } from './connection.js';
import type { ConnectionFilter } from './connection-table.js';
import { parsePattern } from './endpoint-match.js';
import { readServices } from './entries.js';
import { findService } from './find-backend.js';
import { BACKEND } from './layout.js';
import { Reading } from './reading.js';

/** Which connections are meant, as an operator writes it; what is absent does not matter. */
export interface ConnectionQuery {
  readonly service?: string;
  /** Addresses: one, a network, or one with a port. */
  readonly client?: string;
  readonly backend?: string;
  readonly states?: readonly ConnectionState[];
}

/** Connections of the forwarder. */
export interface ForwarderConnections {
  /** The first of them in the table, up to the limit. */
  readonly connections: readonly (ForwardedConnection & { readonly service: string })[];
  /** How many there are. */
  readonly matched: number;
}

/** How many connections whose it is has. */
export interface ConnectionCount {
  /** An address, or that of a backend with its port. */
  readonly of: string;
  readonly service?: string;
  readonly connections: number;
}

/** @throws NotAttachedError, PrivilegeError, KernelError; AddressError, UnknownNameError for what the query says */
export function listForwarderConnections(query: ConnectionQuery, limit: number): ForwarderConnections {
  using reading = Reading.open();
  const names = new Map(readServices(reading.tables).map(({ number, name }) => [number, name]));
  const { listed, matched } = reading.connections.list(filterOf(query, reading), limit);
  const connections = listed.map(({ service, connection }) => ({
    service: names.get(service) ?? String(service),
    ...connection,
  }));
  return { connections, matched };
}

/** Clients and how many connections they have, most first. @throws as {@link listForwarderConnections} */
export function countByClient(query: ConnectionQuery): ConnectionCount[] {
  using reading = Reading.open();
  const counts = reading.connections.countByClient(filterOf(query, reading));
  return mostFirst([...counts].map(([of, connections]) => ({ of, connections })));
}

/** The same of backends. @throws as {@link listForwarderConnections} */
export function countByBackend(query: ConnectionQuery): ConnectionCount[] {
  using reading = Reading.open();
  const names = new Map(readServices(reading.tables).map(({ number, name }) => [number, name]));
  const counts = reading.connections.countByBackend(filterOf(query, reading));
  return mostFirst(
    [...counts].map(([number, connections]) => {
      const bytes = reading.tables.backends.read(number);
      const address = formatAddress(bytes.subarray(BACKEND.address, BACKEND.address + 16));
      const port = bytes.readUInt16BE(BACKEND.port);
      const service = names.get(bytes.readUInt16LE(BACKEND.service));
      return {
        of: formatEndpoint({ address, port }),
        ...(service !== undefined && { service }),
        connections,
      };
    }),
  );
}

function filterOf(
  { service, client, backend, states }: ConnectionQuery,
  { tables }: Reading,
): ConnectionFilter {
  return {
    ...(service !== undefined && { service: findService(readServices(tables), service).number }),
    ...(client !== undefined && { client: parsePattern(client) }),
    ...(backend !== undefined && { backend: parsePattern(backend) }),
    ...(states && { states: states.map((state) => CONNECTION_STATES.indexOf(state)) }),
  };
}

function mostFirst(counts: ConnectionCount[]): ConnectionCount[] {
  return counts.sort((a, b) => b.connections - a.connections);
}
