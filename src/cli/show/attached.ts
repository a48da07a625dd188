import type { AttachResult } from '../../lifecycle/cgroup-attach.js';
import { readsOf } from '../../receiver/reads.js';
import { type ReceiverSettings, rulesOf } from '../../receiver/settings.js';
import { formatCidr } from '../../wire/index.js';
import { showReads } from './reads.js';
import { showTrust } from './trust.js';

/** What `receiver attach` did, and how to see it work. */
export function showAttached({ outcome, cgroup }: AttachResult, settings: ReceiverSettings): string[] {
  const trust = settings.trust === 'any' ? settings.trust : settings.trust.map(formatCidr);
  const where = settings.cgroup === '/' ? 'the whole host' : cgroup;
  const did = outcome === 'attached' ? `attached to ${where}` : `replaced in place on ${where}`;
  return [
    `${did}: believing TOA of ${showReads(readsOf(rulesOf(settings)))} from ${showTrust(trust)}`,
    'see it work: truepeer receiver connections | stats --watch; where a client is missing: truepeer receiver explain',
  ];
}
