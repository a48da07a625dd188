import { z } from 'zod';
import { CONNECTION_STATES } from '../forwarder/connection.js';
import { COUNTERS } from '../forwarder/layout.js';
import { ON_MISSING, SCHEDULERS, TIMESTAMPS, WHEN_ALL_DOWN } from '../forwarder/settings.js';
import { OUTCOMES } from '../receiver/outcomes.js';
import { REFUSABLE } from '../receiver/settings.js';
import { TAG_OUTCOMES } from '../tagger/outcomes.js';
import { TAGGED_SEGMENTS } from '../tagger/settings.js';

/*
 * What `--json` prints, one shape for each command; docs/json.md explains them. They are published: keys are added,
 * and never renamed, removed or given another type.
 */

/** A 64-bit count: a number, or a decimal string where a double would not hold it exactly. */
const count = z.union([z.int().nonnegative(), z.string().regex(/^[1-9]\d{15,}$/)]);
const natural = z.int().nonnegative();
const rate = z.number().nonnegative();
/** ISO 8601, UTC, to the millisecond. */
const time = z.iso.datetime({ precision: 3 });
const endpoint = z.strictObject({
  address: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(0).max(65535).optional(),
});
/** Bytes of TCP options. */
const hex = z.string().regex(/^([0-9a-f]{2}){0,40}$/);
/** The kind and length of an option. */
const kind = z.string().regex(/^\d+\/\d+$/);
const outcomeName = z.enum(OUTCOMES.map(({ name }) => name));

function perOutcome<T extends z.ZodType>(value: T) {
  return z.record(outcomeName, value);
}

const programs = z.array(
  z.strictObject({
    name: z.string(),
    programId: z.int().positive(),
    linkId: z.int().positive(),
    loadedAt: time,
  }),
);

/** `receiver status` */
export const statusShape = z.discriminatedUnion('attached', [
  z.strictObject({ attached: z.literal(false) }),
  z.strictObject({
    attached: z.literal(true),
    version: z.string(),
    problems: z.array(z.string()),
    cgroup: z.string(),
    since: time,
    changed: time,
    trust: z.union([z.literal('any'), z.array(z.union([z.cidrv4(), z.cidrv6()]))]),
    profiles: z.array(z.string()),
    kinds: z.array(kind),
    reads: z.strictObject({ completing: z.array(kind), syn: z.array(kind) }),
    refuse: z.array(z.enum(REFUSABLE)),
    sockopt: z.boolean(),
    programs,
    established: count,
    tagged: count,
  }),
]);

/** `receiver stats`; with `--watch` one a line, with rates from the second one on */
export const statsShape = z.strictObject({
  established: count,
  outcomes: perOutcome(count),
  peername: z.strictObject({ client: count, mismatch: count, transport: count, other: count }),
  sockopt: count,
  perSecond: z.strictObject({ established: rate, outcomes: perOutcome(rate) }).optional(),
});

/** `receiver stats --classic` */
export const classicShape = z.strictObject({
  syn_recv_sock_toa: count,
  syn_recv_sock_no_toa: count,
  getname_toa_ok: count,
  getname_toa_mismatch: count,
  getname_toa_bypass: count,
  getname_toa_empty: count,
});

/** `receiver connections` */
export const connectionsShape = z.strictObject({
  connections: z.array(
    z.strictObject({
      client: endpoint.optional(),
      peer: endpoint,
      local: endpoint,
      kind,
      vip: endpoint.optional(),
      vid: natural.optional(),
      fromSyn: z.boolean(),
      nat64: z.boolean(),
      ageMs: natural,
      state: z.string(),
      netns: z.int().positive(),
      inode: natural,
    }),
  ),
});

/** One line of `receiver explain --follow` */
export const decisionShape = z.strictObject({
  at: time,
  outcome: outcomeName,
  peer: endpoint,
  local: endpoint,
  options: hex,
  described: z.array(z.string()),
  about: z.string().optional(),
  syn: z.boolean(),
});

/** `receiver explain` */
export const explainShape = z.strictObject({
  refusals: z.array(decisionShape),
  established: count,
  outcomes: perOutcome(count),
});

