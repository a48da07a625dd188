import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { createWholeProgram } from '../../src/cli/program.js';
import { keysAt } from '../../src/config/schema.js';
import { run } from '../../src/lab/run.js';
import { type CommandEntry, describeCommand, withDescendants } from '../commands.js';
import { commandPages } from './command-pages.js';
import { settingsPage } from './settings-page.js';

const EDITION = { version: '1.2.3', date: '2026-01-02' };

let program: CommandEntry;
let pages: Map<string, string>;

before(async () => {
  program = describeCommand(await createWholeProgram());
  const settings = settingsPage(await readFile('docs/configuration.md', 'utf8'), EDITION);
  pages = new Map([...commandPages(program, EDITION), ['truepeer.yaml.5', settings]]);
});

/** A page as a reader sees it, on one endless line; whatever the formatter had to say is an error. */
async function shown(page: string): Promise<string> {
  const formatter = ['groff', '-man', '-Tutf8', '-k', '-ww', '-P-cbou', '-rLL=90n'];
  const { stdout, stderr } = await run(formatter, { input: page });
  assert.equal(stderr, '');
  return stdout.replace(/(?<=\w)‐\s+/g, '').replace(/\s+/g, ' ');
}

describe('manual pages', () => {
  test('there is one for the program, one for each role and one for the settings', () => {
    const roles = program.commands.filter(({ commands }) => commands.length > 0);
    assert.deepEqual(
      new Set(pages.keys()),
      new Set(['truepeer.1', 'truepeer.yaml.5', ...roles.map(({ path }) => `${path.join('-')}.8`)]),
    );
  });

  test('have every command with every argument and option', async () => {
    const text = (await Promise.all([...pages.values()].map(shown))).join(' ');
    for (const { path, description, options, arguments: wanted } of withDescendants(program)) {
      assert.ok(text.includes(path.slice(0, 2).join(' ')), path.join(' '));
      assert.ok(text.includes(description.replaceAll('`', '')), description);
      for (const { names } of options)
        for (const name of names) assert.ok(text.includes(name), `${path.join(' ')}: ${name}`);
      for (const { name } of wanted) assert.ok(text.includes(name), name);
    }
  });

  test('have every key of the configuration', async () => {
    const text = await shown(pages.get('truepeer.yaml.5')!);
    for (const section of ['receiver', 'tagger'])
      for (const key of keysAt([section, 0])) assert.match(text, new RegExp(`\\b${key}\\b`), key);
  });

  test('say which version they are of, and what they are about where whatis(1) looks', async () => {
    for (const [name, page] of pages) {
      assert.match(page, /^\.TH .* "2026\\-01\\-02" "truepeer 1\.2\.3"/, name);
      assert.match(page, /^\.SH "NAME"\ntruepeer\S* \\- [a-zA-Z]/m, name);
    }
  });
});
