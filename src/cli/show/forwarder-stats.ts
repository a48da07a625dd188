import { COUNTER_MEANINGS, type Counter } from '../../forwarder/counters.js';
import type { Counted, PerCounter } from '../../forwarder/stats.js';
import type { ForwarderSample } from '../../forwarder/watch.js';
import type { Style } from '../style.js';
import { table } from '../table.js';
import { formatCount, formatRate } from '../units.js';

/** A row for each counter that is not zero, for each of the services, and what to do about those that want it. */
export function showForwarderStats({ stats, perSecond }: ForwarderSample, style: Style): string[] {
  const rows = COUNTER_MEANINGS.flatMap((counter) => rowsOf(counter, stats, perSecond));
  if (rows.length === 0) return ['nothing has been counted so far'];
  const counted = COUNTER_MEANINGS.filter(({ name }) => stats.total[name] > 0n);
  const remedies = counted.filter(({ next }) => next !== undefined);
  return [
    ...table(
      [
        { title: 'ABOUT' },
        { title: 'COUNTER' },
        { title: 'SERVICE' },
        { title: 'COUNT', align: 'right' },
        ...(perSecond ? [{ title: 'RATE', align: 'right' } as const] : []),
        { title: 'MEANING' },
      ],
      rows,
      style,
    ),
    ...(remedies.length > 0 ? ['', style.heading('what to do')] : []),
    ...remedies.map(({ name, next }) => `  ${name}: ${next}`),
  ];
}

/** Group and meaning stand in the first row alone. */
function rowsOf(
  counter: Counter,
  stats: Counted<bigint>,
  perSecond: Counted<number> | undefined,
): string[][] {
  const rates = perSecond && byService(perSecond);
  return byService(stats)
    .map(({ service, counters }, at) => ({
      service,
      count: counters[counter.name],
      rate: rates?.[at]?.counters[counter.name],
    }))
    .filter(({ count }) => count > 0n)
    .map(({ service, count, rate }, at) => [
      at === 0 ? counter.group : '',
      at === 0 ? counter.name : '',
      service,
      formatCount(count),
      ...(rate === undefined ? [] : [formatRate(rate)]),
      at === 0 ? counter.says : '',
    ]);
}

function byService<T>({ services, none }: Counted<T>): { service: string; counters: PerCounter<T> }[] {
  return [...services, { service: '-', counters: none }];
}
