import { FORWARDED, type ForwarderLab, type ServiceText } from './forwarded.js';

const SERVICES = 64;
const BACKENDS = 1_000;
/** Every service has a network of its own for its backends, all of which one host plays. */
const NETWORK = '10.64.0.0/10';

/** Lets the backend's host be all of these backends. */
export async function becomeAllBackends({ backend, forwarder }: ForwarderLab): Promise<void> {
  await backend.run('ip', ['route', 'add', 'local', NETWORK, 'dev', 'lo']);
  await forwarder.run('ip', ['route', 'add', NETWORK, 'via', FORWARDED.backend.ipv4]);
}

/**
 * 64 services, from a port on, with 1,000 backends each.
 *
 * @param first the number of the first backend in its network; others number others.
 */
export function manyServices(first = 0): ServiceText[] {
  return Array.from({ length: SERVICES }, (_, service) => ({
    name: `service-${service}`,
    listen: `${FORWARDED.listen.ipv4}:${MANY.port + service}`,
    health: { type: 'none' },
    backends: Array.from({ length: BACKENDS }, (_, at) => {
      const number = first + at;
      return { address: `10.${64 + service}.${number >> 8}.${number & 255}:${MANY.backendPort}` };
    }),
  }));
}

export const MANY = { services: SERVICES, backends: BACKENDS, port: 7000, backendPort: 7000 } as const;
