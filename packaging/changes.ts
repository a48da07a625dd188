import { readFileSync } from 'node:fs';

/** The newest entries of CHANGELOG.md, one a change, on one line. */
export function newestChanges(): string[] {
  const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m).slice(1);
  return sections.map(changesOf).find((changes) => changes.length > 0) ?? [];
}

function changesOf(section: string): string[] {
  return section.split(/^### /m).flatMap((part) =>
    part
      .split(/^- /m)
      .slice(1)
      .map((change) => change.trim().replace(/\s+/g, ' ')),
  );
}
