import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LoadedObject, type LoadOptions } from '../src/kernel/object.js';
import { SETTINGS } from '../src/receiver/layout.js';
import { encodeSettings } from '../src/receiver/program-data.js';
import { encodeTaggerSettings } from '../src/tagger/settings.js';
import { DEFAULT_PROFILES } from '../src/wire/index.js';
import { KNOWN_RULES } from '../src/wire/profiles.js';
import { test as forwarderTest } from './support/forwarder/test.js';

/** Each has its own idea of what may be left out or put off, and the verifier has to follow. */
const COMPILERS = new Map(
  readdirSync('/usr/bin')
    .filter((name) => /^clang(-\d+)?$/.test(name))
    .map((name) => [realpathSync(join('/usr/bin', name)), name]),
).values();
const COMPILE = fileURLToPath(new URL('../../scripts/compile-bpf.sh', import.meta.url));

const dir = mkdtempSync(join(tmpdir(), 'truepeer-compilers-'));
after(() => rmSync(dir, { recursive: true }));

/** How each is loaded: with data that leaves no part of it out, for the verifier does not look at what settings turn off. */
const PROGRAMS: Readonly<Record<string, LoadOptions>> = {
  receiver: { initial: { '.rodata.settings': receiverSettings() } },
  tagger: { initial: { '.rodata.settings': taggerSettings() } },
  forwarder: { initial: { '.rodata.known': Buffer.from(KNOWN_RULES.buffer) } },
  // The others are refused by kernels that are locked down, whatever is in them.
  sockets: { without: ['list_sockets', 'list_slots'] },
};

function receiverSettings(): Buffer {
  const bytes = encodeSettings({
    trust: 'any',
    profiles: [...DEFAULT_PROFILES, 'alibaba-cdn'],
    kinds: [],
    refuse: ['loopback', 'private'],
    cgroup: '/',
    sockopt: true,
  });
  bytes[SETTINGS.readsKernel] = 1;
  return bytes;
}

function taggerSettings(): Buffer {
  return encodeTaggerSettings(
    { ipv4: '254/8', ipv6: '254/20', on: ['syn', 'ack', 'data'], takeLocal: false },
    'a cgroup',
  );
}

for (const compiler of COMPILERS)
  for (const [name, options] of Object.entries(PROGRAMS))
    (name === 'forwarder' ? forwarderTest : test)(
      `the kernel loads the ${name}’s programs as ${compiler} makes them`,
      () => {
        const object = join(dir, `${name}-${compiler}.bpf.o`);
        execFileSync('sh', [COMPILE, `bpf/${name}.bpf.c`, object, compiler], { stdio: 'pipe' });
        using _loaded = LoadedObject.load(object, options);
      },
    );
