import { z } from 'zod';
import { count, endpointWithPort, hex, kind, natural } from './words.js';

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
