import { type CommandEntry, type OptionEntry, withDescendants } from '../commands.js';
import { isFile } from './words.js';

/** Completion for fish. */
export function fishCompletion(program: CommandEntry): string {
  const name = program.path[0]!;
  return `# fish completion for ${name}, generated from its command table

# The words so far begin with these.
function __${name}_begins
    set -l words (commandline -opc)
    set -l first $words[1..(count $argv)]
    test "$first" = "$argv"
end

# The words so far are these, and no other.
function __${name}_is
    set -l words (commandline -opc)
    test "$words" = "$argv"
end

complete -c ${name} -f
${withDescendants(program)
  .flatMap((command) => [
    ...command.commands.map(subcommand),
    ...command.options.map((entry) => option(command, entry)),
  ])
  .join('\n')}
`;
}

function subcommand({ path, summary, description }: CommandEntry): string {
  const above = path.slice(0, -1);
  const word = path.at(-1)!;
  return `complete -c ${path[0]} -n '__${path[0]}_is ${above.join(' ')}' -a ${word} -d ${quote(summary || description)}`;
}

function option({ path, commands }: CommandEntry, entry: OptionEntry): string {
  const { names, value, description } = entry;
  // Options of a command that has commands stand before these.
  const where = commands.length > 0 ? 'is' : 'begins';
  const spelled = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const needs = value === undefined ? '' : isFile(entry) ? ' -r -F' : ' -x';
  return `complete -c ${path[0]} -n '__${path[0]}_${where} ${path.join(' ')}' ${spelled.join(' ')}${needs} -d ${quote(description)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
