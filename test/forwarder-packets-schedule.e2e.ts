import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed, type Service } from './support/forwarder/bed.js';
import { Dialogue } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { newClient } from './support/forwarder/segments.js';
import type { ServiceOptions } from './support/forwarder/structs.js';
import { test } from './support/forwarder/test.js';

useNetwork();

function serve(
  bed: PacketBed,
  scheduler: NonNullable<ServiceOptions['scheduler']>,
  family: 4 | 6 = 4,
): Service {
  return bed.addService({
    listen: { address: family === 4 ? '198.51.100.10' : '2001:db8:5::10', port: 443 },
    backends: [1, 2, 3, 4].map((number) => ({ address: `10.1.1.${number}`, port: 80 })),
    scheduler,
  });
}

/** The last number of the backend's address that a new client gets. */
function backendOf(dialogue: Dialogue): string {
  dialogue.syn();
  return dialogue.translation.backend.address.slice(-1);
}

test('round robin takes one backend after the other', () => {
  using bed = new PacketBed();
  const service = serve(bed, 'roundRobin');
  const taken = Array.from({ length: 8 }, () => backendOf(new Dialogue(bed, service)));
  assert.deepEqual([...taken.slice(0, 4)].sort(), ['1', '2', '3', '4']);
  assert.deepEqual(taken.slice(4), taken.slice(0, 4));
});

for (const family of [4, 6] as const)
  test(`by its source, an IPv${family} client has the same backend whatever its port`, () => {
    using bed = new PacketBed({ slots: 1024 });
    const service = serve(bed, 'source', family);
    const addresses = Array.from({ length: 40 }, (_, at) =>
      family === 4 ? `203.0.113.${at + 1}` : `2001:db8:c::${at + 1}`,
    );
    const taken = addresses.map((address) => {
      const each = [1, 2, 3].map(() => backendOf(new Dialogue(bed, service, { client: newClient(address) })));
      assert.equal(new Set(each).size, 1, address);
      return each[0];
    });
    assert.equal(new Set(taken).size, 4, 'and clients have different ones');
  });

test('Maglev takes the same backend for the same client and port, in every forwarder', () => {
  const clients = Array.from({ length: 40 }, () => newClient());
  const taken = [1, 2].map((slots) => {
    using bed = new PacketBed({ slots: 64 * slots, key: [BigInt(slots), 0n] });
    const service = serve(bed, 'maglev');
    return clients.map((client) => backendOf(new Dialogue(bed, service, { client })));
  });
  assert.deepEqual(taken[0], taken[1]);
  assert.equal(new Set(taken[0]).size, 4);
});

test('least connections takes the backend with the fewest', () => {
  using bed = new PacketBed();
  const service = serve(bed, 'leastConnections');
  const dialogues = Array.from({ length: 40 }, () => new Dialogue(bed, service).exchange());
  assert.deepEqual(
    service.backends.map((number) => bed.backend(number).active),
    [10, 10, 10, 10],
  );
  const third = dialogues.filter(({ translation }) => translation.backend.address === '10.1.1.3');
  for (const dialogue of third) {
    dialogue.fromClient({ flags: FLAG.RST | FLAG.ACK });
    dialogue.wait(61);
  }
  bed.sweep();
  for (let number = 0; number < 10; number++) assert.equal(backendOf(new Dialogue(bed, service)), '3');
});
