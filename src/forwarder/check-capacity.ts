import { formatEndpoint } from '../wire/index.js';
import { familyOfText } from './family.js';
import { LIMITS } from './layout.js';
import { LOCAL_PORTS } from './ports.js';
import { error, type Problem, warning } from './problem.js';
import { DEFAULT_CAPACITY, type ForwarderSettings } from './settings.js';

/**
 * Whether as many connections as are wanted can exist: between a local address and a backend there are as many as there
 * are local ports. What was asked for and cannot be is an error; a default that cannot be reached is worth knowing.
 */
export function checkCapacity({ capacity, services, localAddresses }: ForwarderSettings): Problem[] {
  const locals = { 4: 0, 6: 0 };
  for (const address of localAddresses) locals[familyOfText(address)]++;
  const known = new Set<string>();
  const backends = { 4: 0, 6: 0 };
  let most = 0;
  for (const { endpoint } of services.flatMap((service) => service.backends)) {
    const family = familyOfText(endpoint.address);
    const name = formatEndpoint(endpoint);
    if (known.has(name)) continue;
    known.add(name);
    backends[family]++;
    most += LOCAL_PORTS.count * locals[family];
    if (most >= capacity) return [];
  }
  if (most === 0) return [];
  // Another local address of the family with more backends gains most.
  const gained = { 4: locals[4] > 0 ? backends[4] : 0, 6: locals[6] > 0 ? backends[6] : 0 };
  const family = gained[4] >= gained[6] ? 4 : 6;
  const more = Math.ceil((capacity - most) / (LOCAL_PORTS.count * gained[family]));
  const hasRoom = locals[family] + more <= LIMITS.localsMax;
  const message =
    `the local addresses and backends have ports for ${most} connections at once, and capacity is ${capacity}: ` +
    `${hasRoom ? `add ${more} local address${more === 1 ? '' : 'es'}, or ` : ''}write \`capacity: ${most}\``;
  const report = capacity === DEFAULT_CAPACITY ? warning : error;
  return [report(['capacity'], message)];
}
