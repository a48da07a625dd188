import type { CommandEntry, OptionEntry } from '../commands.js';
import { bold, example, italic, literal, page, prose, quoted, section, term } from './roff.js';

/** When and of what version a set of pages is. */
export interface Edition {
  readonly version: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/**
 * truepeer(1), and a page in section 8 for every command that has commands of its own.
 *
 * @returns the pages by their names, such as `truepeer-receiver.8`.
 */
export function commandPages(program: CommandEntry, edition: Edition): Map<string, string> {
  const roles = program.commands.filter(isRole);
  return new Map([
    ['truepeer.1', programPage(program, roles, edition)],
    ...roles.map((role): [string, string] => [`${pageName(role)}.8`, rolePage(role, edition)]),
  ]);
}

function isRole({ commands }: CommandEntry): boolean {
  return commands.length > 0;
}

function pageName({ path }: CommandEntry): string {
  return path.join('-');
}

function programPage(program: CommandEntry, roles: readonly CommandEntry[], edition: Edition): string {
  const own = program.commands.filter((command) => !isRole(command));
  return page(titleOf('truepeer', 1, edition), 'the real client address behind a layer-4 proxy', [
    ...section('Synopsis', own.flatMap(synopsis)),
    ...roles.flatMap((role) => [
      '.br',
      `${bold(role.path.join(' '))} ${italic('command')} [${italic('options')}]`,
    ]),
    ...section('Description', [prose(program.description)]),
    ...section(
      'Roles',
      roles.flatMap((role) => term(reference(pageName(role), 8), prose(role.summary || role.description))),
    ),
    ...section('Commands', own.flatMap(details)),
    ...section('Options', program.options.flatMap(option)),
    ...COMMON,
    ...section('See also', [
      [...roles.map((role) => reference(pageName(role), 8)), reference('truepeer.yaml', 5)].join(', '),
    ]),
  ]);
}

function rolePage(role: CommandEntry, edition: Edition): string {
  return page(titleOf(pageName(role), 8, edition), role.summary || role.description, [
    ...section('Synopsis', role.commands.flatMap(synopsis)),
    ...section('Commands', role.commands.flatMap(details)),
    ...COMMON,
    ...section('See also', [`${reference('truepeer', 1)}, ${reference('truepeer.yaml', 5)}`]),
  ]);
}

const COMMON = [
  ...section('Files', [
    ...term(bold('/etc/truepeer/truepeer.yaml'), 'Settings that the command line leaves open.'),
    ...term(bold('/sys/fs/bpf/truepeer'), 'What is attached.'),
    ...term(bold('/usr/share/doc/truepeer'), 'Further pages, in Markdown.'),
  ]),
  ...section('Environment', [
    ...term(bold('NO_COLOR'), 'No colours, whatever its value.'),
    ...term(bold('TRUEPEER_DEBUG=1'), 'An error comes with its stack.'),
  ]),
  ...section('Exit status', [
    'Unless a command tells otherwise: 0 when it did what it was told, 2 when the command line or a setting',
    'cannot be meant, 1 for every other failure. A failure is one line on standard error.',
  ]),
];

function titleOf(name: string, number: number, { version, date }: Edition) {
  return { name, section: number, date, source: `truepeer ${version}` };
}

function reference(name: string, number: number): string {
  return `${bold(name)}(${number})`;
}

function synopsis(command: CommandEntry, index: number): string[] {
  return [...(index > 0 ? ['.br'] : []), `${bold(command.path.join(' '))} ${usage(command.usage)}`];
}

/** Words in angle brackets are to be replaced. */
function usage(text: string): string {
  return text
    .split(/(<[^>]*>)/)
    .map((part) => (part.startsWith('<') ? italic(part.slice(1, -1)) : literal(part)))
    .join('');
}

function details(command: CommandEntry): string[] {
  const { path, description, options, notes } = command;
  return [
    `.SS ${quoted(path.slice(1).join(' '))}`,
    prose(description),
    ...command.arguments.flatMap(({ name, description: what }) => term(italic(name), prose(what))),
    ...options.filter(({ names }) => !names.includes('--help')).flatMap(option),
    ...notes.split(/\n{2,}/).flatMap(paragraph),
  ];
}

function option({ names, value, variadic, description }: OptionEntry): string[] {
  const dots = variadic ? '...' : '';
  const argument = value === undefined ? '' : ` ${italic(value)}${dots}`;
  return term(`${names.map(bold).join(', ')}${argument}`, prose(description));
}

/** Indented lines are examples, and what stands above them introduces them. */
function paragraph(text: string): string[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith(' '));
  const running = (first < 0 ? lines : lines.slice(0, first)).filter((line) => line !== '');
  return [
    ...(running.length > 0 ? ['.PP', ...running.map(prose)] : []),
    ...(first < 0 ? [] : example(lines.slice(first).map((line) => line.replace(/^ {2}/, '')))),
  ];
}
