import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed } from './support/forwarder/bed.js';
import { Dialogue, talk } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { before, test } from './support/forwarder/test.js';

useNetwork();

let bed: PacketBed;
before(() => {
  bed = new PacketBed();
});

const FIN = { flags: FLAG.FIN | FLAG.ACK };
const DATA = { payload: Buffer.from('data') };

const flagsOf = (dialogue: Dialogue): readonly string[] =>
  dialogue.connection!.flags.filter((flag) => !/^tagged|^talked|^missed/.test(flag));
const ESTABLISHED = ['open', 'answered', 'established'];

test('a handshake passes through its states', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  assert.deepEqual(flagsOf(dialogue), ['open']);
  dialogue.synAck();
  assert.deepEqual(flagsOf(dialogue), ['open', 'answered']);
  dialogue.fromClient();
  assert.deepEqual(flagsOf(dialogue), ESTABLISHED);
});

test('the first data completes the handshake where the ACK got lost', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  dialogue.synAck();
  dialogue.fromClient(DATA);
  assert.deepEqual(flagsOf(dialogue), ESTABLISHED);
});

test('an ACK of something else than the SYN-ACK completes nothing', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  dialogue.synAck();
  dialogue.fromClient({ ack: dialogue.backendIsn });
  assert.deepEqual(flagsOf(dialogue), ['open', 'answered']);
});

test('an ACK that its sender has guessed completes nothing', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  dialogue.synAck();
  for (const distance of [0x0020_0000, 0x4000_0000, 0x7fff_ffff]) {
    dialogue.fromClient({ ack: (dialogue.backendIsn + distance) >>> 0 });
    assert.deepEqual(flagsOf(dialogue), ['open', 'answered']);
  }
});

for (const part of [DATA, FIN])
  test(`a backend that ${part === DATA ? 'sends payload' : 'closes'} shows that the handshake is complete, whichever SYN-ACK of its the client has answered`, () => {
    const dialogue = talk(bed);
    dialogue.syn();
    dialogue.synAck({ seq: 5_000_000 });
    dialogue.synAck({ seq: 905_000_000 });
    const number = dialogue.connection!.backendNumber;
    const { established } = bed.backend(number);
    dialogue.backendNext = 5_000_001;
    dialogue.fromClient(DATA);
    assert.deepEqual(flagsOf(dialogue), ['open', 'answered']);
    dialogue.fromBackend({ ...part, flags: FLAG.ACK, ...part });
    assert.equal(bed.backend(number).established, established + 1);
    dialogue.fromClient();
    dialogue.fromBackend(FIN);
    assert.ok(['established', 'finBackend'].every((flag) => flagsOf(dialogue).includes(flag)));
  });

for (const first of ['client', 'backend'] as const)
  test(`closed by the ${first} first: a half-closed connection goes on, and ends with the second FIN`, () => {
    const dialogue = talk(bed).exchange();
    const say = (side: string, part = {}) =>
      side === 'client' ? dialogue.fromClient(part) : dialogue.fromBackend(part);
    const second = first === 'client' ? 'backend' : 'client';
    say(first, FIN);
    assert.ok(!flagsOf(dialogue).some((flag) => flag.startsWith('finished')));
    say(second);
    for (let number = 0; number < 3; number++) {
      say(second, DATA);
      say(first);
    }
    say(second, { ...FIN, ...DATA });
    say(first);
    assert.deepEqual(flagsOf(dialogue), [
      ...ESTABLISHED,
      'finClient',
      'finBackend',
      'finishedClient',
      'finishedBackend',
    ]);
    assert.equal(
      say(second).counted[second === 'client' ? 'toBackend' : 'toClient'],
      1,
      'and what comes late passes',
    );
  });

test('closed by both at once', () => {
  const dialogue = talk(bed).exchange();
  const { clientNext, backendNext } = dialogue;
  dialogue.fromClient({ ...FIN, seq: clientNext, ack: backendNext });
  dialogue.fromBackend({ ...FIN });
  dialogue.clientNext = clientNext + 1;
  dialogue.fromClient();
  dialogue.fromBackend();
  assert.ok(['finishedClient', 'finishedBackend'].every((flag) => flagsOf(dialogue).includes(flag)));
});

