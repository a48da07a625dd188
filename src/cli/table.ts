import { stripVTControlCharacters } from 'node:util';
import { PLAIN, type Style } from './style.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Lines of aligned columns, two spaces apart, under their titles. Cells may be coloured. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style = PLAIN,
): string[] {
  const titles = columns.map(({ title }) => style.heading(title));
  const lines = [titles, ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at]!))));
  return lines.map((line) =>
    columns
      .map(({ align }, at) => pad(line[at]!, widths[at]!, align ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

/** Lines of `name  value`, the values aligned. */
export function pairs(entries: readonly (readonly [string, string])[], style: Style = PLAIN): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${style.heading(name)}${' '.repeat(width - name.length)}  ${value}`);
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const padding = ' '.repeat(width - widthOf(cell));
  return align === 'left' ? cell + padding : padding + cell;
}
