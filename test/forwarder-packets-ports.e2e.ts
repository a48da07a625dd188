import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed } from './support/forwarder/bed.js';
import { Dialogue, talk } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { newClient } from './support/forwarder/segments.js';
import { test } from './support/forwarder/test.js';

useNetwork();

const WEB = {
  listen: { address: '198.51.100.10', port: 443 },
  backends: [{ address: '10.1.1.1', port: 80 }],
} as const;

/** So many connections that stay. */
function open(bed: PacketBed, service: ReturnType<PacketBed['addService']>, count: number): Dialogue[] {
  return Array.from({ length: count }, () => new Dialogue(bed, service).exchange());
}

const sideOf = ({ translation: { local, backend } }: Dialogue): string =>
  `${local.address} ${local.port} ${backend.address} ${backend.port}`;

/** Ends a connection with both FINs, acknowledged. */
function close(dialogue: Dialogue): void {
  dialogue.fromClient({ flags: FLAG.FIN | FLAG.ACK });
  dialogue.fromBackend({ flags: FLAG.FIN | FLAG.ACK });
  dialogue.fromClient();
}

test('no two connections to a backend have the same local address and port', () => {
  using bed = new PacketBed({
    slots: 1024,
    locals: ['10.1.0.10', '10.1.0.11', '10.1.0.12'],
    ports: { first: 2000, count: 100 },
  });
  const dialogues = open(bed, bed.addService(WEB), 200);
  assert.equal(new Set(dialogues.map(sideOf)).size, 200);
  const locals = dialogues.map(({ translation }) => translation.local.address);
  for (const address of ['10.1.0.10', '10.1.0.11', '10.1.0.12'])
    assert.ok(locals.filter((local) => local === address).length > 60, `${address} does its share`);
});

test('different backends have the same ports each', () => {
  using bed = new PacketBed({ ports: { first: 2000, count: 2 } });
  const backends = [1, 2, 3, 4].map((number) => ({ address: `10.1.1.${number}`, port: 80 }));
  const dialogues = open(bed, bed.addService({ ...WEB, backends }), 8);
  assert.equal(new Set(dialogues.map(sideOf)).size, 8);
});

test('services that share a backend share its ports', () => {
  using bed = new PacketBed({ slots: 1024 });
  const sides = Array.from({ length: 50 }, () => talk(bed).exchange()).map(sideOf);
  assert.equal(new Set(sides).size, 50);
});

test('a port rests for as long as there are others', () => {
  using bed = new PacketBed({ ports: { first: 2000, count: 10 } });
  const service = bed.addService(WEB);
  const ports = Array.from({ length: 10 }, () => {
    const dialogue = new Dialogue(bed, service).exchange();
    close(dialogue);
    return dialogue.translation.local.port;
  });
  assert.equal(new Set(ports).size, 10);
  const next = new Dialogue(bed, service).exchange();
  assert.ok(ports.includes(next.translation.local.port), 'none was left');
  assert.equal(bed.counts().recycled, 1);
});

test('a port that has rested for a minute is free', () => {
  using bed = new PacketBed({ ports: { first: 2000, count: 2 } });
  const service = bed.addService(WEB);
  const [first, second] = open(bed, service, 2);
  close(first!);
  first!.wait(61);
  const next = new Dialogue(bed, service).exchange();
  assert.equal(next.translation.local.port, first!.translation.local.port);
  assert.equal(bed.counts().recycled, 0);
  second!.fromClient();
});

test('without a free port a new client is not served, and everybody else goes on', () => {
  using bed = new PacketBed({ ports: { first: 2000, count: 20 } });
  const service = bed.addService(WEB);
  const dialogues = open(bed, service, 20);
  const { verdict, counted } = new Dialogue(bed, service).syn();
  assert.deepEqual([verdict, counted], ['drop', { dropNoPort: 1 }]);
  for (const dialogue of dialogues) assert.equal(dialogue.fromClient().counted.toBackend, 1);
});

test('a flood of SYNs that the backend answers does not keep new ones from its ports', () => {
  using bed = new PacketBed({ ports: { first: 2000, count: 20 } });
  const service = bed.addService(WEB);
  const dialogues = open(bed, service, 5);
  const flood = Array.from({ length: 15 }, () => new Dialogue(bed, service));
  for (const dialogue of flood) {
    dialogue.syn();
    dialogue.synAck();
  }
  assert.equal(new Dialogue(bed, service).syn().counted.dropNoPort, 1, 'a handshake is given its time');
  for (const dialogue of flood) dialogue.wait(2);
  // Not all of them: the last ones would be found by chance.
  for (let next = 0; next < 8; next++) new Dialogue(bed, service).exchange();
  assert.equal(bed.counts().evictedEmbryo, 8);
  for (const dialogue of dialogues) assert.equal(dialogue.fromClient().counted.toBackend, 1);
});

