import { bootTimeNs } from '../kernel/clock.js';
import { requireInstalled } from '../lifecycle/installed.js';
import { endpointAt, listSockets, type StoredSocket } from '../lifecycle/sockets.js';
import type { Endpoint } from '../wire/index.js';
import { TAG, TAG_ON } from './layout.js';
import { taggerPlan } from './plan.js';
import type { TaggedSegment } from './settings.js';

/** One live connection that a tagged cgroup opened for a client. Its peer is the backend. */
export interface TaggedConnection extends Omit<StoredSocket, 'value'> {
  readonly client: Required<Endpoint>;
  /** The segments that carried the option. */
  readonly written: readonly TaggedSegment[];
  /** Milliseconds since it was bound. */
  readonly ageMs: number;
}

/** @throws NotAttachedError, PrivilegeError, CgroupError, KernelError */
export function listTaggedConnections(cgroup: string): TaggedConnection[] {
  using installed = requireInstalled(taggerPlan(cgroup));
  const sockets = listSockets({ storage: installed.map('tags') }, TAG.boundNs);
  const now = bootTimeNs();
  return sockets.map(({ value, ...socket }) => ({
    ...socket,
    client: endpointAt(value, TAG.client, value.readUInt16BE(TAG.port)),
    written: segmentsOf(value[TAG.written]!),
    ageMs: Number((now - value.readBigUInt64LE(TAG.boundNs)) / 1_000_000n),
  }));
}

/** @param mask of TAG_ON_* */
export function segmentsOf(mask: number): TaggedSegment[] {
  return (Object.keys(TAG_ON) as TaggedSegment[]).filter((segment) => mask & TAG_ON[segment]);
}
