import { dial } from './dial.js';
import type { LocalPorts } from './local-ports.js';
import type { Check } from './target.js';

/** A check that connects, and no more. */
export function tcpCheck(ports: LocalPorts, timeoutMs: number): Check {
  return (target) => dial(target, ports, timeoutMs, (_, end) => end());
}
