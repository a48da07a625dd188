import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FORMATS, formatKind, PROFILES } from '../src/wire/index.js';
import { createHandmadeBackend, type HandmadeBackend, type Seen } from './support/handmade.js';
import { hex } from './support/options.js';

const PORT = 8000;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  await backend.serve('peername-server', '::', PORT);
});
after(() => backend[Symbol.asyncDispose]());

const V4 = '::ffff:203.0.113.7 4242';
const V6 = '2001:db8::7 4242';
const PEER = '::ffff:10.9.0.2 40000';
const v6 = '20010db8000000000000000000000007';

/** Every option that any profile reads, as it stands on the wire, and what the server then says. */
const OPTIONS: Record<string, [option: string, line: string, outcome?: 'vip-only']> = {
  '200/8': ['c808 1092 cb007107', V4],
  '254/8': ['fe08 1092 cb007107', V4],
  '253/8': ['fd08 1092 cb007107', V4],
  '252/8': ['fc08 1092 cb007107', V4],
  '254/16': ['fe10 1092 cb007107 0000 01bb c6336401', V4],
  '254/20': [`fe14 1092 ${v6}`, V6],
  '253/20': [`fd14 1092 ${v6}`, V6],
  '252/20': ['fc14 1092 cb007107 05000000 c6336401 01bb 0000', V4],
  '250/8': ['fa08 01bb c6336401', PEER, 'vip-only'],
  '249/40': [`f928 1092 ${v6} 050000 00 20010db8000000000000000000000443`, V6],
  // No port: the transport's stays.
  '28/7': ['1c07 01 cb007107', '::ffff:203.0.113.7 40000'],
  '28/19': [`1c13 01 ${v6}`, '2001:db8::7 40000'],
};

test('every option of every profile is tried', () => {
  const kinds = PROFILES.flatMap(({ entries }) =>
    entries.map(({ kind, format }) => formatKind({ kind, length: FORMATS[format].length })),
  );
  assert.deepEqual([...new Set(kinds)].sort(), Object.keys(OPTIONS).sort());
});

for (const { name, entries } of PROFILES) {
  const completing = entries.filter(({ on }) => on === 'completing');
  const reads = new Set(
    completing.map(({ kind, format }) => formatKind({ kind, length: FORMATS[format].length })),
  );
  const ownKinds = new Set(completing.map(({ kind }) => kind));

  test(`${name} reads ${[...reads].join(', ') || 'nothing'} from the completing segment`, async () => {
    backend.attach({ profiles: [name] });
    for (const [kind, [option, line, outcome = 'tagged']] of Object.entries(OPTIONS)) {
      const otherwise = ownKinds.has(Number.parseInt(kind, 10)) ? 'look-alike' : 'other-kind';
      const expected: Seen = reads.has(kind) ? { line, outcome } : { line: PEER, outcome: otherwise };
      assert.deepEqual(await backend.see({ port: PORT, ackOptions: hex(option) }), expected, kind);
    }
  });
}

test('by default the options of tencent, dpvs and lvs are read', async () => {
  backend.attach();
  for (const kind of ['200/8', '254/8', '253/20', '254/20']) {
    const [option, line] = OPTIONS[kind]!;
    const seen = await backend.see({ port: PORT, ackOptions: hex(option) });
    assert.deepEqual(seen, { line, outcome: 'tagged' }, kind);
  }
});

test('a kind of its own, chosen by hand, is read beside a profile', async () => {
  backend.attach({ profiles: ['tencent'], kinds: ['77/8', '77/20'] });
  const v4 = await backend.see({ port: PORT, ackOptions: hex('4d08 1092 cb007107') });
  assert.deepEqual(v4, { line: V4, outcome: 'tagged' });
  const ipv6 = await backend.see({ port: PORT, ackOptions: hex(`4d14 1092 ${v6}`) });
  assert.deepEqual(ipv6, { line: V6, outcome: 'tagged' });
});
