import { readFile } from 'node:fs/promises';

/** A fenced block of a page, and who runs it. */
export interface Block {
  /** The words of the comment `<!-- tested: ... -->` before it; none where there is no such comment. */
  readonly tested: readonly string[];
  readonly language: string;
  readonly text: string;
  /** The line of its fence, from 1. */
  readonly line: number;
}

const FENCE = /^```(\w*)$/;
const MARK = /^<!-- tested: (.+) -->$/;

/** The fenced blocks of a page in Markdown. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = page.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const language = FENCE.exec(lines[at]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    const tested = MARK.exec(lines[at - 1] ?? '')?.[1]?.split(' ') ?? [];
    blocks.push({ tested, language, text: `${lines.slice(at + 1, end).join('\n')}\n`, line: at + 1 });
    at = end;
  }
  return blocks;
}

/** The operations guide. */
export function operationsGuide(): Promise<string> {
  return readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
}
