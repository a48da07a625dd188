import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import * as arbitrary from './arbitraries.test.helper.js';
import { decodeOption, encodeOption } from './codec.js';
import { FORMATS, Format, type FormatName, formatOfLength } from './formats.js';
import { splitOptions } from './header.js';
import { KNOWN_RULES, PROFILES, type Segment } from './profiles.js';
import { resolveProfiles } from './resolve.js';
import { type Found, Verdict, type VerdictName, walkOptions } from './walk.js';

/** One case of test/corpus/options.json, which the C walk is held to as well. */
interface Case {
  name: string;
  /** Hexadecimal, 0 to 40 bytes. */
  options: string;
  syn: boolean;
  /** Which of the resolved tables the walk is given. */
  on: Segment;
  profiles: string[];
  kinds?: string[];
  expect: { verdict: VerdictName; format: FormatName; at: number; vipAt: number };
}

const corpus = JSON.parse(
  readFileSync(new URL('../../../test/corpus/options.json', import.meta.url), 'utf8'),
) as Case[];

for (const { name, options, syn, on, profiles, kinds, expect } of corpus) {
  test(`corpus: ${name}`, () => {
    const rules = resolveProfiles(profiles, kinds);
    const found = walkOptions(Uint8Array.from(Buffer.from(options, 'hex')), rules[on], rules.known, syn);
    assert.deepEqual(found, {
      verdict: Verdict[expect.verdict],
      format: Format[expect.format],
      at: expect.at,
      vipAt: expect.vipAt,
    } satisfies Found);
  });
}

test('the corpus sees every verdict and every format', () => {
  assert.deepEqual(new Set(corpus.map(({ expect }) => expect.verdict)), new Set(Object.keys(Verdict)));
  assert.deepEqual(new Set(corpus.map(({ expect }) => expect.format)), new Set(Object.keys(Format)));
});

const everything = resolveProfiles(
  PROFILES.map(({ name }) => name).filter((name) => name !== 'alibaba-cdn'),
  ['201/6', '202/8'],
);
const choices = fc.constantFrom(
  everything,
  ...PROFILES.map(({ name }) => resolveProfiles([name])),
  resolveProfiles([]),
);
const bytes = fc.oneof(arbitrary.optionBlock, fc.uint8Array({ maxLength: 40 }));

test('no byte behind the options is read, and none behind the 40th', () => {
  fc.assert(
    fc.property(
      fc.oneof(bytes, fc.uint8Array({ maxLength: 60 })),
      choices,
      fc.boolean(),
      (options, rules, syn) => {
        let last = -1;
        const watched = new Proxy(options, {
          get(target, property) {
            if (typeof property === 'string' && /^\d+$/.test(property))
              last = Math.max(last, Number(property));
            return Reflect.get(target, property, target);
          },
        });
        const found = walkOptions(watched, rules.completing, rules.known, syn);
        assert.ok(last < Math.min(options.length, 40));
        assert.deepEqual(found, walkOptions(options.slice(0, 40), rules.completing, rules.known, syn));
      },
    ),
    { numRuns: 5000 },
  );
});

test('a TCP header ends at 40 option bytes, whatever the caller hands over', () => {
  const toa = [254, 8, 0x10, 0x92, 203, 0, 113, 7];
  const behind = (nops: number) =>
    walkOptions(
      Uint8Array.from([...new Array<number>(nops).fill(1), ...toa]),
      everything.completing,
      KNOWN_RULES,
      false,
    );
  assert.equal(behind(32).verdict, Verdict.MATCH);
  assert.deepEqual(behind(33), { verdict: Verdict.MALFORMED, format: Format.NONE, at: 33, vipAt: 0 });
  assert.equal(behind(40).verdict, Verdict.NONE);
});

/** The bytes of a format that say nothing. */
const PADDING: Partial<Record<Format, readonly number[]>> = {
  [Format.IPV4_VIP]: [8, 9],
  [Format.VTOA4]: [18, 19],
  [Format.VTOA6]: [23],
};

