import { access, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../../src/lab/run.js';
import { PACKAGES, runBy, titleOf } from './guide-blocks.js';
import { builtPackage } from './package.js';

/** A build of packages for every architecture, on a busy machine. */
const PATIENCE_MS = 3_600_000;

async function keepPackage(as: string): Promise<void> {
  await mkdir(join(PACKAGES, as), { recursive: true });
  await copyFile(builtPackage(), join(PACKAGES, as, basename(builtPackage())));
}

describe('the operations guide, in this checkout', () => {
  let keys: string;
  before(async () => {
    await rm(PACKAGES, { recursive: true, force: true });
    await keepPackage('first');
    keys = await mkdtemp(join(tmpdir(), 'keys-'));
    const key = ['--batch', '--passphrase', '', '--quick-gen-key', 'test@example.org'];
    await run(['gpg', ...key], { env: { GNUPGHOME: keys } });
  });
  after(async () => {
    await keepPackage('upgrade');
    await run(['gpgconf', '--kill', 'all'], { env: { GNUPGHOME: keys } });
    await rm(keys, { recursive: true });
  });
  for (const block of runBy('checkout'))
    test(titleOf(block), async () => {
      await run(['sh', '-e', '-c', block.text], { env: { GNUPGHOME: keys }, timeoutMs: PATIENCE_MS });
    });
});

/** Debian has no root to install rpm packages into, so they get an empty one; there are no scripts run in that. */
const RPM = `
sudo() { "$@"; }
rpm() { command rpm --root "$root" --nodeps --noscripts "$@"; }
`;

describe('the operations guide, where there is rpm', () => {
  for (const block of runBy('rpm'))
    test(titleOf(block), async () => {
      const root = await mkdtemp(join(tmpdir(), 'rpm-'));
      try {
        await run(['sh', '-e', '-c', RPM + block.text], { env: { root }, cwd: resolve('dist/packages') });
        await access(join(root, 'usr/bin/truepeer'));
      } finally {
        await rm(root, { recursive: true });
      }
    });
});
