/** `1,234,567` */
export function formatCount(count: bigint | number): string {
  return count.toLocaleString('en-US');
}

/** `1 connection`, `2 connections` */
export function formatCounted(count: bigint | number, noun: string): string {
  return `${formatCount(count)} ${noun}${Number(count) === 1 ? '' : 's'}`;
}

/** `97.2 %`. What is neither nothing nor all never looks like it. */
export function formatShare(part: bigint, whole: bigint): string {
  if (whole === 0n) return '-';
  const percent = (100 * Number(part)) / Number(whole);
  if (part > 0n && percent < 0.05) return '<0.1 %';
  if (part < whole && percent >= 99.95) return '>99.9 %';
  return `${percent.toFixed(1)} %`;
}

/** `0.3/s`, `1,234/s` */
export function formatRate(perSecond: number): string {
  const digits = perSecond > 0 && perSecond < 10 ? 1 : 0;
  return `${perSecond.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}/s`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of milliseconds in its two largest units: `850 ms`, `12.3 s`, `3 min 12 s`, `5 h 03 min`, `12 d 4 h`. */
export function formatAge(ms: number): string {
  const whole = (unit: number, within = Number.POSITIVE_INFINITY) => Math.floor((ms % within) / unit);
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < HOUR) return `${whole(MINUTE)} min ${two(whole(SECOND, MINUTE))} s`;
  if (ms < DAY) return `${whole(HOUR)} h ${two(whole(MINUTE, HOUR))} min`;
  return `${whole(DAY)} d ${whole(HOUR, DAY)} h`;
}

/** Local time, to the second: `2026-11-22 18:43:02`. */
export function formatTime(at: Date): string {
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')}`;
}

/** Local time, to the millisecond: `2026-11-22 18:43:02.007`. */
export function formatInstant(at: Date): string {
  return `${formatTime(at)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** `a`, `a and b`, `a, b and c` */
export function formatList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
