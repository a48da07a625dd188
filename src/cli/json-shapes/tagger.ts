import { z } from 'zod';
import { TAG_OUTCOMES } from '../../tagger/outcomes.js';
import { count, endpointWithPort, kind, programs, segments, socket, time } from './words.js';

const tagOutcomes = z.record(z.enum(TAG_OUTCOMES.map(({ name }) => name)), count);

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
      ...socket,
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
