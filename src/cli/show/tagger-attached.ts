import type { AttachResult } from '../../lifecycle/cgroup-attach.js';
import type { TaggerKinds, TaggerSettings } from '../../tagger/settings.js';

/** Which option names which clients: `254/8 for IPv4 and 254/20 for IPv6 clients`, or `nothing`. */
export function showTaggerKinds({ ipv4, ipv6 }: TaggerKinds): string {
  const parts = [
    ...(ipv4 === undefined ? [] : [`${ipv4} for IPv4`]),
    ...(ipv6 === undefined ? [] : [`${ipv6} for IPv6`]),
  ];
  return parts.length === 0 ? 'nothing' : `${parts.join(' and ')} clients`;
}

/** What `tagger attach` did, and how to see it work. */
export function showTaggerAttached({ outcome, cgroup }: AttachResult, settings: TaggerSettings): string[] {
  const did = outcome === 'attached' ? `attached to ${cgroup}` : `replaced in place on ${cgroup}`;
  return [
    `${did}: writing ${showTaggerKinds(settings)} on ${settings.on.join(', ')}`,
    'see it work: truepeer tagger connections; where a client is missing: truepeer tagger explain --follow',
  ];
}