/** `receiver profiles` */
export const profilesShape = z.strictObject({
  profiles: z.array(
    z.strictObject({
      name: z.string(),
      who: z.string(),
      default: z.boolean(),
      kinds: z.array(z.strictObject({ kind, on: z.enum(['completing', 'syn']) })),
      notes: z.array(z.string()),
    }),
  ),
});

const role = z.enum(['receiver', 'tagger', 'forwarder']);

/** `doctor` */
export const doctorShape = z.strictObject({
  ok: z.boolean(),
  roles: z.record(role, z.boolean()),
  kernel: z.strictObject({ release: z.string(), architecture: z.string() }),
  libbpf: z.string().nullable(),
  findings: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      since: z.string().regex(/^\d+\.\d+$/),
      roles: z.array(role),
      required: z.boolean(),
      state: z.enum(['present', 'missing', 'unknown']),
      detail: z.string().nullable(),
      without: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
  mounts: z.strictObject({
    cgroup: z.strictObject({ point: z.string(), layout: z.enum(['hybrid', 'unified']) }).nullable(),
    bpffs: z.strictObject({ point: z.string(), mounted: z.boolean() }),
  }),
  settings: z.strictObject({
    lockdown: z.string().nullable(),
    unprivilegedBpfDisabled: z.int().nullable(),
    bpfJit: z.int().nullable(),
    mptcp: z.int().nullable(),
    tcpFastOpen: z.int().nullable(),
    ipForward: z.int().nullable(),
    ipv6Forwarding: z.int().nullable(),
    hostCgroups: z.boolean(),
  }),
  conflicts: z.array(
    z.strictObject({
      kind: z.enum(['module', 'program']),
      what: z.string(),
      effect: z.string(),
      remedy: z.string(),
      prevents: z.array(role),
    }),
  ),
  notes: z.array(z.strictObject({ id: z.string(), text: z.string() })),
});

const endpointWithPort = endpoint.required();

/** `probe` */
export const probeShape = z.strictObject({
  backend: endpointWithPort,
  client: endpointWithPort,
  kind,
  option: hex,
  segments: z.strictObject({ syn: natural, ack: natural, data: natural }),
  connected: z.boolean(),
  from: endpointWithPort.optional(),
  sent: z.string(),
  received: z.string(),
  error: z.string().optional(),
});

/** `demo` */
export const demoShape = z.strictObject({
  rows: z.array(
    z.strictObject({
      through: z.enum(['nginx', 'truepeer']),
      family: z.enum(['ipv4', 'ipv6']),
      client: z.string(),
      without: z.string(),
      with: z.string(),
    }),
  ),
  forwarderRefused: z.string().optional(),
  works: z.boolean(),
  established: count,
  tagged: count,
});

const tagOutcomes = z.record(z.enum(TAG_OUTCOMES.map(({ name }) => name)), count);
const segments = z.array(z.enum(TAGGED_SEGMENTS));

/** `tagger status` */
export const taggerStatusShape = z.strictObject({
  taggers: z.array(
    z.strictObject({
      version: z.string(),
      cgroup: z.string(),
      ipv4: kind.optional(),
      ipv6: kind.optional(),
      on: segments,
      since: time,
      changed: time,
      programs,
      problems: z.array(z.string()),
      opened: count,
      tagged: count,
    }),
  ),
});

/** `tagger stats` */
export const taggerStatsShape = z.strictObject({
  opened: count,
  outcomes: tagOutcomes,
  binds: z.strictObject({ client: count, local: count, unchecked: count, noMemory: count }),
  written: z.strictObject({ syn: count, ack: count, data: count }),
  noRoom: count,
});

/** `tagger connections` */
export const taggerConnectionsShape = z.strictObject({
  connections: z.array(
    z.strictObject({
      client: endpointWithPort,
      peer: endpointWithPort,
      local: endpointWithPort,
      written: segments,
      ageMs: natural,
      state: z.string(),
      netns: z.int().positive(),
      inode: natural,
    }),
  ),
});

/** One line of `tagger explain --follow` */
export const tagDecisionShape = z.strictObject({
  at: time,
  outcome: z.enum(TAG_OUTCOMES.map(({ name }) => name)),
  client: endpointWithPort.optional(),
  backend: endpointWithPort,
  written: segments,
});

/** `tagger explain` */
export const taggerExplainShape = z.strictObject({
  untagged: z.array(tagDecisionShape),
  opened: count,
  outcomes: tagOutcomes,
});

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
