import { type CommandEntry, withDescendants } from '../commands.js';
import { takesFile, takesValue, wordsAfter } from './words.js';

/** Completion for bash, by itself: it needs no bash-completion package but to be found by it. */
export function bashCompletion(program: CommandEntry): string {
  const commands = withDescendants(program);
  const name = program.path[0]!;
  return `# bash completion for ${name}, generated from its command table
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path=${name} word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
      ${commands
        .slice(1)
        .map(({ path }) => `'${path.join(' ')}'`)
        .join(' | ')}) path="$path $word" ;;
    esac
  done
  COMPREPLY=()
  case "$path $previous" in
${arm(commands, takesFile, 'compopt -o default; return')}
${arm(commands, takesValue, 'return')}
  esac
  case "$path" in
${commands.map((command) => `    '${command.path.join(' ')}') words='${wordsAfter(command).join(' ')}' ;;`).join('\n')}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _${name} ${name}
`;
}

type Options = (command: CommandEntry) => readonly string[];

/** What is done behind these options. */
function arm(commands: readonly CommandEntry[], options: Options, what: string): string {
  const patterns = commands.flatMap((command) =>
    options(command).map((option) => `'${[...command.path, option].join(' ')}'`),
  );
  return patterns.length === 0 ? '' : `    ${patterns.join(' | ')}) ${what} ;;`;
}
