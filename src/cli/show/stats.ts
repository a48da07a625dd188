import { OUTCOMES } from '../../receiver/outcomes.js';
import { classicStats, type ReceiverStats } from '../../receiver/stats.js';
import type { StatsSample } from '../../receiver/watch.js';
import type { Style } from '../style.js';
import { pairs, table } from '../table.js';
import { formatCount, formatRate, formatShare } from '../units.js';

/** A row for each outcome, their sum, and what was asked for. */
export function showStats({ stats, perSecond }: StatsSample, style: Style): string[] {
  const { established, outcomes, peername, sockopt } = stats;
  const rows = OUTCOMES.map(({ name, says }) => ({
    name: name as string,
    count: outcomes[name],
    rate: perSecond?.outcomes[name],
    says: says as string,
  }));
  rows.push({
    name: 'established',
    count: established,
    rate: perSecond?.established,
    says: 'all of them together',
  });
  return [
    ...table(
      [
        { title: 'OUTCOME' },
        { title: 'COUNT', align: 'right' },
        { title: 'SHARE', align: 'right' },
        ...(perSecond ? [{ title: 'RATE', align: 'right' } as const] : []),
        { title: 'MEANING' },
      ],
      rows.map(({ name, count, rate, says }) => [
        name,
        formatCount(count),
        formatShare(count, established),
        ...(rate === undefined ? [] : [formatRate(rate)]),
        count === 0n ? style.faint(says) : says,
      ]),
      style,
    ),
    '',
    ...pairs(
      [
        [
          'getpeername, accept',
          [
            `${formatCount(peername.client)} with the client`,
            `${formatCount(peername.mismatch)} in a family that cannot say it`,
            `${formatCount(peername.transport)} without one`,
            `${formatCount(peername.other)} not TCP`,
          ].join(', '),
        ],
        ['getsockopt', `${formatCount(sockopt)} answered`],
      ],
      style,
    ),
  ];
}

/** As the classic module prints it, with one column for all CPUs together. */
export function showClassic(stats: ReceiverStats): string[] {
  return [
    `${' '.repeat(34)}ALL`,
    ...Object.entries(classicStats(stats)).map(
      ([name, count]) => `${name.padEnd(25)}:${String(count).padStart(10)} `,
    ),
  ];
}
