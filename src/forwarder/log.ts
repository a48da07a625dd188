import { type Logger, pino, stdTimeFunctions } from 'pino';
import { humanLine } from './log-line.js';

export type { Logger } from 'pino';

/**
 * The daemon's log, on standard output: lines for people on a terminal, and JSON lines, one document each, everywhere
 * else.
 */
export function createLog(output: NodeJS.WriteStream & { readonly fd: number } = process.stdout): Logger {
  const options = {
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  const lines = linesTo(output.fd);
  if (!output.isTTY) return pino(options, lines);
  return pino(options, { write: (line: string) => lines.write(humanLine(line)) });
}

/** A full disk, or a terminal that is gone, is no reason to leave the backends alone: then lines are lost. */
function linesTo(fd: number): { write(line: string): void } {
  // Synchronous: what a process says last is what matters most. One that failed would keep its lines for ever.
  const open = () => pino.destination({ fd, sync: true }).on('error', () => (lines = open()));
  let lines = open();
  return { write: (line) => void lines.write(line) };
}
