import { z } from 'zod';
import { CONNECTION_STATES } from '../../forwarder/connection.js';
import { COUNTERS } from '../../forwarder/layout.js';
import { ON_MISSING, SCHEDULERS, TIMESTAMPS, WHEN_ALL_DOWN } from '../../forwarder/settings.js';
import { count, endpointWithPort, kind, natural, rate, segments, time } from './words.js';

/** `forwarder check` */
export const forwarderCheckShape = z.strictObject({
  file: z.string(),
  ok: z.boolean(),
  problems: z.array(
    z.strictObject({
      severity: z.enum(['error', 'warning']),
      line: z.int().positive(),
      column: z.int().positive(),
      message: z.string(),
    }),
  ),
  // Absent where the file cannot be understood.
  services: natural.optional(),
  backends: natural.optional(),
  capacity: natural.optional(),
  memory: natural.optional(),
});

/** `forwarder detach` */
export const forwarderDetachShape = z.strictObject({ detached: z.boolean() });

/** `forwarder status` */
export const forwarderStatusShape = z.discriminatedUnion('attached', [
  z.strictObject({ attached: z.literal(false) }),
  z.strictObject({
    attached: z.literal(true),
    problems: z.array(z.string()),
    since: time,
    changed: time,
    interfaces: z.array(
      z.strictObject({
        name: z.string(),
        mode: z.enum(['native', 'generic', 'gone']),
        programId: z.int().positive(),
        linkId: z.int().positive(),
        loadedAt: time,
      }),
    ),
    daemon: z.strictObject({ pid: z.int().positive(), since: time }).optional(),
    localAddresses: z.array(z.union([z.ipv4(), z.ipv6()])),
    capacity: z.int().positive(),
    connections: z.strictObject({ live: natural, closed: natural }),
    services: z.array(
      z.strictObject({
        name: z.string(),
        listen: endpointWithPort,
        scheduler: z.enum(SCHEDULERS),
        open: z.boolean(),
        ipv4: kind.optional(),
        ipv6: kind.optional(),
        on: segments,
        onMissing: z.enum(ON_MISSING),
        timestamps: z.enum(TIMESTAMPS),
        whenAllDown: z.enum(WHEN_ALL_DOWN),
        connections: natural,
        backends: z.array(
          z.strictObject({
            address: endpointWithPort,
            weight: natural,
            up: z.boolean(),
            draining: z.boolean(),
            removed: z.boolean(),
            connections: natural,
            opened: count,
            established: count,
            unanswered: count,
            refused: count,
            since: time.optional(),
            failure: z.string().optional(),
          }),
        ),
      }),
    ),
  }),
]);

function counted<T extends z.ZodType>(value: T) {
  const counters = z.record(z.enum(COUNTERS), value);
  return {
    total: counters,
    services: z.array(z.strictObject({ service: z.string(), counters })),
    none: counters,
  };
}

/** `forwarder stats`; with `--watch` one a line, with rates from the second one on */
export const forwarderStatsShape = z.strictObject({
  ...counted(count),
  perSecond: z.strictObject(counted(rate)).optional(),
});

/** `forwarder connections` */
export const forwarderConnectionsShape = z.strictObject({
  connections: z.array(
    z.strictObject({
      service: z.string(),
      client: endpointWithPort,
      upstream: endpointWithPort.optional(),
      listen: endpointWithPort,
      local: endpointWithPort,
      backend: endpointWithPort,
      state: z.enum(CONNECTION_STATES).exclude(['free']),
      ageMs: natural,
      idleMs: natural,
      tagged: segments,
      missed: z.boolean(),
    }),
  ),
  matched: natural,
});

/** `forwarder connections --by client` and `--by backend` */
export const forwarderCountsShape = z.strictObject({
  by: z.enum(['client', 'backend']),
  counts: z.array(
    z.strictObject({ of: z.string(), service: z.string().optional(), connections: z.int().positive() }),
  ),
  total: natural,
});
