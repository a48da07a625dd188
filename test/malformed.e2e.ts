import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { after, before, test } from 'node:test';
import { decodeOption, FORMATS, Format, resolveProfiles, Verdict, walkOptions } from '../src/wire/index.js';
import { type Case, readCorpus } from './support/corpus.js';
import { createHandmadeBackend, type HandmadeBackend, type Seen } from './support/handmade.js';

const PORT = 8000;
/** Opened for each case that reads the SYN: a listener that was there before does not keep it. */
let nextPort = PORT + 1;

let backend: HandmadeBackend;
before(async () => {
  // Fast Open without a cookie: so any SYN with data completes a handshake.
  backend = await createHandmadeBackend({ 'net.ipv4.tcp_fastopen': String(0x202) });
  await backend.serve('peername-server', '::', PORT, ['--fastopen']);
});
after(() => backend[Symbol.asyncDispose]());

const bytesOf = (options: string): Uint8Array => Buffer.from(options, 'hex');

/** Segments carry options in units of 4 bytes; whether the case is still the same when it is filled up with EOL. */
function fitsASegment({ options, syn, on, profiles, kinds, expect }: Case): boolean {
  const bytes = bytesOf(options);
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  const rules = resolveProfiles(profiles, kinds);
  const { verdict, format, at } = walkOptions(padded, rules[on], rules.known, syn);
  return verdict === Verdict[expect.verdict] && format === Format[expect.format] && at === expect.at;
}

/** No option is read from a SYN unless a profile asks for that. */
function isEverRead({ on, profiles }: Case): boolean {
  return on === 'completing' || profiles.includes('alibaba-cdn');
}

const OUTCOMES = {
  NONE: 'no-option',
  OTHER_KIND: 'other-kind',
  LOOKALIKE: 'look-alike',
  MALFORMED: 'malformed',
} as const;

function expected({ options, expect: { verdict, format, at } }: Case): Seen {
  const line = '::ffff:10.9.0.2 40000';
  if (verdict !== 'MATCH' || format === 'NONE')
    return { line, outcome: OUTCOMES[verdict as keyof typeof OUTCOMES] };
  const { client } = decodeOption(bytesOf(options).subarray(at), Format[format]);
  if (client === undefined) return { line, outcome: 'vip-only' };
  const { address, port = 40000 } = client;
  const isMapped = isIPv4(address) && FORMATS[Format[format]].client?.family === 6;
  if (port === 0 || isMapped) return { line, outcome: 'bad-client' };
  return { line: `${isIPv4(address) ? '::ffff:' : ''}${address} ${port}`, outcome: 'tagged' };
}

const rulesOf = ({ profiles, kinds = [] }: Case): string => JSON.stringify([profiles, kinds]);
const corpus = readCorpus().filter(fitsASegment).filter(isEverRead);

for (const rules of new Set(corpus.map(rulesOf)))
  test(`option blocks, read by ${rules}`, async (t) => {
    const [profiles, kinds] = JSON.parse(rules);
    backend.attach({ profiles, kinds });
    for (const c of corpus.filter((c) => rulesOf(c) === rules))
      await t.test(c.name, async () => {
        const options = bytesOf(c.options);
        const port = c.on === 'completing' ? PORT : nextPort++;
        if (port !== PORT) await backend.serve('peername-server', '::', port);
        const seen = await backend.see(
          c.syn
            ? { port, synOptions: options, synPayload: c.on === 'completing' ? 'x' : '' }
            : { port, ackOptions: options },
        );
        assert.deepEqual(seen, expected(c));
      });
  });
