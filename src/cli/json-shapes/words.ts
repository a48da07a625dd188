import { z } from 'zod';
import { TAGGED_SEGMENTS } from '../../tagger/settings.js';

/* What shapes of several commands are made of. */

/** A 64-bit count: a number, or a decimal string where a double would not hold it exactly. */
export const count = z.union([z.int().nonnegative(), z.string().regex(/^[1-9]\d{15,}$/)]);
export const natural = z.int().nonnegative();
export const rate = z.number().nonnegative();
/** ISO 8601, UTC, to the millisecond. */
export const time = z.iso.datetime({ precision: 3 });
export const endpoint = z.strictObject({
  address: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(0).max(65535).optional(),
});
export const endpointWithPort = endpoint.required();
/** Bytes of TCP options. */
export const hex = z.string().regex(/^([0-9a-f]{2}){0,40}$/);
/** The kind and length of an option. */
export const kind = z.string().regex(/^\d+\/\d+$/);
export const segments = z.array(z.enum(TAGGED_SEGMENTS));

export const programs = z.array(
  z.strictObject({
    name: z.string(),
    programId: z.int().positive(),
    linkId: z.int().positive(),
    loadedAt: time,
  }),
);

/** Of a connection, what its socket tells. */
export const socket = {
  ageMs: natural,
  state: z.string(),
  netns: z.int().positive(),
  inode: natural,
};
