import { ABOUT, wrap } from '../about.js';
import type { Architecture } from '../architecture.js';
import { newestChanges } from '../changes.js';
import { distributionVersion, type Edition } from '../edition.js';
import { type Entry, sizeOf } from '../tree.js';

/**
 * What the runtime is linked with, in the versions its symbols are of, and the loader of kernel programs.
 * The demo's needs are suggestions: servers that a production host may not want.
 */
const DEPENDS = 'libbpf1 (>= 1:1.0), libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 5)';
const SUGGESTS = 'nginx, libnginx-mod-stream, curl, iproute2, ethtool';

export async function controlFile(
  content: readonly Entry[],
  { deb }: Architecture,
  edition: Edition,
): Promise<string> {
  const sizes = await Promise.all(content.map(sizeOf));
  const kib = sizes.reduce((sum, size) => sum + Math.ceil(size / 1024), 0);
  return `Package: truepeer
Version: ${distributionVersion(edition)}
Architecture: ${deb}
Maintainer: ${ABOUT.maintainer}
Installed-Size: ${kib}
Depends: ${DEPENDS}
Suggests: ${SUGGESTS}
Section: net
Priority: optional
Description: ${ABOUT.summary}
${ABOUT.paragraphs.map(paragraph).join('\n .\n')}
`;
}

function paragraph(text: string): string {
  return wrap(text, 78)
    .map((line) => ` ${line}`)
    .join('\n');
}

/** See deb-changelog(5). */
export function changelog(edition: Edition): string {
  const changes = newestChanges().flatMap((change) =>
    wrap(change, 74).map((line, index) => `${index === 0 ? '  * ' : '    '}${line}`),
  );
  const date = new Date(edition.epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `truepeer (${distributionVersion(edition)}) unstable; urgency=medium

${changes.join('\n')}

 -- ${ABOUT.maintainer}  ${date}
`;
}
