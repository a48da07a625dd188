import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createWholeProgram } from '../../src/cli/program.js';
import { run } from '../../src/lab/run.js';
import { type CommandEntry, describeCommand, withDescendants } from '../commands.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { wordsAfter } from './words.js';
import { zshCompletion } from './zsh.js';

let program: CommandEntry;
let folder: string;

before(async () => {
  program = describeCommand(await createWholeProgram());
  folder = await mkdtemp(join(tmpdir(), 'completions-'));
  await writeFile(join(folder, 'truepeer.bash'), bashCompletion(program));
  await writeFile(join(folder, 'truepeer.fish'), fishCompletion(program));
  await writeFile(join(folder, '_truepeer'), zshCompletion(program));
});
after(() => rm(folder, { recursive: true }));

/** What bash offers behind these words; the last is being typed. */
const BASH = `
source "$1/truepeer.bash"; shift
compopt() { echo "compopt $*"; }
COMP_WORDS=("$@") COMP_CWORD=$(( $# - 1 ))
_truepeer
printf '%s\\n' "\${COMPREPLY[@]}"`;

async function bash(...words: readonly string[]): Promise<string[]> {
  const { stdout } = await run(['bash', '-c', BASH, 'bash', folder, ...words]);
  return stdout.split('\n').filter((line) => line !== '');
}

async function fish(line: string): Promise<string[]> {
  const script = 'source $argv[1]/truepeer.fish; complete -C $argv[2]';
  const { stdout } = await run(['fish', '--no-config', '-c', script, folder, line], {
    env: { HOME: folder },
  });
  return stdout.split('\n').flatMap((offer) => offer.split('\t')[0] || []);
}

/** A terminal in which zsh completes a line, and prints what became of it. */
const ZSH = `
zmodload zsh/zpty
export TERM=dumb HOME=$1
zpty shell zsh -f -i
zpty -w shell "fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D
tell() { print -r -- \\"<<\\$BUFFER>>\\" }; zle -N tell; bindkey '^X' tell; PS1=ready; LISTMAX=1000; print -r - set''tled"
zpty -r shell said '*settled*'
zpty -w -n shell "$2"$'\\t\\x18'
zpty -r shell said '*<<*>>*'
print -r -- \${\${said##*<<}%%>>*}`;

async function zsh(line: string): Promise<string> {
  const { stdout } = await run(['zsh', '-f', '-c', ZSH, 'zsh', folder, line]);
  return stdout.replace(/\n$/, '');
}

describe('every word of the command table is offered', () => {
  test('by bash', async () => {
    for (const command of withDescendants(program))
      assert.deepEqual(await bash(...command.path, ''), wordsAfter(command));
  });

  test('by fish', async () => {
    for (const command of withDescendants(program)) {
      const line = command.path.join(' ');
      assert.deepEqual(
        new Set(await fish(`${line} `).then((words) => words.filter((word) => !word.startsWith('-')))),
        new Set(command.commands.map(({ path }) => path.at(-1))),
        line,
      );
      assert.deepEqual(
        new Set(await fish(`${line} --`)),
        new Set(command.options.map(({ names }) => names.at(-1))),
        line,
      );
    }
  });

  test('by zsh', async () => {
    assert.equal(await zsh('truepeer rec'), 'truepeer receiver ');
    assert.equal(await zsh('truepeer receiver att'), 'truepeer receiver attach ');
    assert.equal(await zsh('truepeer receiver attach --tr'), 'truepeer receiver attach --trust ');
    assert.equal(await zsh('truepeer tagger detach --cg'), 'truepeer tagger detach --cgroup ');
    assert.equal(await zsh('truepeer --vers'), 'truepeer --version ');
  });
});

describe('behind an option that takes a value', () => {
  test('bash offers files where it is one, and nothing where it is not', async () => {
    assert.deepEqual(await bash('truepeer', 'receiver', 'attach', '--config', ''), ['compopt -o default']);
    assert.deepEqual(await bash('truepeer', 'receiver', 'attach', '--trust', ''), []);
  });

  test('zsh and fish offer files where it is one', async () => {
    assert.equal(
      await zsh(`truepeer receiver attach --config ${folder}/truepeer.b`),
      `truepeer receiver attach --config ${folder}/truepeer.bash `,
    );
    assert.deepEqual(await fish(`truepeer receiver attach --config ${folder}/truepeer.b`), [
      `${folder}/truepeer.bash`,
    ]);
    assert.deepEqual(await fish(`truepeer receiver attach --trust ${folder}/truepeer.b`), []);
  });
});
