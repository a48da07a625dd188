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
  // Synchronous, both of them: what a process says last is what matters most.
  if (!output.isTTY) return pino(options, pino.destination({ fd: output.fd, sync: true }));
  return pino(options, { write: (line: string) => void output.write(humanLine(line)) });
}
