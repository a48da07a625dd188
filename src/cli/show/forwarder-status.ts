import type { BackendStatus, ServiceStatus } from '../../forwarder/service-status.js';
import type { AttachedForwarder, ForwarderStatus } from '../../forwarder/status.js';
import { formatEndpoint } from '../../wire/index.js';
import type { Style } from '../style.js';
import { pairs, table } from '../table.js';
import { formatAge, formatCount, formatCounted, formatShare, formatTime } from '../units.js';
import { showTaggerKinds } from './tagger-attached.js';
import { showTrust } from './trust.js';

/** 0 attached and well, 1 not attached, 2 attached with problems. */
export function forwarderStatusCode(status: ForwarderStatus): 0 | 1 | 2 {
  if (!status.attached) return 1;
  return status.problems.length === 0 ? 0 : 2;
}

/** The status in words. @param now for ages. */
export function showForwarderStatus(status: ForwarderStatus, style: Style, now: Date = new Date()): string[] {
  if (!status.attached)
    return [style.bad('not attached'), 'start a forwarder with: truepeer forwarder run --config FILE'];
  const ago = (at: Date) => `${formatTime(at)} (${formatAge(now.getTime() - at.getTime())} ago)`;
  return [
    ...pairs(summary(status, style, ago), style),
    ...status.services.flatMap((service) => ['', ...showService(service, style, now)]),
  ];
}

function summary(
  status: AttachedForwarder,
  style: Style,
  ago: (at: Date) => string,
): (readonly [string, string])[] {
  const { problems, since, changed, interfaces, daemon, localAddresses, capacity } = status;
  const { live, closed } = status.connections;
  return [
    [
      'forwarder',
      problems.length === 0
        ? style.good('attached')
        : style.bad(`attached, with ${formatCounted(problems.length, 'problem')}`),
    ],
    ...problems.map((problem) => ['problem', style.bad(problem)] as const),
    [
      'daemon',
      daemon === undefined ? 'none that answers' : `process ${daemon.pid}, since ${ago(daemon.since)}`,
    ],
    ['attached', ago(since)],
    ['changed', ago(changed)],
    [
      'interfaces',
      interfaces
        .map(({ name, mode, programId, linkId }) => `${name} (${mode}, program ${programId}, link ${linkId})`)
        .join(', '),
    ],
    ['local', showTrust(localAddresses)],
    [
      'connections',
      `${formatCount(live)} of ${formatCount(capacity)} (${formatShare(BigInt(live), BigInt(capacity))}), and ` +
        (closed === 1
          ? '1 closed one that keeps its port for a while'
          : `${formatCount(closed)} closed ones that keep their port for a while`),
    ],
  ];
}

function showService(service: ServiceStatus, style: Style, now: Date): string[] {
  const { name, listen, scheduler, on, onMissing, open, backends, connections } = service;
  const up = backends.filter((backend) => backend.up && !backend.removed);
  const configured = backends.filter(({ removed }) => !removed);
  const title = [
    `${style.heading(name)}  ${formatEndpoint(listen)}`,
    scheduler,
    `${showTaggerKinds(service)} on ${on.join(', ')}${onMissing === 'reset' ? ', or reset' : ''}`,
    `${formatCount(up.length)} of ${formatCounted(configured.length, 'backend')} up`,
    formatCounted(connections, 'connection'),
  ];
  return [
    open
      ? title.join('; ')
      : `${style.heading(name)}  ${formatEndpoint(listen)}; closed, its last connections go on`,
    ...showBackends(backends, style, now),
  ];
}

/** Of backends about which there is nothing to say, so many are shown. */
const ORDINARY_SHOWN = 20;

function showBackends(backends: readonly BackendStatus[], style: Style, now: Date): string[] {
  let ordinary = 0;
  const shown = backends.filter((backend) => !isOrdinary(backend) || ordinary++ < ORDINARY_SHOWN);
  const rows = shown.map((backend) => [
    `  ${formatEndpoint(backend.address)}`,
    String(backend.weight),
    showState(backend, style, now),
    formatCount(backend.connections),
    formatCount(backend.opened),
    formatCount(backend.refused + backend.unanswered),
  ]);
  const hidden = backends.length - shown.length;
  return [
    ...table(
      [
        { title: '  BACKEND' },
        { title: 'WEIGHT', align: 'right' },
        { title: 'STATE' },
        { title: 'CONNECTIONS', align: 'right' },
        { title: 'OPENED', align: 'right' },
        { title: 'FAILED', align: 'right' },
      ],
      rows,
      style,
    ),
    ...(hidden > 0 ? [`  and ${formatCount(hidden)} more that are up: --json has them all`] : []),
  ];
}

function isOrdinary({ up, draining, removed, failure }: BackendStatus): boolean {
  return up && !draining && !removed && failure === undefined;
}

function showState(
  { up, draining, removed, since, failure }: BackendStatus,
  style: Style,
  now: Date,
): string {
  if (removed) return 'removed';
  const words = up ? style.good('up') : style.bad('down');
  return [
    words,
    ...(since === undefined ? [] : [`for ${formatAge(now.getTime() - since.getTime())}`]),
    ...(failure === undefined ? [] : [`(${failure})`]),
    ...(draining ? ['draining'] : []),
  ].join(' ');
}
