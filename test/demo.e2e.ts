import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoShape } from '../src/cli/json-shapes.js';
import { truepeer } from './support/cli.js';

test('the demo shows nginx logging the client instead of the forwarder, over IPv4 and IPv6', async () => {
  const { stdout, stderr, status } = await truepeer('demo', '--json');
  assert.equal(status, 0, stderr);
  const report = demoShape.parse(JSON.parse(stdout));
  assert.deepEqual(
    report.rows.map(({ family, client, without, with: withReceiver }) => ({
      family,
      forwarder: without.replace(/:\d+$/, ''),
      client: withReceiver === client && client.replace(/:\d+$/, ''),
    })),
    [
      { family: 'ipv4', forwarder: '10.1.0.1', client: '203.0.113.7' },
      { family: 'ipv6', forwarder: '[fd00:1::1]', client: '[2001:db8:1::7]' },
    ],
  );
  assert.equal(report.works, true);
});

test('the demo tells in words what it does, what it found, and how to have it for real', async () => {
  const { stdout, stderr } = await truepeer('demo');
  assert.match(stderr, /building three hosts.*\n.*backend.*\n.*forwarder/);
  assert.match(stdout, /IPv4 {2}203\.0\.113\.7:(\d+) +10\.1\.0\.1:\d+ +203\.0\.113\.7:\1\n/);
  assert.match(stdout, /truepeer receiver attach --trust/);
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
