import type { ProbeSettings } from '../settings.js';
import { httpCheck } from './http.js';
import type { LocalPorts } from './local-ports.js';
import type { Check } from './target.js';
import { tcpCheck } from './tcp.js';

/** The check that settings ask for. */
export function checkOf(ports: LocalPorts, { type, timeout, path, host, expect }: ProbeSettings): Check {
  if (type === 'tcp') return tcpCheck(ports, timeout);
  const expects = (status: number) => expect.some(([from, to]) => status >= from && status <= to);
  return httpCheck(ports, {
    tls: type === 'https',
    path,
    timeoutMs: timeout,
    expects,
    ...(host !== undefined && { host }),
  });
}
