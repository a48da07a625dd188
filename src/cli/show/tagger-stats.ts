import { TAG_OUTCOMES } from '../../tagger/outcomes.js';
import type { TaggerStats } from '../../tagger/stats.js';
import type { Style } from '../style.js';
import { pairs, table } from '../table.js';
import { formatCount, formatShare } from '../units.js';

/** A row for each outcome, their sum, and what was done on the way. */
export function showTaggerStats(stats: TaggerStats, style: Style): string[] {
  const { opened, outcomes, binds, written, noRoom } = stats;
  const decided = TAG_OUTCOMES.reduce((sum, { name }) => sum + outcomes[name], 0n);
  const rows = [
    ...TAG_OUTCOMES.map(({ name, says }) => ({
      name: name as string,
      count: outcomes[name],
      says: says as string,
    })),
    { name: 'undecided', count: opened - decided, says: 'still connecting, or ended before it was clear' },
    { name: 'opened', count: opened, says: 'all of them together' },
  ];
  return [
    ...table(
      [
        { title: 'OUTCOME' },
        { title: 'COUNT', align: 'right' },
        { title: 'SHARE', align: 'right' },
        { title: 'MEANING' },
      ],
      rows.map(({ name, count, says }) => [
        name,
        formatCount(count),
        formatShare(count, opened),
        count === 0n ? style.faint(says) : says,
      ]),
      style,
    ),
    '',
    ...pairs(
      [
        [
          'binds',
          [
            `${formatCount(binds.client)} taken as a client`,
            `${formatCount(binds.local)} to an address of the host's own`,
            `${formatCount(binds.unchecked)} left alone as the host has too many addresses`,
            `${formatCount(binds.noMemory)} for want of memory`,
          ].join(', '),
        ],
        [
          'options written',
          `${formatCount(written.syn)} on SYN, ${formatCount(written.ack)} on handshake ACK, ${formatCount(written.data)} on data`,
        ],
        ['no room', `on ${formatCount(noRoom)} segments`],
      ],
      style,
    ),
  ];
}
