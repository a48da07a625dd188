import { z } from 'zod';
import { OUTCOMES } from '../../receiver/outcomes.js';
import { REFUSABLE } from '../../receiver/settings.js';
import { count, endpoint, hex, kind, natural, programs, rate, socket, time } from './words.js';

const outcomeName = z.enum(OUTCOMES.map(({ name }) => name));

function perOutcome<T extends z.ZodType>(value: T) {
  return z.record(outcomeName, value);
}

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
      ...socket,
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
