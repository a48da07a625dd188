import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseDuration,
  parseHostAddress,
  parseHostEndpoint,
  parseInterface,
  parseMetricsAddress,
  parsePath,
  parseScheduler,
  parseServiceName,
  parseStatuses,
} from './forwarder-values.js';

test('durations', () => {
  assert.equal(parseDuration('500ms'), 500);
  assert.equal(parseDuration('2s'), 2_000);
  assert.equal(parseDuration('15m'), 900_000);
  assert.equal(parseDuration('1h'), 3_600_000);
  assert.equal(parseDuration('14d'), 14 * 86_400_000);
  for (const wrong of ['', '0s', '2', '2 s', '-1s', '1.5s', '1w', 's', '01s'])
    assert.throws(() => parseDuration(wrong), /is no duration: write one like 500ms, 2s, 15m or 1h/);
  assert.throws(() => parseDuration('15d'), /"15d" is too long: write at most 14d/);
});

test('addresses that one other host can have', () => {
  assert.equal(parseHostAddress('10.0.0.10'), '10.0.0.10');
  assert.equal(parseHostAddress('2001:DB8::0:10'), '2001:db8::10');
  assert.equal(parseHostAddress('::ffff:10.0.0.10'), '10.0.0.10');
  for (const [wrong, reason] of [
    ['0.0.0.0', 'every address'],
    ['::', 'every address'],
    ['0.1.2.3', 'no host'],
    ['127.0.0.53', 'a loopback address'],
    ['::1', 'a loopback address'],
    ['224.0.0.18', 'a multicast group'],
    ['ff02::1', 'a multicast group'],
    ['255.255.255.255', 'no address of a host'],
    ['fe80::1', 'a link-local address'],
  ] as const)
    assert.throws(
      () => parseHostAddress(wrong),
      new RegExp(`^SettingError: "${wrong}" is ${reason}.*: name one address of a host$`),
    );
});

test('endpoints', () => {
  assert.deepEqual(parseHostEndpoint('[2001:db8::10]:443'), { address: '2001:db8::10', port: 443 });
  for (const word of ['127.0.0.1:9469', '9469'])
    assert.deepEqual(parseMetricsAddress(word), { address: '127.0.0.1', port: 9469 });
  assert.throws(() => parseMetricsAddress('0'), /nobody listens on port 0/);
  assert.throws(() => parseHostEndpoint('127.0.0.1:80'), /a loopback address/);
  assert.throws(() => parseHostEndpoint('10.0.0.1:0'), /"10.0.0.1:0": nobody listens on port 0/);
  assert.throws(
    () => parseHostEndpoint('10.0.0.1:65536'),
    /nobody listens on port 65536: write one from 1 to/,
  );
  assert.throws(() => parseHostEndpoint('10.0.0.1'), /"10.0.0.1": no port: write 10.0.0.1:PORT/);
});

test('names of interfaces and services', () => {
  for (const name of ['eth0', 'enp3s0f1np1', 'bond0.100', 'br-lan']) assert.equal(parseInterface(name), name);
  for (const wrong of ['', 'eth 0', 'a/b', '..', 'x'.repeat(16)])
    assert.throws(() => parseInterface(wrong), /is no interface's name/);
  for (const name of ['web', 'web-1.internal', '_x', 'x'.repeat(55)])
    assert.equal(parseServiceName(name), name);
  for (const wrong of ['', '-web', 'we b', 'x'.repeat(56), 'w\u00e9b'])
    assert.throws(() => parseServiceName(wrong), /is no name for a service/);
});

test('one of several words', () => {
  assert.equal(parseScheduler('round-robin'), 'round-robin');
  assert.throws(
    () => parseScheduler('magleb'),
    /^SettingError: there is no "magleb": did you mean maglev\?$/,
  );
});

test('what is asked for by HTTP, and which answers are good', () => {
  assert.equal(parsePath('/healthz?full=1'), '/healthz?full=1');
  for (const wrong of ['', 'healthz', '/a b', '/a\r\nX: y'])
    assert.throws(() => parsePath(wrong), /is no path: write what follows the host in a URL/);
  assert.deepEqual(parseStatuses('204'), [204, 204]);
  assert.deepEqual(parseStatuses('200-399'), [200, 399]);
  for (const wrong of ['', '99', '600', '300-200', '2xx'])
    assert.throws(() => parseStatuses(wrong), /is no HTTP status/);
});
