import { ABOUT, wrap } from '../about.js';
import { newestChanges } from '../changes.js';
import { DOCUMENTS } from '../content/documents.js';
import { distributionVersion, type Edition } from '../edition.js';
import type { Compression } from '../output.js';
import { maintainerScript } from '../scripts.js';
import type { Entry } from '../tree.js';

const SCRIPTLETS = ['post', 'posttrans', 'preun', 'postun'];

/** What the runtime is linked with, in the versions its symbols are of, and the loader of kernel programs. */
const REQUIRES = [
  'libbpf.so.1()(64bit)',
  'libc.so.6(GLIBC_2.28)(64bit)',
  'libgcc_s.so.1()(64bit)',
  'libstdc++.so.6(GLIBCXX_3.4.21)(64bit)',
];

/** Whatever distribution it is built on: what rpm would do on its own account is off. */
const settings = (compression: Compression) => `%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _binary_payload ${compression === 'xz' ? 'w6.xzdio' : 'w0.gzdio'}
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global source_date_epoch_from_changelog 0
%global _buildhost localhost`;

/** @param tree the files, as they will be installed. */
export async function specFile(
  tree: string,
  content: readonly Entry[],
  edition: Edition,
  compression: Compression,
): Promise<string> {
  const scriptlets = SCRIPTLETS.map(
    async (name) => `%${name}\n${escaped(await maintainerScript(`packaging/rpm/${name}`))}`,
  );
  return `${settings(compression)}

Name: truepeer
Version: ${distributionVersion(edition)}
Release: 1
Summary: ${ABOUT.summary[0]!.toUpperCase()}${ABOUT.summary.slice(1)}
License: ${ABOUT.licence}
Group: System Environment/Daemons
Packager: ${ABOUT.maintainer}
AutoReqProv: no
${REQUIRES.map((name) => `Requires: ${name}`).join('\n')}

%description
${ABOUT.paragraphs.map((text) => wrap(text, 79).join('\n')).join('\n\n')}

%install
cp -a '${tree}/.' '%{buildroot}/'

${(await Promise.all(scriptlets)).join('\n')}
%files
%defattr(-,root,root,-)
${files(content).join('\n')}

${changelog(edition)}
`;
}

/** Folders that are ours alone stand for all that is in them. */
const FOLDERS = ['/usr/lib/truepeer', DOCUMENTS];

function files(content: readonly Entry[]): string[] {
  const single = content.filter(({ path }) => !FOLDERS.some((folder) => path.startsWith(`${folder}/`)));
  return [
    '/usr/lib/truepeer',
    `%docdir ${DOCUMENTS}`,
    DOCUMENTS,
    '%dir /etc/truepeer',
    ...single.map((entry) => `${attribute(entry)}${entry.path}`),
  ];
}

function attribute({ path, settings }: Entry): string {
  if (settings) return '%config(noreplace) ';
  return path.startsWith('/usr/share/man/') ? '%doc ' : '';
}

function changelog(edition: Edition): string {
  const [day, number, month, year] = new Date(edition.epoch * 1000).toUTCString().replace(',', '').split(' ');
  const changes = newestChanges().flatMap((change) =>
    wrap(change, 77).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`),
  );
  const head = `* ${day} ${month} ${number} ${year} ${ABOUT.maintainer} - ${distributionVersion(edition)}-1`;
  return `%changelog\n${[head, ...changes].map(escaped).join('\n')}`;
}

function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}
