import type { CommandEntry, OptionEntry } from '../commands.js';
import { isFile, shellQuoted } from './words.js';

/** Completion for zsh. */
export function zshCompletion(program: CommandEntry): string {
  const name = program.path[0]!;
  return `#compdef ${name}
# zsh completion for ${name}, generated from its command table

_${name}() {
${indent(complete(program, 2)).join('\n')}
}

_${name} "$@"
`;
}

/** @param position where the word stands that is to be completed next, counted from 1. */
function complete(command: CommandEntry, position: number): string[] {
  if (command.commands.length === 0) return leaf(command, position);
  return [
    `if (( CURRENT == ${position} )); then`,
    '  local -a commands=(',
    ...command.commands.map(
      ({ path, summary, description }) => `    ${shellQuoted(`${path.at(-1)}:${summary || description}`)}`,
    ),
    '  )',
    "  _describe 'command' commands",
    ...indent(leaf(command, position)),
    '  return',
    'fi',
    `case $words[${position}] in`,
    ...command.commands.flatMap((child) => [
      `  ${child.path.at(-1)})`,
      ...indent(indent(complete(child, position + 1))),
      '    ;;',
    ]),
    'esac',
  ];
}

/** _arguments counts from the command on, so the words above it are taken away. */
function leaf({ options }: CommandEntry, position: number): string[] {
  const above = position - 2;
  return [
    ...(above > 0 ? [`shift ${above} words; (( CURRENT -= ${above} ))`] : []),
    '_arguments -S \\',
    options
      .flatMap(specs)
      .map((spec) => `  ${shellQuoted(spec)}`)
      .join(' \\\n'),
  ];
}

function specs(option: OptionEntry): string[] {
  const { names, value, variadic, description } = option;
  const told = description.replaceAll(/[[\]\\:]/g, '\\$&');
  const action = isFile(option) ? '_files' : '';
  const argument = value === undefined ? '' : `:${value.replaceAll(':', '\\:')}:${action}`;
  const others = variadic ? '*' : `(${names.join(' ')})`;
  return names.map((name) => `${others}${name}[${told}]${argument}`);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => line.replaceAll(/^/gm, '  '));
}
