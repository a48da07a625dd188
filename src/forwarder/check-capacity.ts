import { formatEndpoint } from '../wire/index.js';
import { LOCAL_PORTS } from './ports.js';
import { error, type Problem, warning } from './problem.js';
import { DEFAULT_CAPACITY, type ForwarderSettings } from './settings.js';

/**
 * Whether as many connections as are wanted can exist: between a local address and a backend there are as many as there
 * are local ports. What was asked for and cannot be is an error; a default that cannot be reached is worth knowing.
 */
export function checkCapacity({ capacity, services, localAddresses }: ForwarderSettings): Problem[] {
  const backends = new Set(
    services.flatMap((service) => service.backends.map(({ endpoint }) => formatEndpoint(endpoint))),
  );
  const isIpv6 = (text: string) => text.includes(':');
  const backends6 = [...backends].filter((backend) => backend.startsWith('[')).length;
  const backends4 = backends.size - backends6;
  const locals6 = localAddresses.filter(isIpv6).length;
  const locals4 = localAddresses.length - locals6;
  const most = LOCAL_PORTS.count * (backends4 * locals4 + backends6 * locals6);
  if (most >= capacity || most === 0) return [];
  // Another local address of the family with more backends gains most.
  const each = LOCAL_PORTS.count * Math.max(locals4 > 0 ? backends4 : 0, locals6 > 0 ? backends6 : 0);
  const more = Math.ceil((capacity - most) / each);
  const message =
    `the local addresses and backends have ports for ${most} connections at once, and capacity is ${capacity}: add ` +
    `${more} local address${more === 1 ? '' : 'es'}, or write \`capacity: ${most}\``;
  const report = capacity === DEFAULT_CAPACITY ? warning : error;
  return [report(['capacity'], message)];
}
