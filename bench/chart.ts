import { type Figure, formatGoal, formatValue, shareOfGoal, verdictOf } from './figure.js';

const WIDTH = 960;
const LABELS = 320;
const VALUES = 190;
const BARS = WIDTH - LABELS - VALUES;
const ROW = 26;
const BAR = 14;
const TITLE = 60;

/** Readable on white, by the colour-blind too (Okabe and Ito). */
const COLOURS = { ok: '#0072b2', missed: '#d55e00', neutral: '#7f8c99', ink: '#24292f', faint: '#c9d1d9' };

/** One row: from 0 to `value` in the panel's own unit, the middle half of the samples marked on it. */
interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly text: string;
  readonly colour: string;
}

/** The figures as an SVG image: what has a goal as a share of it, and what every system call pays. */
export function chart(figures: readonly Figure[]): string {
  const withGoal = figures.flatMap((figure) => shareBar(figure) ?? []);
  const calls = figures.filter(({ group }) => group === 'calls').map(callBar);
  const first = panel('What it costs, as a share of what it may cost', withGoal, 0, 1);
  const second = panel('Nanoseconds that the receiver adds to a system call', calls, first.height + ROW);
  const height = first.height + ROW + second.height + 12;
  return image('What it costs, as a share of what it may cost', height, [...first.lines, ...second.lines]);
}

function image(title: string, height: number, lines: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="${COLOURS.ink}">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...lines,
    '</svg>\n',
  ].join('\n');
}

/** How the forwarder and what it is compared with stand to plain routing, as an SVG image. */
export function forwarderChart(figures: readonly Figure[]): string {
  const bars = figures.filter(({ group, unit }) => group === 'forwarder' && unit === 'ratio').map(ratioBar);
  const title = 'What each leaves of plain routing: more is better';
  const { lines, height } = panel(title, bars, 0, 0.9);
  return image(title, height + 12, lines);
}

function shareBar(figure: Figure): Bar | undefined {
  const share = (value: number) => shareOfGoal(figure, value);
  const value = share(figure.median);
  if (value === undefined) return undefined;
  return {
    label: figure.name,
    value,
    low: share(figure.low)!,
    high: share(figure.high)!,
    text: `${formatValue(figure.unit, figure.median)} (${formatGoal(figure)})`,
    colour: COLOURS[verdictOf(figure)!],
  };
}

function ratioBar(figure: Figure): Bar {
  const { name: label, unit, median: value, low, high } = figure;
  const verdict = verdictOf(figure);
  return {
    label,
    value,
    low,
    high,
    text: formatValue(unit, value),
    colour: COLOURS[verdict ?? 'neutral'],
  };
}

function callBar(figure: Figure): Bar {
  const { name, unit, median, low, high } = figure;
  const colour = COLOURS.neutral;
  return { label: name, value: median, low, high, text: formatValue(unit, median), colour };
}

/** @param goal where a line is drawn across all bars, where there is one. */
function panel(title: string, bars: readonly Bar[], top: number, goal?: number) {
  const most = Math.max(1.25 * (goal ?? 0), ...bars.flatMap(({ value, low, high }) => [value, low, high]));
  const x = (value: number) => LABELS + (BARS * Math.max(0, value)) / most;
  const height = TITLE + bars.length * ROW;
  const lines = [text(16, top + 26, title, 'font-size="16" font-weight="600"')];
  if (goal !== undefined) {
    lines.push(line(x(goal), top + TITLE - 8, x(goal), top + height, COLOURS.ink, 'stroke-dasharray="3 3"'));
    lines.push(text(x(goal), top + TITLE - 12, 'goal', 'text-anchor="middle"'));
  }
  for (const [at, bar] of bars.entries()) {
    const middle = top + TITLE + at * ROW + ROW / 2;
    const [from, to] = [x(bar.low), x(bar.high)].sort((a, b) => a - b);
    lines.push(
      text(LABELS - 12, middle + 4, bar.label, 'text-anchor="end"'),
      `<rect x="${LABELS}" y="${middle - BAR / 2}" width="${px(x(bar.value) - LABELS)}" height="${BAR}" fill="${bar.colour}"/>`,
      line(from!, middle, to!, middle, COLOURS.ink, 'stroke-width="2"'),
      text(Math.max(x(bar.value), to!) + 8, middle + 4, bar.text),
    );
  }
  lines.push(line(LABELS, top + TITLE, LABELS, top + height, COLOURS.faint));
  return { lines, height };
}

function text(x: number, y: number, words: string, attributes = ''): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${px(x)}" y="${px(y)}" ${attributes}>${escaped}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, attributes = ''): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}" ${attributes}/>`;
}

function px(value: number): string {
  return value.toFixed(1);
}
