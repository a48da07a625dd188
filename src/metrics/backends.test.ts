import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKEND, BACKEND_FLAGS } from '../forwarder/layout.js';
import { parseAddress } from '../wire/index.js';
import { BackendExposition, type BackendsImage } from './backends.js';

const { used, up, draining, removed } = BACKEND_FLAGS;

/** A backend's struct in an image of the map; number 0 is none. */
function image(backends: readonly { address: string; service: number; flags: number }[]): BackendsImage {
  const bytes = Buffer.alloc((backends.length + 1) * BACKEND.size);
  for (const [index, { address, service, flags }] of backends.entries()) {
    const at = (index + 1) * BACKEND.size;
    bytes.set(parseAddress(address), at + BACKEND.address);
    bytes.writeUInt16BE(80, at + BACKEND.port);
    bytes.writeUInt16LE(service, at + BACKEND.service);
    bytes.writeUInt32LE(flags, at + BACKEND.flags);
    bytes.writeUInt32LE(index + 1, at + BACKEND.active);
    const counts = [BACKEND.opened, BACKEND.established, BACKEND.unanswered, BACKEND.refused];
    for (const [nth, offset] of counts.entries())
      bytes.writeBigUInt64LE(BigInt((nth + 1) * 1_000 + index + 1), at + offset);
  }
  return { bytes, stride: BACKEND.size };
}

const SERVICES = new Map([
  [1, 'web'],
  [2, 'mail'],
]);

async function samples(exposition: BackendExposition, of: BackendsImage): Promise<string[]> {
  let text = '';
  for await (const piece of exposition.text(of, SERVICES)) text += piece;
  assert.ok(text.endsWith('\n'));
  return text.split('\n').filter((line) => /^[a-z]/.test(line));
}

test('each backend that is configured has a sample of every family', async () => {
  const lines = await samples(
    new BackendExposition(),
    image([
      { address: '10.0.1.11', service: 1, flags: used | up },
      { address: 'fd00::11', service: 2, flags: used | draining },
      { address: '10.0.1.12', service: 1, flags: used | up | removed },
      { address: '10.0.1.13', service: 3, flags: used | up },
      { address: '10.0.1.14', service: 1, flags: 0 },
    ]),
  );
  const first = '{service="web",backend="10.0.1.11:80"}';
  const second = '{service="mail",backend="[fd00::11]:80"}';
  const names = ['opened', 'established', 'unanswered', 'refused'];
  assert.deepEqual(
    lines.map((line) => line.replace('truepeer_forwarder_backend_', '')),
    [
      `up${first} 1`,
      `up${second} 0`,
      `draining${first} 0`,
      `draining${second} 1`,
      `connections${first} 1`,
      `connections${second} 2`,
      ...names.flatMap((name, nth) => [
        `connections_${name}_total${first} ${1_000 * (nth + 1) + 1}`,
        `connections_${name}_total${second} ${1_000 * (nth + 1) + 2}`,
      ]),
    ],
  );
});

test('labels follow backends that come, go, and take the number of another', async () => {
  const exposition = new BackendExposition();
  const backendsOf = async (...addresses: string[]) => {
    const backends = addresses.map((address) => ({ address, service: 1, flags: used }));
    const lines = await samples(exposition, image(backends));
    return lines.filter((line) => line.includes('_up{')).map((line) => /backend="(.*):80"/.exec(line)?.[1]);
  };
  for (const addresses of [['10.0.1.1', '10.0.1.2'], ['10.0.1.2', '10.0.1.3', '10.0.1.1'], [], ['10.0.1.3']])
    assert.deepEqual(await backendsOf(...addresses), addresses);
});

test('two that ask at once get what is theirs, and more backends than are written at a time are all told', async () => {
  const exposition = new BackendExposition();
  const backends = Array.from({ length: 2_500 }, (_, at) => ({
    address: `10.1.${at >> 8}.${at & 255}`,
    service: 1,
    flags: used,
  }));
  const [all, half] = await Promise.all([
    samples(exposition, image(backends)),
    samples(exposition, image(backends.slice(0, 1_250))),
  ]);
  for (const [lines, count] of [
    [all, 2_500],
    [half, 1_250],
  ] as const) {
    assert.equal(lines.length, 7 * count);
    assert.equal(new Set(lines.map((line) => line.replace(/ .*/, ''))).size, 7 * count);
    assert.ok(!lines.some((line) => line.includes('undefined')));
  }
});
