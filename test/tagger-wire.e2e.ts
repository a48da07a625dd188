import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openCgroup } from '../src/kernel/cgroup.js';
import { attachToCgroup, CgroupHook } from '../src/kernel/cgroup-link.js';
import { LoadedObject } from '../src/kernel/object.js';
import { FLAG, type Segment } from '../src/lab/segments.js';
import type { TaggedSegment } from '../src/tagger/settings.js';
import { Capture, optionsOf, sendAsOnWires } from './support/capture.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import type { Family } from './support/clients.js';
import { hex } from './support/options.js';

const { backend, forwarder } = ADDRESSES;
const PORT = 9000;
/** More than a segment holds, and twice. */
const BYTES = 4000;
const MTU = 1500;

/** Takes BYTES, answers, takes BYTES more, answers again. */
const SERVER = `
import socket
listener = socket.create_server(("::", ${PORT}), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    peer, _ = listener.accept()
    with peer:
        for _ in range(2):
            peer.recv(${BYTES}, socket.MSG_WAITALL)
            peer.send(b"taken")
        peer.recv(1)
`;

/** Binds to a client, and sends more once it has its answer. */
const CLIENT = (client: string, server: string) => `
import socket
socket = socket.create_connection(("${server}", ${PORT}), source_address=("${client}", 4242))
for _ in range(2):
    socket.sendall(bytes(${BYTES}))
    assert socket.recv(5, 256) == b"taken"
`;

/** What a client's option is on the wire, and how many bytes it takes there. */
const TAGS: Record<
  string,
  { family: Family; client: string; kind: string; option: Uint8Array; room: number }
> = {
  'an IPv4 client': {
    family: 'ipv4',
    client: '198.51.100.7',
    kind: '254/8',
    option: hex('fe08 1092 c6336407'),
    room: 8,
  },
  'an IPv6 client': {
    family: 'ipv6',
    client: '2001:db8:9::7',
    kind: '254/20',
    option: hex('fe14 1092 20010db8 00090000 00000000 00000007'),
    room: 20,
  },
  'an IPv4 client without its port': {
    family: 'ipv4',
    client: '198.51.100.7',
    kind: '28/7',
    option: hex('1c07 01 c6336407'),
    room: 8,
  },
};

let chain: Chain;
before(async () => {
  chain = await createChain();
  await sendAsOnWires(chain);
  await chain.backend.spawn('python3', ['-c', SERVER]).waitForPort(PORT);
});
after(() => chain[Symbol.asyncDispose]());

/** What the forwarder sent during one connection, by part of it. */
async function sent(
  { family, client, kind }: (typeof TAGS)[string],
  on: readonly TaggedSegment[],
): Promise<{ syn: Segment; ack: Segment; first: Segment[]; later: Segment[]; told: string[] }> {
  chain.tag({ [family]: kind, on });
  const capture = await Capture.start(chain.backend, PORT);
  await chain.forwarder.run('python3', ['-c', CLIENT(client, backend[family])], { cgroup: 'proxy' });
  const all = await capture.stop();
  const [syn, ack, ...rest] = all.filter(({ src }) => src === forwarder[family]);
  const relative = ({ seq }: Segment) => (seq - syn!.seq - 1) >>> 0;
  assert.ok(syn!.flags === FLAG.SYN && ack!.flags === FLAG.ACK && ack!.payload.length === 0);
  return {
    syn: syn!,
    ack: ack!,
    // The first flight is under way before the backend can have acknowledged anything.
    first: rest.filter((segment) => segment.payload.length > 0 && relative(segment) < BYTES),
    later: rest.filter((segment) => relative(segment) >= BYTES),
    told: await capture.told(),
  };
}

function tagsOn(segment: Segment, option: Uint8Array): number {
  return optionsOf(segment).filter((found) => Buffer.from(option).equals(found)).length;
}

for (const [title, tag] of Object.entries(TAGS))
  test(`${title} is a legal option on SYN, ACK and the first data, and on nothing later`, async () => {
    const { syn, ack, first, later, told } = await sent(tag, ['syn', 'ack', 'data']);
    const tagged = [syn, ack, ...first];
    for (const segment of tagged) assert.equal(tagsOn(segment, tag.option), 1);
    assert.ok(first.length > 1 && later.length > 1);
    for (const segment of later) {
      const kinds = optionsOf(segment).map(([kind]) => kind);
      assert.deepEqual(kinds, [8], 'timestamps only');
    }

    // Full segments are full with the option and without it, and never larger.
    const header = tag.family === 'ipv4' ? 40 : 60;
    const size = ({ options, payload }: Segment) => header + options.length + payload.length;
    assert.equal(Math.max(...first.map(size)), MTU);
    assert.equal(Math.max(...later.map(size)), MTU);
    assert.equal(Math.max(...later.map(({ payload }) => payload.length)), MTU - header - 12);
    assert.equal(Math.max(...first.map(({ payload }) => payload.length)), MTU - header - 12 - tag.room);

    // Kind 28 is also another option's, of another length (RFC 5482), and tcpdump takes it for that.
    const complaint = tag.kind === '28/7' ? /incorrect|bad hdr/ : /incorrect|bad hdr|bad opt/;
    for (const line of told) assert.doesNotMatch(line, complaint);
    assert.ok(told.length > tagged.length);
  });

for (const on of [['syn'], ['ack'], ['data'], ['syn', 'data']] as const)
  test(`told to write on ${on.join(' and ')}, it writes on nothing else`, async () => {
    const tag = TAGS['an IPv4 client']!;
    const { syn, ack, first, later } = await sent(tag, on);
    const parts = { syn: [syn], ack: [ack], data: first, later };
    for (const [part, segments] of Object.entries(parts))
      for (const segment of segments)
        assert.equal(tagsOn(segment, tag.option), on.some((wanted) => wanted === part) ? 1 : 0, part);
  });

for (const [title, client] of [
  ['no client was named', forwarder.ipv4],
  ['a client was named', TAGS['an IPv4 client']!.client],
] as const)
  test(`where ${title}, another program's options stay on every segment`, async () => {
    const object = fileURLToPath(new URL('bpf/option-writer.bpf.o', import.meta.url));
    using writer = LoadedObject.load(object);
    using cgroup = openCgroup(chain.forwarder.cgroupNamed('proxy'));
    using _attached = attachToCgroup(writer.program('option_writer'), cgroup, CgroupHook.sockOps);
    const tag = { ...TAGS['an IPv4 client']!, client };
    const { syn, ack, first, later } = await sent(tag, ['syn', 'ack', 'data']);
    assert.ok(first.length > 1 && later.length > 1);
    for (const segment of [syn, ack, ...first, ...later]) assert.equal(tagsOn(segment, hex('c804 1234')), 1);
    const isNamed = client !== forwarder.ipv4;
    for (const segment of [syn, ack, ...first]) assert.equal(tagsOn(segment, tag.option), Number(isNamed));
    for (const segment of later) assert.equal(tagsOn(segment, tag.option), 0);
  });
