import type { CheckedForwarder } from '../../config/check-forwarder.js';
import { memoryFor } from '../../forwarder/sizes.js';
import { formatCount, formatCounted } from '../units.js';

const MB = 1_000_000;

/** What a good configuration comes to, and what may not be meant. */
export function showForwarderCheck(file: string, { settings, problems }: CheckedForwarder): string[] {
  const { services, capacity } = settings;
  const backends = services.reduce((sum, service) => sum + service.backends.length, 0);
  return [
    ...problems.map(({ line, column, message }) => `${file}:${line}:${column}: warning: ${message}`),
    `${file}: good, ${formatCounted(services.length, 'service')} with ${formatCounted(backends, 'backend')}; room for ` +
      `${formatCounted(capacity, 'connection')} takes about ${formatCount(Math.ceil(memoryFor(capacity) / MB))} MB of memory`,
  ];
}
