import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../../src/lab/run.js';
import { ARCHITECTURES } from '../architecture.js';
import { packageContent } from '../content/content.js';
import { unitNames } from '../content/system.js';
import { currentEdition } from '../edition.js';
import { filesBelow } from '../tree.js';
import { buildDeb } from './deb.js';

/** This machine's, whose native modules are installed. */
const ARCHITECTURE = ARCHITECTURES.find(({ node }) => node === process.arch)!;
/** The Node that runs this stands for the one that is fetched for a package. */
const RUNTIME = { version: process.versions.node, program: process.execPath, licence: 'LICENSE' };

let folder: string;
let deb: string;
/** What the package has, unpacked. */
let root: string;
let files: string[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'debs-'));
  deb = await build('first');
  root = join(folder, 'root');
  await run(['dpkg-deb', '--raw-extract', deb, root]);
  files = await filesBelow(root);
});
after(() => rm(folder, { recursive: true }));

async function build(name: string): Promise<string> {
  const edition = await currentEdition('+test1');
  const content = await packageContent(ARCHITECTURE, edition, RUNTIME);
  return buildDeb(content, ARCHITECTURE, edition, { folder: join(folder, name), compression: 'none' });
}

/** Calls the program in the unpacked package, as its launcher does. */
function packaged(...args: readonly string[]) {
  const home = join(root, 'usr/lib/truepeer');
  return run([join(home, 'node'), join(home, 'app/dist/src/cli/main.js'), ...args], { check: false });
}

describe('a Debian package', () => {
  test('is the same, byte for byte, when it is built again', async () => {
    assert.ok((await readFile(deb)).equals(await readFile(await build('second'))));
  });

  test('has what the system looks for', async () => {
    for (const file of [
      'usr/bin/truepeer',
      'etc/truepeer/truepeer.yaml',
      'usr/include/truepeer.h',
      'usr/lib/truepeer/app/dist/bpf/receiver.bpf.o',
      'usr/lib/truepeer/app/dist/bpf/tagger.bpf.o',
      'usr/share/bash-completion/completions/truepeer',
      'usr/share/zsh/vendor-completions/_truepeer',
      'usr/share/fish/vendor_completions.d/truepeer.fish',
      'usr/share/man/man1/truepeer.1.gz',
      'usr/share/man/man5/truepeer.yaml.5.gz',
      'usr/share/man/man8/truepeer-receiver.8.gz',
      'usr/share/man/man8/truepeer-tagger.8.gz',
      'usr/share/doc/truepeer/copyright',
      'usr/share/doc/truepeer/copyright.apache.gz',
      'usr/share/doc/truepeer/copyright.node.gz',
      'usr/share/doc/truepeer/changelog.gz',
      ...(await unitNames()).map((unit) => `usr/lib/systemd/system/${unit}`),
    ])
      assert.ok(files.includes(file), file);
    assert.equal(await readFile(join(root, 'DEBIAN/conffiles'), 'utf8'), '/etc/truepeer/truepeer.yaml\n');
  });

  test('has no tests, no types, no sources, and native code for one C library', () => {
    assert.deepEqual(
      files.filter((file) => /\.test\.|\.ts$|\.map$|\.c$|\.cc$|musl/.test(file)),
      [],
    );
    assert.equal(files.filter((file) => file.endsWith('.node')).length, 1);
  });

  test('needs nothing beside itself to run: neither modules nor objects', async () => {
    assert.match((await packaged('--version')).stdout, /\+test1\n$/);
    assert.match((await packaged('doctor', '--json')).stdout, /"kernel"/);
    const config = join(folder, 'bad.yaml');
    await writeFile(config, 'receiver: { trsut: any }\n');
    assert.match((await packaged('receiver', 'attach', '--config', config)).stderr, /did you mean trust\?/);
  });

  test('names the licence of everything in it', async () => {
    const copyright = await readFile(join(root, 'usr/share/doc/truepeer/copyright'), 'utf8');
    const modules = files.flatMap((file) => /node_modules\/(.*)\/package\.json$/.exec(file)?.[1] ?? []);
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    for (const name of Object.keys(dependencies)) {
      assert.ok(modules.includes(name), name);
      assert.match(copyright, new RegExp(`node_modules/${name}: ${name} `), name);
    }
    assert.match(copyright, /^Apache License 2\.0, .*\nCopyright 2015 Simon Nyberg$/m);
    assert.doesNotMatch(copyright, /Grant of Patent License/);
  });

  test('has maintainer scripts that a shell understands, with every name filled in', async () => {
    for (const name of ['postinst', 'prerm', 'postrm']) {
      const script = join(root, 'DEBIAN', name);
      await run(['sh', '-n', script]);
      assert.doesNotMatch(await readFile(script, 'utf8'), /@[A-Z_]+@|undefined/, name);
    }
  });

  test('tells the checksum of each of its files', async () => {
    await run(['md5sum', '--quiet', '-c', 'DEBIAN/md5sums'], { cwd: root });
    const listed = (await readFile(join(root, 'DEBIAN/md5sums'), 'utf8')).trim().split('\n');
    assert.equal(listed.length, files.filter((file) => !file.startsWith('DEBIAN/')).length);
  });
});
