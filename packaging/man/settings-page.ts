import type { Edition } from './command-pages.js';
import { bold, example, page, prose, section, term } from './roff.js';

/** truepeer.yaml(5), from docs/configuration.md: the same text, for those who have the package only. */
export function settingsPage(markdown: string, { version, date }: Edition): string {
  const title = { name: 'truepeer.yaml', section: 5, date, source: `truepeer ${version}` };
  return page(title, 'settings of TruePeer', [
    ...section('Description', blocks(markdown.replace(/^# .*\n/, ''))),
    ...section('See also', [`${bold('truepeer')}(1)`]),
  ]);
}

/** Headings, paragraphs, lists, tables and fenced code: what our pages are made of. */
function blocks(markdown: string): string[] {
  return markdown
    .split(/(^```[\s\S]*?^```$)|\n{2,}/m)
    .map((block) => block?.trim() ?? '')
    .filter((block) => block !== '')
    .flatMap(block);
}

function block(text: string): string[] {
  const lines = text.split('\n');
  if (text.startsWith('```')) return example(lines.slice(1, -1));
  if (text.startsWith('|')) return table(lines);
  if (/^[-*] /.test(text)) return list(text);
  const heading = /^#{2,} (.*)$/.exec(lines[0]!);
  if (heading === null) return ['.PP', ...lines.map(prose)];
  return [`.SS "${prose(heading[1]!)}"`, ...(lines.length > 1 ? block(lines.slice(1).join('\n')) : [])];
}

/** A row becomes a term, its first cell, and sentences: the other cells under the names of their columns. */
function table(lines: readonly string[]): string[] {
  const [header = [], , ...rows] = lines.map(cells);
  const items = rows.flatMap(([tag = '', ...others]) =>
    term(prose(tag), others.flatMap((cell, index) => sentence(header[index + 1]!, cell)).join('\n.br\n')),
  );
  return [`.SS "${prose(header[0]!)}"`, ...items];
}

function sentence(column: string, cell: string): string[] {
  return cell === '' ? [] : [`${prose(column)}: ${prose(cell)}.`];
}

function cells(row: string): string[] {
  return row
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function list(text: string): string[] {
  return text
    .split(/^[-*] /m)
    .slice(1)
    .flatMap((item) => ['.IP \\(bu 2', ...item.trim().split(/\n\s*/).map(prose)]);
}