test('a match is the first option of an enabled shape, and encodes to its own bytes', () => {
  let matches = 0;
  fc.assert(
    fc.property(bytes, choices, fc.boolean(), (options, { completing, known }, syn) => {
      const found = walkOptions(options, completing, known, syn);
      const { format } = found;
      if (found.verdict !== Verdict.MATCH || format === Format.NONE) return;
      matches += 1;

      const slices = splitOptions(options);
      const hit = slices.find(({ at }) => at === found.at);
      assert.ok(hit !== undefined && !hit.broken);
      assert.equal(formatOfLength(completing[hit.kind]!, hit.length), format);

      const decoded = decodeOption(hit.bytes, format);
      const again = encodeOption(decoded);
      assert.deepEqual(decodeOption(again, format), decoded);
      const unpadded = hit.bytes.map((byte, i) => (PADDING[format]?.includes(i) ? 0 : byte));
      assert.deepEqual(again, unpadded);

      for (const before of slices.filter(({ at }) => at < found.at)) {
        assert.ok(before.kind !== 0 && !before.broken);
        const alone = walkOptions(before.bytes, completing, known, syn);
        assert.notEqual(alone.verdict, Verdict.MATCH);
      }
    }),
    { numRuns: 20000 },
  );
  assert.ok(matches > 1000, `only ${matches} of the blocks matched`);
});

test('the verdict is the highest among those of the options on their own', () => {
  fc.assert(
    fc.property(bytes, choices, fc.boolean(), (options, { completing, known }, syn) => {
      const found = walkOptions(options, completing, known, syn);
      const alone = splitOptions(options).map((slice) => ({
        at: slice.at,
        verdict: walkOptions(slice.bytes, completing, known, syn).verdict,
      }));
      // A match or a break ends the walk; whichever comes first decides.
      const end = alone.findIndex(({ verdict }) => verdict >= Verdict.MALFORMED);
      const seen = end < 0 ? alone : alone.slice(0, end + 1);
      const highest = Math.max(Verdict.NONE, ...seen.map(({ verdict }) => verdict));
      assert.equal(found.verdict, highest);
      const at = highest === Verdict.NONE ? 0 : seen.find(({ verdict }) => verdict === highest)?.at;
      assert.equal(found.at, at);
    }),
    { numRuns: 20000 },
  );
});

test('a VIP offset is that of a whole, enabled VIP directly behind a client', () => {
  let vips = 0;
  const pair = fc.tuple(
    fc.constantFrom(0, 1, 4, 24),
    arbitrary.optionOf(Format.IPV4),
    fc.boolean(),
    arbitrary.optionOf(Format.VIP),
    fc.constantFrom(250, 202, 251),
  );
  fc.assert(
    fc.property(pair, ([pad, client, gap, vip, vipKind]) => {
      const options = Uint8Array.from([
        ...new Array<number>(pad).fill(1),
        ...encodeOption({ ...client, kind: 200 }),
        ...(gap ? [1] : []),
        ...encodeOption({ ...vip, kind: vipKind }),
      ]).slice(0, 40);
      const found = walkOptions(options, everything.completing, KNOWN_RULES, false);
      assert.equal(found.at, pad);
      const whole = pad + 16 <= 40 && !gap && vipKind !== 251;
      assert.equal(found.vipAt, whole ? pad + 8 : 0);
      if (whole) vips += 1;
    }),
  );
  assert.ok(vips > 0);
});

test('every known option is found by the profile that names it', () => {
  for (const { name, entries } of PROFILES) {
    const rules = resolveProfiles([name]);
    for (const { kind, format, on } of entries) {
      fc.assert(
        fc.property(arbitrary.optionOf(format), (option) => {
          const encoded = encodeOption({ ...option, kind });
          const found = walkOptions(encoded, rules[on], rules.known, false);
          assert.deepEqual(found, { verdict: Verdict.MATCH, format, at: 0, vipAt: 0 }, FORMATS[format].name);
        }),
        { numRuns: 20 },
      );
    }
  }
});
