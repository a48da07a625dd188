import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FLAG } from '../src/lab/tcp.js';
import { amount } from './support/amount.js';
import { echoes, openings, partOf, services, type Turn, turns } from './support/forwarder/arbitraries.js';
import { type Outcome, PacketBed } from './support/forwarder/bed.js';
import { type Dialogue, talk } from './support/forwarder/dialogue.js';
import { mirrored } from './support/forwarder/mirror.js';
import { useNetwork } from './support/forwarder/network.js';
import { test } from './support/forwarder/test.js';
import { parseFrame, type TcpFrame } from './support/packets/frame.js';
import { NOP, options, timestamps } from './support/packets/options.js';
import { showFrame } from './support/packets/show.js';

useNetwork();

const WAYS = [
  { name: 'IPv4', family: 4, backend: '10.1.1.1' },
  { name: 'IPv6', family: 6, backend: 'fd00:1::1:1' },
  { name: 'NAT64', family: 6, backend: '10.1.1.1' },
  { name: 'IPv4 clients, IPv6 backend', family: 4, backend: 'fd00:1::1:1' },
  { name: 'IPv4 into a VLAN', family: 4, backend: '10.7.0.1' },
  { name: 'IPv4, a narrow path', family: 4, backend: '10.3.0.1' },
  { name: 'NAT64, a narrow path', family: 6, backend: '10.3.0.1' },
] as const;

const RUNS = amount(150, 'random cases of each kind');

for (const { name, family, backend } of WAYS)
  test(`any segments in any order leave as the model says: ${name}`, () => {
    using bed = new PacketBed({ slots: 1024, embryos: 1024 });
    fc.assert(
      fc.property(
        services,
        openings(FLAG.SYN),
        openings(FLAG.SYN | FLAG.ACK),
        turns,
        (service, syn, synAck, list) => {
          bed.forgetServices();
          const backends = [{ address: backend, port: 80 }];
          const dialogue = talk(bed, { ...service, backends }, family);
          assertValid(dialogue.syn(partOf(syn)));
          if (dialogue.connection === undefined) return;
          assertValid(dialogue.synAck(partOf(synAck)));
          for (const turn of list) assertTurn(dialogue, turn);
        },
      ),
      { numRuns: RUNS, includeErrorInReport: true },
    );
  });

for (const { name, family, backend } of WAYS)
  test(`what comes back as it went is what was sent: ${name}`, () => {
    using bed = new PacketBed({ slots: 1024 });
    const opening = { options: options(NOP, NOP, timestamps(1000, 0)) };
    const dialogue = talk(bed, { backends: [{ address: backend, port: 80 }] }, family);
    dialogue.handshake({ syn: opening, synAck: opening });
    dialogue.fromBackend({ payload: Buffer.from('answer') });
    dialogue.fromClient();
    fc.assert(
      fc.property(echoes, (sketch) => {
        const part = partOf(sketch);
        const sent = dialogue.clientFrame(part);
        const there = parseTcpFrame(dialogue.fromClient(part));
        const back = parseTcpFrame(bed.send(mirrored(there), 'backends'));
        assertSameSegment(mirrored(back), sent);
      }),
      { numRuns: RUNS, includeErrorInReport: true },
    );
  });

function parseTcpFrame({ bytes }: Outcome): TcpFrame {
  const frame = parseFrame(bytes);
  assert.ok(frame !== undefined && 'tcp' in frame);
  return frame;
}

/** The same but for what two routers and two IP versions leave of a header. */
function assertSameSegment({ ip, tcp }: TcpFrame, sent: TcpFrame): void {
  const { src, dst, tos } = sent.ip;
  assert.deepEqual({ src: ip.src, dst: ip.dst, tos: ip.tos, tcp }, { src, dst, tos, tcp: sent.tcp });
}

/** Forwarded unless it outgrows the path; what leaves was compared with the model on the way. */
function assertTurn(dialogue: Dialogue, { side, sketch }: Turn): void {
  const part = partOf(sketch);
  const isTooBig = dialogue.isTooBig(side, part);
  const outcome = side === 'client' ? dialogue.fromClient(part) : dialogue.fromBackend(part);
  const { toBackend = 0, toClient = 0, tooBig = 0 } = outcome.counted;
  const forwarded = side === 'client' ? toBackend : toClient;
  assert.deepEqual({ forwarded, tooBig }, { forwarded: isTooBig ? 0 : 1, tooBig: isTooBig ? 1 : 0 });
  assertValid(outcome);
}

/** What leaves has right lengths and checksums, whatever else it is. */
function assertValid({ verdict, bytes, counted }: Outcome): void {
  assert.ok(verdict === 'redirect' || verdict === 'tx', `${verdict}: ${JSON.stringify(counted)}`);
  assert.doesNotMatch(showFrame(bytes).join('\n'), /WRONG|not a frame/);
}
