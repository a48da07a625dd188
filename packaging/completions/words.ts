import type { CommandEntry, OptionEntry } from '../commands.js';

/** The words that can follow a command: commands where it has any, and its options. */
export function wordsAfter({ commands, options }: CommandEntry): string[] {
  return [...commands.map(({ path }) => path.at(-1)!), ...options.flatMap(({ names }) => names)];
}

/** The options whose value is a file. */
export function takesFile(command: CommandEntry): string[] {
  return command.options.filter(isFile).flatMap(({ names }) => names);
}

/** The options whose value is one that only the user knows. */
export function takesValue(command: CommandEntry): string[] {
  return command.options
    .filter((option) => option.value !== undefined && !isFile(option))
    .flatMap(({ names }) => names);
}

export function isFile({ value }: OptionEntry): boolean {
  return value === 'file';
}

/** A word of a shell script, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
