import assert from 'node:assert/strict';
import { join } from 'node:path';
import { detachForwarder } from '../src/forwarder/detach.js';
import { forwarderPlan, programOn } from '../src/forwarder/installation.js';
import { linkInfo, programById } from '../src/kernel/info.js';
import { interfaceIndex } from '../src/kernel/interface.js';
import { NativeMemory } from '../src/kernel/memory.js';
import { openPinned } from '../src/kernel/pin.js';
import { runOnPacket } from '../src/kernel/test-run.js';
import { DO_NOT_FRAGMENT, PROTOCOL } from '../src/lab/ip-packet.js';
import { FLAG } from '../src/lab/tcp.js';
import { amount } from './support/amount.js';
import { MAC, useNetwork } from './support/forwarder/network.js';
import { FORWARDER_SCRIPT, prepare, type Section } from './support/forwarder/on-host.js';
import { afterEach, test } from './support/forwarder/test.js';
import { Changes } from './support/lifecycle.js';
import { buildFrame, parseFrame } from './support/packets/frame.js';
import { Random } from './support/random.js';

useNetwork();
afterEach(() => detachForwarder());

const SERVICE = '198.51.100.10';
const OTHER = '198.51.100.20';
const PORT = 443;

/** Those of the service that is always there; some of them come and go. */
const OWN = ['10.1.1.1', '10.1.1.2'];
const OTHERS = ['10.1.1.3', '10.1.1.4'];

const NOTHING = new Uint8Array();
const IP = {
  protocol: PROTOCOL.TCP,
  ttl: 64,
  tos: 0,
  id: 0,
  fragment: DO_NOT_FRAGMENT,
  options: NOTHING,
  flowLabel: 0,
};
const SYN = { seq: 1, ack: 0, flags: FLAG.SYN, window: 65_535, options: NOTHING, payload: NOTHING };

const SCHEDULERS = ['maglev', 'source', 'round-robin', 'least-connections'];

/** Any settings under which a client of the service is to reach one of its backends. */
function anySection(random: Random): Section {
  const some = (from: readonly string[]): readonly string[] => {
    const chosen = from.filter(() => random.oneIn(2));
    return chosen.length > 0 ? chosen : [random.of(from)];
  };
  const service = (name: string, listen: string, backends: readonly string[]) => ({
    name,
    listen: `${listen}:${PORT}`,
    scheduler: random.of(SCHEDULERS),
    health: { type: 'none' },
    backends: some(backends).map((address) => ({ address: `${address}:80`, weight: 1 + random.below(3) })),
  });
  const services = [service('own', SERVICE, OWN)];
  if (random.oneIn(2)) services.unshift(service('other', OTHER, OTHERS));
  return {
    interfaces: random.oneIn(2) ? ['clients', 'backends'] : ['clients', 'backends', 'other'],
    localAddresses: some(['10.1.0.10', '10.1.0.11']),
    capacity: 5_000,
    services,
  };
}

function synFrom(port: number, client: number): Uint8Array {
  return buildFrame({
    ethernet: { source: MAC.clientRouter, destination: MAC.clients },
    ip: { ...IP, src: `203.0.113.${client}`, dst: SERVICE },
    tcp: { ...SYN, sport: port, dport: PORT },
  });
}

const XDP_REDIRECT = 4;
const TURNS = amount(150, 'changes');
const FRAME_BYTES = 256;

test('while settings change, every client reaches a backend of its service', async (t) => {
  const random = new Random(Random.seed());
  t.diagnostic(`TRUEPEER_SEED=${random.seed} makes the same settings again`);
  const turns = [];
  for (let turn = 0; turn < 20; turn++) turns.push(await prepare(anySection(random)));
  using changes = new Changes(FORWARDER_SCRIPT);
  const change = await changes.start({ start: turns[0]!, turns });
  await change.output.waitForLine(/^turn 0$/);

  using link = openPinned(join(forwarderPlan().directory, programOn('clients').pin));
  using program = programById(linkInfo(link).programId);
  using frame = new NativeMemory(FRAME_BYTES);
  const ifindex = interfaceIndex('clients')!;
  const reached = new Map<string, number>();
  let sent = 0;
  while (!change.output.text.includes(`turn ${TURNS}\n`)) {
    for (let batch = 0; batch < 200; batch++, sent++) {
      const bytes = synFrom(1_024 + (sent % 60_000), 1 + (sent % 250));
      frame.bytes.set(bytes);
      const { returned, length } = runOnPacket(program, frame, { length: bytes.length, ifindex });
      assert.equal(returned, XDP_REDIRECT, `SYN ${sent} was not forwarded`);
      const out = parseFrame(frame.bytes.subarray(0, length))!;
      reached.set(out.ip.dst, (reached.get(out.ip.dst) ?? 0) + 1);
    }
    await new Promise(setImmediate);
  }
  change.kill();
  t.diagnostic(`${sent} connections opened during ${TURNS} changes`);
  assert.deepEqual([...reached.keys()].sort(), OWN);
});
