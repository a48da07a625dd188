import { type Command, InvalidArgumentError, Option } from 'commander';
import { CONNECTION_STATES, type ConnectionState } from '../forwarder/connection.js';
import { parsePattern } from '../forwarder/endpoint-match.js';
import {
  type ConnectionQuery,
  countByBackend,
  countByClient,
  listForwarderConnections,
} from '../forwarder/list-connections.js';
import { printJson } from './print.js';
import { showConnectionCounts, showForwarderConnections } from './show/forwarder-connections.js';
import { styleOf } from './style.js';
import { inFlag } from './usage-error.js';

interface Flags {
  readonly service?: string;
  readonly client?: string;
  readonly backend?: string;
  readonly state?: readonly ConnectionState[];
  readonly by?: 'client' | 'backend';
  readonly limit: number;
  readonly json?: true;
}

const STATES = CONNECTION_STATES.filter((state) => state !== 'free');

const LIMIT = 1_000;

export function define(command: Command): void {
  command
    .option('--service <name>', 'of this service')
    .option('--client <address>', 'of this client: 203.0.113.7, 203.0.113.0/24 or 203.0.113.7:4242')
    .option('--backend <address>', 'of this backend: 10.0.1.11, 10.0.1.0/24 or 10.0.1.11:8443')
    .addOption(new Option('--state <state...>', 'in these states').choices(STATES))
    .addOption(
      new Option('--by <whose>', 'count them, by client or by backend').choices(['client', 'backend']),
    )
    .option('--limit <n>', 'show so many at most', parseLimit, LIMIT)
    .option('--json', 'print JSON (docs/json.md)')
    .action(connections);
}

/** Refused by the name of the option. */
function requirePattern(flag: string, text: string | undefined): void {
  if (text !== undefined) inFlag(flag, () => parsePattern(text));
}

function connections({ by, limit, json, service, client, backend, state }: Flags): void {
  requirePattern('--client', client);
  requirePattern('--backend', backend);
  const query: ConnectionQuery = {
    ...(service !== undefined && { service }),
    ...(client !== undefined && { client }),
    ...(backend !== undefined && { backend }),
    ...(state && { states: state }),
  };
  const style = styleOf(process.stdout);
  if (by === undefined) {
    const found = listForwarderConnections(query, limit);
    if (json) printJson(found);
    else console.log(showForwarderConnections(found, style).join('\n'));
    return;
  }
  const counts = by === 'client' ? countByClient(query) : countByBackend(query);
  if (json) printJson({ by, counts: counts.slice(0, limit), total: counts.length });
  else console.log(showConnectionCounts(by, counts, limit, style).join('\n'));
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!(Number.isSafeInteger(limit) && limit > 0)) throw new InvalidArgumentError('give a number from 1 on');
  return limit;
}
