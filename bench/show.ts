import type { Style } from '../src/cli/style.js';
import { table } from '../src/cli/table.js';
import { formatGoal, formatSpread, formatValue, verdictOf } from './figure.js';
import { describeMachine } from './machine.js';
import type { Report } from './report.js';

/** The report for a terminal. */
export function showReport({ machine, figures }: Report, style: Style): string[] {
  const rows = figures.map((figure) => {
    const verdict = verdictOf(figure);
    return [
      figure.name,
      formatValue(figure.unit, figure.median),
      formatSpread(figure),
      formatGoal(figure),
      verdict === undefined ? '' : verdict === 'ok' ? style.good(verdict) : style.bad(verdict),
      style.faint(figure.detail),
    ];
  });
  const columns = [
    { title: 'COST' },
    { title: 'MEASURED', align: 'right' },
    { title: 'MIDDLE HALF', align: 'right' },
    { title: 'GOAL', align: 'right' },
    { title: '' },
    { title: 'FROM' },
  ] as const;
  return [
    ...table(columns, rows, style),
    '',
    `${describeMachine(machine)}, load ${machine.load.toFixed(1)} before`,
  ];
}
