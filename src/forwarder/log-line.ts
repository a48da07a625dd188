/** A line of JSON that the log has written, as people read it: `18:43:02 warn   backend is down  service=web`. */
export function humanLine(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const details = Object.entries(fields).map(([key, value]) => `  ${key}=${show(value)}`);
  return `${clock} ${String(level).padEnd(5)}  ${msg}${details.join('')}\n`;
}

function show(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /[\s"]/.test(value) ? JSON.stringify(value) : value;
}
