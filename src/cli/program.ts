import { Command } from 'commander';
import { VERSION } from '../version.js';

/** What a command's file exports: it declares arguments and options, and what is done with them. */
export interface CommandModule {
  define(command: Command): void;
}

type Load = () => Promise<CommandModule>;

const modules = new WeakMap<Command, Load>();

/**
 * The command line. A command's file, and with it everything that it needs, is loaded when the command is called.
 *
 * @returns a program whose `parseAsync()` throws; it never ends the process.
 */
export function createProgram(): Command {
  const program = new Command('truepeer')
    .description('The real client address for every server behind a layer-4 proxy.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(asOneLine(text)) });
  addCommand(
    program,
    'demo',
    'the whole chain on this machine, in throw-away namespaces',
    () => import('./demo.js'),
  );
  addCommand(program, 'doctor', 'what this kernel can do, and what to change', () => import('./doctor.js'));
  addCommand(program, 'probe', 'one tagged connection, to try a backend', () => import('./probe.js'));

  const receiver = program
    .command('receiver')
    .description('read TOA on this host, and let every server see the client');
  addCommand(receiver, 'attach', 'start, or change settings in place', () => import('./receiver-attach.js'));
  addCommand(receiver, 'detach', 'stop, and remove every trace', () => import('./receiver-detach.js'));
  addCommand(
    receiver,
    'status',
    'what is attached, and whether it is well',
    () => import('./receiver-status.js'),
  );
  addCommand(receiver, 'stats', 'what became of the connections', () => import('./receiver-stats.js'));
  addCommand(
    receiver,
    'connections',
    'live connections with their clients',
    () => import('./receiver-connections.js'),
  );
  addCommand(receiver, 'explain', 'why addresses were refused', () => import('./receiver-explain.js'));
  addCommand(
    receiver,
    'profiles',
    'which vendors send which options',
    () => import('./receiver-profiles.js'),
  );

  const tagger = program.command('tagger').description('let an unmodified proxy on this host send TOA');
  addCommand(tagger, 'attach', 'start, or change settings in place', () => import('./tagger-attach.js'));
  addCommand(tagger, 'detach', 'stop, and remove every trace', () => import('./tagger-detach.js'));
  addCommand(
    tagger,
    'status',
    'what is attached, and whether it is well',
    () => import('./tagger-status.js'),
  );
  addCommand(tagger, 'stats', 'what became of the connections', () => import('./tagger-stats.js'));
  addCommand(
    tagger,
    'connections',
    'live connections with their clients',
    () => import('./tagger-connections.js'),
  );
  addCommand(tagger, 'explain', 'why connections went untagged', () => import('./tagger-explain.js'));

  const forwarder = program
    .command('forwarder')
    .description('forward TCP connections to backends, with TOA, in the kernel');
  addCommand(
    forwarder,
    'run',
    'attach it, and look after it in the foreground',
    () => import('./forwarder-run.js'),
  );
  addCommand(
    forwarder,
    'reload',
    'have it read its configuration again',
    () => import('./forwarder-reload.js'),
  );
  addCommand(forwarder, 'drain', 'no new connections to a backend', () => import('./forwarder-drain.js'));
  addCommand(forwarder, 'undrain', 'new connections to it again', () => import('./forwarder-undrain.js'));
  addCommand(
    forwarder,
    'status',
    'what is attached, and how its backends are',
    () => import('./forwarder-status.js'),
  );
  addCommand(
    forwarder,
    'stats',
    'what became of the segments, and what to do',
    () => import('./forwarder-stats.js'),
  );
  addCommand(
    forwarder,
    'connections',
    'connections with their clients and backends',
    () => import('./forwarder-connections.js'),
  );
  addCommand(
    forwarder,
    'check',
    'whether a configuration fits this host',
    () => import('./forwarder-check.js'),
  );
  addCommand(forwarder, 'detach', 'stop, and remove every trace', () => import('./forwarder-detach.js'));
  return program;
}

/** The same with every command declared whole: what man pages and shell completions are made from. */
export async function createWholeProgram(): Promise<Command> {
  const program = createProgram();
  await defineBelow(program);
  return program;
}

async function defineBelow(parent: Command): Promise<void> {
  for (const command of parent.commands) {
    (await modules.get(command)?.())?.define(command);
    await defineBelow(command);
  }
}

function addCommand(parent: Command, name: string, summary: string, load: Load): void {
  const command = parent
    .command(name)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .summary(summary);
  modules.set(command, load);
  parent.hook('preSubcommand', async (_, called) => {
    if (called === command) (await load()).define(command);
  });
}

/** Commander writes `error: ...`, and a guess at what was meant on a line of its own. */
function asOneLine(text: string): string {
  return `truepeer: ${text
    .replace(/^error: /, '')
    .trim()
    .replaceAll('\n', ' ')}\n`;
}
