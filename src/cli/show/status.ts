import type { AttachedStatus, ReceiverStatus } from '../../receiver/status.js';
import type { Style } from '../style.js';
import { pairs, table } from '../table.js';
import { formatCount, formatShare, formatTime } from '../units.js';
import { showHealth } from './health.js';
import { showReads } from './reads.js';
import { showTrust } from './trust.js';

/** 0 attached and well, 1 not attached, 2 attached with problems. */
export function statusCode(status: ReceiverStatus): 0 | 1 | 2 {
  if (!status.attached) return 1;
  return status.problems.length === 0 ? 0 : 2;
}

/** The status in words. @param now for ages. */
export function showStatus(status: ReceiverStatus, style: Style, now: Date = new Date()): string[] {
  if (!status.attached)
    return [style.bad('not attached'), 'attach a receiver with: truepeer receiver attach --trust CIDR'];
  return [...summary(status, style, now), '', ...programs(status, style)];
}

function summary(status: AttachedStatus, style: Style, now: Date): string[] {
  const { established, tagged } = status;
  const cgroup = status.cgroup === '/' ? '/ (the whole host)' : status.cgroup;
  return pairs(
    [
      ...showHealth('receiver', status, cgroup, style, now),
      ['trust', showTrust(status.trust)],
      ['profiles', status.profiles.join(', ') || 'none'],
      ['kinds', showReads(status.reads) + ownKinds(status)],
      ['refuses', ['addresses no client can have', ...status.refuse].join(', ')],
      ['getsockopt', status.sockopt ? 'answered' : 'left alone'],
      [
        'connections',
        `${formatCount(established)} established, ${formatCount(tagged)} of them (${formatShare(tagged, established)}) with a client`,
      ],
    ],
    style,
  );
}

function ownKinds({ kinds }: AttachedStatus): string {
  return kinds.length === 0 ? '' : ` (${kinds.join(', ')} chosen singly)`;
}

function programs(status: AttachedStatus, style: Style): string[] {
  return table(
    [
      { title: 'PROGRAM' },
      { title: 'ID', align: 'right' },
      { title: 'LINK', align: 'right' },
      { title: 'LOADED' },
    ],
    status.programs.map(({ name, programId, linkId, loadedAt }) => [
      name,
      String(programId),
      String(linkId),
      formatTime(loadedAt),
    ]),
    style,
  );
}
