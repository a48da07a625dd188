import type { Command, Option } from 'commander';

/** An option, as help tells it. */
export interface OptionEntry {
  /** `-h`, `--help`: the short form first, where there is one. */
  readonly names: readonly string[];
  /** What its value is called, such as `cidr`; none for a switch. */
  readonly value: string | undefined;
  /** It takes several values. */
  readonly variadic: boolean;
  readonly description: string;
}

/** A command, as help tells it. */
export interface CommandEntry {
  /** The words that call it, from `truepeer` on. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly description: string;
  /** What follows these words, such as `[options] <host:port>`. */
  readonly usage: string;
  readonly arguments: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionEntry[];
  /** What help says after the options: paragraphs, and indented examples. */
  readonly notes: string;
  readonly commands: readonly CommandEntry[];
}

/** The command table behind `--help`, as data. */
export function describeCommand(command: Command, above: readonly string[] = []): CommandEntry {
  const path = [...above, command.name()];
  const help = command.createHelp();
  return {
    path,
    summary: command.summary(),
    description: command.description(),
    usage: command.usage(),
    arguments: help.visibleArguments(command).map((argument) => ({
      name: argument.name(),
      description: help.argumentDescription(argument),
    })),
    options: help
      .visibleOptions(command)
      .map((option) => describeOption(option, help.optionDescription(option))),
    notes: notesOf(command),
    commands: command.commands.map((child) => describeCommand(child, path)),
  };
}

/** The command and everything below it. */
export function withDescendants(command: CommandEntry): CommandEntry[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}

function describeOption({ short, long, flags, variadic }: Option, description: string): OptionEntry {
  const value = /[<[](.*?)(\.\.\.)?[>\]]/.exec(flags)?.[1];
  return { names: [short, long].filter((name) => name !== undefined), value, variadic, description };
}

/** Commander keeps such text as listeners, so that the only way to it is to have help printed. */
function notesOf(command: Command): string {
  let printed = '';
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
  });
  command.outputHelp();
  return printed.slice(command.helpInformation().length).trim();
}
