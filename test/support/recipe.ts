import { readFile } from 'node:fs/promises';

/** The fenced block behind `<!-- tested: NAME -->` in docs/tagger.md: what users are told to write. */
export async function recipe(name: string): Promise<string> {
  const page = await readFile(new URL('../../../docs/tagger.md', import.meta.url), 'utf8');
  const block = new RegExp(`^<!-- tested: ${name} -->\n\`\`\`\\w+\n([^]*?)^\`\`\`$`, 'm').exec(page);
  if (block === null) throw new Error(`docs/tagger.md has no block marked "tested: ${name}"`);
  return block[1]!;
}