test('a FIN is not acknowledged by what was sent before it', () => {
  const dialogue = talk(bed).exchange();
  dialogue.fromClient({ ...DATA, ...FIN });
  dialogue.fromBackend({ ack: (dialogue.clientNext + dialogue.translation.sequenceShift - 2) >>> 0 });
  assert.ok(!flagsOf(dialogue).includes('finishedClient'));
  dialogue.fromBackend();
  assert.ok(flagsOf(dialogue).includes('finishedClient'));
});

for (const [side, flag] of [
  ['client', 'resetClient'],
  ['backend', 'resetBackend'],
] as const)
  test(`a RST of the ${side}’s ends the connection`, () => {
    const dialogue = talk(bed).exchange();
    const send = (part = {}) => (side === 'client' ? dialogue.fromClient(part) : dialogue.fromBackend(part));
    assert.equal(send({ flags: FLAG.RST | FLAG.ACK }).verdict, 'redirect');
    assert.ok(flagsOf(dialogue).includes(flag));
  });

test('a RST that nobody would believe passes, and changes nothing here', () => {
  const dialogue = talk(bed).exchange();
  const outside = (dialogue.clientNext + 0x40000000) >>> 0;
  assert.equal(dialogue.fromClient({ flags: FLAG.RST, seq: outside }).verdict, 'redirect');
  assert.deepEqual(flagsOf(dialogue), ESTABLISHED);
});

test('who goes on talking has not reset anything', () => {
  const dialogue = talk(bed).exchange();
  dialogue.fromClient({ flags: FLAG.RST });
  assert.ok(flagsOf(dialogue).includes('resetClient'));
  dialogue.fromClient(DATA);
  assert.deepEqual(flagsOf(dialogue), ESTABLISHED);
});

test('a RST and a SYN from somebody who has guessed a number nearby end nothing', () => {
  const dialogue = talk(bed).exchange();
  const { clientNext, backendNext } = dialogue;
  const { local } = dialogue.translation;
  dialogue.fromClient({ flags: FLAG.RST, seq: (clientNext + 100_000) >>> 0 });
  assert.deepEqual(flagsOf(dialogue), [...ESTABLISHED, 'resetDoubted']);
  assert.equal(dialogue.fromClient({ flags: FLAG.SYN, seq: 77, ack: 0 }).counted.opened, undefined);
  assert.deepEqual(flagsOf(dialogue), ESTABLISHED);
  dialogue.clientNext = clientNext;
  dialogue.backendNext = backendNext;
  assert.equal(dialogue.fromClient(DATA).counted.toBackend, 1);
  assert.equal(dialogue.translation.local.port, local.port);
});

test('a RST behind data that is under way is doubted, and the backend may begin anew', () => {
  const dialogue = talk(bed).exchange();
  const { local } = dialogue.translation;
  dialogue.fromClient(DATA);
  dialogue.fromClient({ flags: FLAG.RST });
  assert.ok(flagsOf(dialogue).includes('resetDoubted'));
  dialogue.syn({ seq: 12_345 });
  dialogue.synAck({ seq: 77 });
  dialogue.fromClient();
  assert.deepEqual(flagsOf(dialogue), ESTABLISHED);
  assert.equal(dialogue.translation.local.port, local.port);
});

test('a FIN before the handshake is complete changes nothing here', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  dialogue.fromClient({ ...FIN, ack: 1 });
  dialogue.fromClient({ flags: FLAG.FIN });
  assert.deepEqual(flagsOf(dialogue), ['open']);
  dialogue.synAck();
  dialogue.fromClient({ flags: FLAG.FIN });
  assert.deepEqual(flagsOf(dialogue), ['open', 'answered']);
});

