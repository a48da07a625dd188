import { type Command, InvalidArgumentError } from 'commander';
import { probe } from '../probe/probe.js';
import { kindsFor } from '../tagger/settings.js';
import { type Endpoint, parseEndpoint } from '../wire/index.js';
import { printJson } from './print.js';
import { showProbe } from './show/probe.js';
import { styleOf } from './style.js';
import { inFlag, UsageError } from './usage-error.js';

interface Options {
  readonly client: Required<Endpoint>;
  readonly kind: string;
  readonly timeout: number;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument('<host:port>', 'the backend: 10.0.1.11:80, [2001:db8::1]:80 or name:80', parseTarget)
    .requiredOption('--client <address:port>', 'who to claim to be: 203.0.113.7:4242', parseClient)
    .option('--kind <kind/length>', "the option to write; it follows the client's family", parseKind, '254/8')
    .option('--timeout <seconds>', 'for the whole connection', parseSeconds, 5)
    .option('--json', 'print JSON (docs/json.md)')
    .addHelpText(
      'after',
      '\nThe connection carries TOA on its SYN, its handshake ACK and its first data: a HEAD request, unless the' +
        '\nbackend speaks first. Exit status: 0 when the backend answered, else 1.',
    )
    .action(async ({ host, port }: Target, { client, kind, timeout, json }: Options) => {
      const report = await probe({ host, port, client, kind, timeoutMs: timeout * 1000 });
      if (json) printJson(report);
      else console.log(showProbe(report, styleOf(process.stdout)).join('\n'));
      process.exitCode = report.connected ? 0 : 1;
    });
}

interface Target {
  readonly host: string;
  readonly port: number;
}

const TARGET = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([1-9][0-9]{0,4})$/;

function parseTarget(text: string): Target {
  const [, bracketed, plain, port] = TARGET.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535)
    throw new UsageError(`\`${text}\` is no host and port: write 10.0.1.11:80, [2001:db8::1]:80 or name:80`);
  return { host, port: Number(port) };
}

/** A bind to port 0 names none, and then the option has another. */
function parseClient(text: string): Required<Endpoint> {
  const client = inFlag('--client', () => parseEndpoint(text));
  if (client.port === 0) throw new UsageError(`--client: ${JSON.stringify(text)}: no client has port 0`);
  return client;
}

function parseKind(text: string): string {
  inFlag('--kind', () => kindsFor(text));
  return text;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 600)) throw new InvalidArgumentError('give seconds, from above 0 to 600');
  return seconds;
}