test('many connections in a row that stay do not keep new ones from the ports behind them', () => {
  using bed = new PacketBed({ slots: 2048, ports: { first: 2000, count: 1000 } });
  const service = bed.addService(WEB);
  open(bed, service, 600);
  // The other 400 ports in turn, and then they come to the ones that stay.
  for (let round = 0; round < 1000; round++) {
    const dialogue = new Dialogue(bed, service).handshake();
    dialogue.fromClient({ flags: FLAG.RST | FLAG.ACK });
  }
  assert.equal(bed.counts().dropNoPort, 0);
});

test('many connections in a row that stay do not keep new ones from the slots behind them', () => {
  using bed = new PacketBed({ slots: 1000 });
  const service = bed.addService(WEB);
  open(bed, service, 600);
  for (let round = 0; round < 1000; round++) {
    const dialogue = new Dialogue(bed, service).handshake();
    dialogue.fromClient({ flags: FLAG.RST | FLAG.ACK });
  }
  assert.equal(bed.counts().dropTableFull, 0);
});

test('a full table takes no new connection, and everybody in it goes on', () => {
  // As many as are looked at in turn: behind them, one closed slot among many is found by chance.
  using bed = new PacketBed({ slots: 8 });
  const service = bed.addService(WEB);
  const dialogues = open(bed, service, 8);
  const { verdict, counted } = new Dialogue(bed, service).syn();
  assert.deepEqual([verdict, counted], ['drop', { dropTableFull: 1 }]);
  for (const dialogue of dialogues) assert.equal(dialogue.fromClient().counted.toBackend, 1);
  close(dialogues[7]!);
  const next = new Dialogue(bed, service);
  assert.equal(next.syn().counted.recycled, 1, 'the one that is over makes room');
  assert.equal(bed.connections().length, 8);
});

test('a flood of SYNs evicts its own, and no established connection', () => {
  using bed = new PacketBed({ slots: 256, embryos: 64 });
  const service = bed.addService(WEB);
  const dialogues = open(bed, service, 100);
  for (let number = 0; number < 1000; number++) new Dialogue(bed, service).syn();
  const { evictedEmbryo = 0, dropTableFull } = bed.counts();
  assert.equal(dropTableFull, 0);
  assert.ok(evictedEmbryo >= 1000 - 64);
  assert.equal(bed.connections().length, 100 + 1000 - evictedEmbryo);
  for (const dialogue of dialogues) assert.equal(dialogue.fromClient().counted.toBackend, 1);
  const backend = service.backends[0]!;
  assert.equal(bed.backend(backend).active, 1100 - evictedEmbryo, 'and the backend’s own count is right');
});

test('handshakes whose ACK got lost wait for it, however many others are completed meanwhile', () => {
  using bed = new PacketBed({ slots: 1024, embryos: 64 });
  const service = bed.addService(WEB);
  const waiting = Array.from({ length: 4 }, () => new Dialogue(bed, service));
  for (const dialogue of waiting) {
    dialogue.syn();
    dialogue.synAck();
  }
  open(bed, service, 300);
  assert.equal(bed.counts().evictedEmbryo, 0);
  for (const dialogue of waiting) {
    assert.equal(dialogue.synAck().counted.toClient, 1, 'the backend asks again');
    assert.equal(dialogue.fromClient().counted.established, 1);
  }
});

test('a client that comes back while a flood goes on is served', () => {
  using bed = new PacketBed({ slots: 256, embryos: 64 });
  const service = bed.addService(WEB);
  for (let number = 0; number < 300; number++) {
    const dialogue = new Dialogue(bed, service);
    dialogue.syn();
    if (number % 10 === 0) dialogue.exchange();
  }
  assert.equal(bed.counts().established, 30);
});

test('two clients of one address and port at two services are two connections', () => {
  using bed = new PacketBed();
  const client = newClient();
  const one = bed.addService(WEB);
  const two = bed.addService({ ...WEB, listen: { ...WEB.listen, port: 80 } });
  const dialogues = [one, two].map((service) => new Dialogue(bed, service, { client }));
  for (const dialogue of dialogues) dialogue.syn();
  assert.equal(bed.connections().length, 2);
});

test('a service without a local address of its backend’s family takes nobody', () => {
  using bed = new PacketBed({ locals: ['10.1.0.10'] });
  const service = bed.addService({ ...WEB, backends: [{ address: 'fd00:1::1:1', port: 80 }] });
  const { verdict, counted } = new Dialogue(bed, service).syn();
  assert.deepEqual([verdict, counted], ['drop', { dropNoLocal: 1 }]);
  assert.equal(bed.connections().length, 0);
});