test('a handshake that is completed by a FIN', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  dialogue.synAck();
  dialogue.fromClient({ ...DATA, ...FIN });
  assert.deepEqual(flagsOf(dialogue), [...ESTABLISHED, 'finClient']);
});

test('a FIN far from where the connection is changes nothing here', () => {
  const dialogue = talk(bed).exchange();
  const { clientNext, backendNext } = dialogue;
  dialogue.fromClient({ ...FIN, seq: (clientNext + 0x4000000) >>> 0 });
  dialogue.fromClient({ ...FIN, seq: (clientNext - 0x4000000) >>> 0 });
  dialogue.fromBackend({ ...FIN, seq: (backendNext + 0x10000000) >>> 0 });
  assert.deepEqual(flagsOf(dialogue), ESTABLISHED);
});

test('a FIN behind what is under way is one, with more of it on the way from a backend', () => {
  const dialogue = talk(bed).exchange();
  const { clientNext, backendNext } = dialogue;
  dialogue.fromClient({ ...FIN, seq: (clientNext + 0x1000000) >>> 0 });
  assert.deepEqual(flagsOf(dialogue), [...ESTABLISHED, 'finClient']);
  dialogue.fromBackend({ ...FIN, seq: (backendNext + 0x4000000) >>> 0 });
  assert.deepEqual(flagsOf(dialogue), [...ESTABLISHED, 'finClient', 'finBackend']);
});

test('a backend that refuses is counted, and the next SYN is another connection', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  const number = dialogue.connection!.backendNumber;
  const { local } = dialogue.translation;
  dialogue.fromBackend({ flags: FLAG.RST | FLAG.ACK, seq: 0 });
  assert.ok(flagsOf(dialogue).includes('resetBackend'));
  dialogue.syn();
  assert.deepEqual(flagsOf(dialogue), ['open']);
  assert.deepEqual(bed.backend(number), { active: 1, opened: 2, established: 0, unanswered: 0, refused: 1 });
  assert.notEqual(dialogue.translation.local.port, local.port);
});

test('a RST that answers something else than the SYN is no refusal', () => {
  const dialogue = talk(bed);
  dialogue.syn();
  const number = dialogue.connection!.backendNumber;
  dialogue.fromClient({ ack: 1 });
  dialogue.fromBackend({ flags: FLAG.RST, seq: 1, ack: 0 });
  assert.equal(bed.backend(number).refused, 0);
});

/** Ends a connection from the client's side. */
function close(dialogue: Dialogue): void {
  dialogue.fromClient(FIN);
  dialogue.fromBackend(FIN);
  dialogue.fromClient();
}

test('a SYN from a port whose last connection is over opens another one', () => {
  const dialogue = talk(bed).exchange();
  close(dialogue);
  const before = dialogue.translation;
  const { counted } = dialogue.syn({ seq: 12_345 });
  assert.equal(counted.opened, 1);
  assert.notEqual(dialogue.translation.local.port, before.local.port);
  assert.equal(bed.connections().filter(({ client }) => client.port === dialogue.client.port).length, 1);
});

test('a SYN in the middle of a connection is the backend’s to answer', () => {
  const dialogue = talk(bed).exchange();
  const { local } = dialogue.translation;
  const { counted } = dialogue.syn({ seq: 12_345 });
  assert.deepEqual([counted.opened, counted.toBackend], [undefined, 1]);
  assert.equal(dialogue.translation.local.port, local.port);
});

test('connections of different generations in one slot do not see one another’s segments', () => {
  using small = new PacketBed({ slots: 1 });
  const service = small.addService({
    listen: { address: '198.51.100.10', port: 80 },
    backends: [{ address: '10.1.1.1', port: 80 }],
  });
  const first = new Dialogue(small, service).exchange();
  close(first);
  const second = new Dialogue(small, service).exchange();
  assert.equal(first.fromClient().counted.resetUnknown, 1);
  assert.equal(first.fromBackend().verdict, 'pass', 'the backend’s are the host’s to answer');
  assert.equal(second.fromClient().counted.toBackend, 1);
});
