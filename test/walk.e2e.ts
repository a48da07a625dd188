import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DEFAULT_PROFILES,
  Format,
  PROFILES,
  resolveProfiles,
  Verdict,
  walkOptions,
} from '../src/wire/index.js';
import { amount } from './support/amount.js';
import { readCorpus } from './support/corpus.js';
import { KernelWalk, packFound } from './support/kernel-walk.js';
import { fillBlock } from './support/option-blocks.js';
import { Random } from './support/random.js';

const BLOCKS = amount(10_000_000, 'option blocks');

test('the kernel finds in every block of the corpus what is written there', () => {
  using kernel = new KernelWalk();
  const last = KernelWalk.RECORDS - 1;
  for (const { name, options, syn, on, profiles, kinds, expect } of readCorpus()) {
    const rules = resolveProfiles(profiles, kinds);
    const bytes = Buffer.from(options, 'hex');
    kernel.setRules(0, rules[on], rules.known);
    kernel.options(last).set(bytes);
    kernel.prepare(last, 0, syn, bytes.length);
    kernel.run();
    const { at, vipAt } = expect;
    const found = { verdict: Verdict[expect.verdict], format: Format[expect.format], at };
    assert.deepEqual([kernel.packed(last), kernel.vipAt(last)], [packFound(found), vipAt], name);
  }
});

/** Every profile alone, the default, everything that agrees with one another, and nothing. */
const RULE_SETS = [
  ...PROFILES.map(({ name, entries: [first] }) => ({ name, on: first!.on, rules: resolveProfiles([name]) })),
  { name: 'default', on: 'completing', rules: resolveProfiles(DEFAULT_PROFILES) },
  { name: 'most', on: 'completing', rules: resolveProfiles(['alibaba-slb', 'dpvs', 'option28', 'tencent']) },
  { name: 'kinds', on: 'completing', rules: resolveProfiles(['bytedance'], ['201/6', '202/8', '77/20']) },
  { name: 'nothing', on: 'completing', rules: resolveProfiles([]) },
] as const;

test(`the kernel and TypeScript find the same in ${BLOCKS / 1e6} million option blocks`, (t) => {
  const random = new Random(Random.seed());
  t.diagnostic(`TRUEPEER_SEED=${random.seed} runs these blocks again`);
  using kernel = new KernelWalk();
  for (const [set, { rules, on }] of RULE_SETS.entries()) kernel.setRules(set, rules[on], rules.known);
  const tables = RULE_SETS.map(({ rules, on }) => ({ rules: rules[on], known: rules.known }));

  /** How many blocks ended with which verdict and format, and how many of them with a VIP. */
  const seen = { verdicts: new Uint32Array(5), formats: new Uint32Array(10), vips: 0 };
  const sets = new Uint8Array(KernelWalk.RECORDS);
  const lengths = new Uint8Array(KernelWalk.RECORDS);
  const syns = Array.from(sets, () => false);
  for (let done = 0; done < BLOCKS; done += KernelWalk.RECORDS) {
    for (let record = 0; record < KernelWalk.RECORDS; record++) {
      sets[record] = random.below(RULE_SETS.length);
      syns[record] = random.oneIn(3);
      lengths[record] = fillBlock(random, kernel.options(record));
      kernel.prepare(record, sets[record]!, syns[record]!, lengths[record]!);
    }
    kernel.run();
    for (let record = 0; record < KernelWalk.RECORDS; record++) {
      const { rules, known } = tables[sets[record]!]!;
      const options = kernel.options(record, lengths[record]!);
      const found = walkOptions(options, rules, known, syns[record]!);
      if (kernel.packed(record) !== packFound(found) || kernel.vipAt(record) !== found.vipAt) {
        const kernelFound = { packed: kernel.packed(record).toString(16), vipAt: kernel.vipAt(record) };
        const hex = Buffer.from(options).toString('hex');
        const where = `profile ${RULE_SETS[sets[record]!]!.name}${syns[record]! ? ', on a SYN' : ''}`;
        assert.fail(
          `${hex} (${where}): TypeScript ${JSON.stringify(found)}, kernel ${JSON.stringify(kernelFound)}`,
        );
      }
      seen.verdicts[found.verdict]! += 1;
      seen.formats[found.format]! += 1;
      seen.vips += Number(found.vipAt > 0);
    }
  }
  const least = Math.min(...seen.verdicts, ...seen.formats, seen.vips);
  assert.ok(least > BLOCKS / 1000, `some outcome is hardly ever tried: ${JSON.stringify(seen)}`);
});
