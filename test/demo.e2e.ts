import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoShape } from '../src/cli/json-shapes/index.js';
import { FEATURES } from '../src/kernel/features.js';
import { truepeer } from './support/cli.js';

/** A kernel that cannot run a forwarder shows the rest of the demo, and says so. */
const refused = FEATURES.some(
  ({ roles, required, probe }) => required && roles.includes('forwarder') && probe().state === 'missing',
);

const SENDERS = {
  nginx: { ipv4: '10.1.0.1', ipv6: '[fd00:1::1]' },
  truepeer: { ipv4: '10.1.0.10', ipv6: '[fd00:1::10]' },
} as const;

test('the demo shows nginx logging the client instead of the forwarder, over IPv4 and IPv6, behind either', async () => {
  const { stdout, stderr, status } = await truepeer('demo', '--json');
  assert.equal(status, 0, stderr);
  const report = demoShape.parse(JSON.parse(stdout));
  assert.deepEqual(
    report.rows.map(({ through, family, client, without, with: withReceiver }) => ({
      through,
      family,
      sender: without.replace(/:\d+$/, ''),
      client: withReceiver === client && client.replace(/:\d+$/, ''),
    })),
    (['nginx', 'truepeer'] as const)
      .filter((through) => through === 'nginx' || !refused)
      .flatMap((through) => [
        { through, family: 'ipv4', sender: SENDERS[through].ipv4, client: '203.0.113.7' },
        { through, family: 'ipv6', sender: SENDERS[through].ipv6, client: '[2001:db8:1::7]' },
      ]),
  );
  assert.equal(report.forwarderRefused !== undefined, refused);
  assert.equal(report.works, true);
  assert.equal(report.tagged, report.rows.length);
});

test('the demo tells in words what it does, what it found, and how to have it for real', async () => {
  const { stdout, stderr } = await truepeer('demo');
  assert.match(stderr, /building three hosts.*\n.*backend.*\n.*forwarder/);
  assert.match(
    stdout,
    /nginx with tagger +IPv4 {2}203\.0\.113\.7:(\d+) +10\.1\.0\.1:\d+ +203\.0\.113\.7:\1\n/,
  );
  assert.match(
    stdout,
    refused
      ? /No TruePeer forwarder here: \w/
      : /TruePeer forwarder {2}IPv4 {2}203\.0\.113\.7:(\d+) +10\.1\.0\.10:\d+ +203\.0\.113\.7:\1\n/,
  );
  assert.match(stdout, /truepeer receiver attach --trust/);
  assert.match(stdout, /truepeer forwarder run --config/);
});

test('without nginx the demo says what to install', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    const { status, stderr } = await truepeer('demo');
    assert.equal(status, 1);
    assert.match(stderr, /^truepeer: the demo runs nginx, .*apt install nginx/);
  } finally {
    process.env.PATH = path;
  }
});
