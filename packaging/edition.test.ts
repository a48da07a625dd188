import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/lab/run.js';
import { currentEdition, distributionVersion } from './edition.js';
import { PackagingError } from './errors.js';

test('a suffix that no distribution takes is refused', async () => {
  for (const suffix of ['own1', '-own1', '+own_1', '+'])
    await assert.rejects(currentEdition(suffix), PackagingError, suffix);
});

test('Debian takes the suffix for newer, and a candidate for older than its release', async () => {
  const { version } = await currentEdition('+own1');
  for (const [older, newer] of [
    ['1.0.0', '1.0.0+own1'],
    ['1.0.0-rc.2', '1.0.0'],
    [version.replace('+own1', ''), version],
  ]) {
    const versions = [older!, newer!].map((each) =>
      distributionVersion({ version: each, epoch: 0, date: '' }),
    );
    await run(['dpkg', '--compare-versions', versions[0]!, 'lt', versions[1]!]);
  }
});

test('the date is that of SOURCE_DATE_EPOCH, where it is set', async () => {
  const before = process.env.SOURCE_DATE_EPOCH;
  try {
    process.env.SOURCE_DATE_EPOCH = '86400';
    assert.equal((await currentEdition()).date, '1970-01-02');
    process.env.SOURCE_DATE_EPOCH = 'yesterday';
    await assert.rejects(currentEdition(), /SOURCE_DATE_EPOCH=yesterday: write seconds/);
  } finally {
    if (before === undefined) delete process.env.SOURCE_DATE_EPOCH;
    else process.env.SOURCE_DATE_EPOCH = before;
  }
});
