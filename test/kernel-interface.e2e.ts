import assert from 'node:assert/strict';
import { existsSync, unlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RouteMemory } from '../src/forwarder/route-memory.js';
import { routesTo } from '../src/forwarder/routes.js';
import { ensureBpffs } from '../src/kernel/bpffs.js';
import { detachLink, replaceProgram } from '../src/kernel/cgroup-link.js';
import { linkInfo } from '../src/kernel/info.js';
import { interfaceIndex, takesOffVlanTags } from '../src/kernel/interface.js';
import { index, lookup } from '../src/kernel/map.js';
import { MappedArray } from '../src/kernel/mapped-array.js';
import { NativeMemory } from '../src/kernel/memory.js';
import { LoadedObject } from '../src/kernel/object.js';
import { openPinned, pin } from '../src/kernel/pin.js';
import { injectFrame, runOnPacket, runSyscallProgram } from '../src/kernel/test-run.js';
import { attachXdp, XdpMode } from '../src/kernel/xdp-link.js';
import { run } from '../src/lab/run.js';
import { waitUntil } from '../src/lab/wait.js';
import { after, before, test } from './support/forwarder/test.js';

const OBJECT = fileURLToPath(new URL('bpf/interface.bpf.o', import.meta.url));
const CELL = { size: 20, stride: 24, frames: 0, ifindex: 4, long: 8, bytes: 16 } as const;
const CELLS = 1000;
const FRAME_BYTES = 64;
const XDP_PASS = 2;
const XDP_TX = 3;

let object: LoadedObject;
let cells: MappedArray;

before(async () => {
  ensureBpffs();
  await run(['ip', 'link', 'add', 'left', 'up', 'type', 'veth', 'peer', 'name', 'right']);
  await run(['ip', 'link', 'set', 'right', 'up']);
  object = LoadedObject.load(OBJECT, { maxEntries: { cells: CELLS } });
  cells = new MappedArray(object.map('cells'));
});
after(async () => {
  cells[Symbol.dispose]();
  object[Symbol.dispose]();
  await run(['ip', 'link', 'del', 'left']);
});

function frame(): NativeMemory {
  const memory = new NativeMemory(FRAME_BYTES + 8);
  memory.bytes.fill(0xff, 0, 6);
  return memory;
}

test('an array in memory is what programs and lookups see', () => {
  assert.equal(cells.length, CELLS);
  cells.setWord(7, CELL.frames, 0xfedc_ba98);
  cells.write(7, CELL.bytes, Uint8Array.of(1, 2, 3, 4));
  const value = lookup(object.map('cells'), index(7), CELL.size)!;
  assert.equal(value.readUInt32LE(CELL.frames), 0xfedc_ba98);
  assert.deepEqual([...value.subarray(CELL.bytes)], [1, 2, 3, 4]);
  assert.deepEqual(cells.read(7, 0, CELL.size), value);
  cells.setWord(8, CELL.long, 1);
  cells.setWord(8, CELL.long + 4, 2);
  assert.equal(cells.long(8, CELL.long), 0x2_0000_0001n);
  cells.setWord(7, CELL.frames, 0);
});

test('no access leaves the value it names', () => {
  for (const [entry, offset] of [
    [-1, 0],
    [CELLS, 0],
    [0.5, 0],
    [Number.NaN, 0],
    [0, -4],
    [0, CELL.stride],
    [0, 2],
  ] as const)
    assert.throws(() => cells.word(entry, offset), RangeError);
  assert.throws(() => cells.long(0, CELL.stride - 4), RangeError);
  assert.throws(() => cells.write(0, CELL.bytes, new Uint8Array(9)), RangeError);
  const ended = new MappedArray(object.map('cells'));
  ended[Symbol.dispose]();
  ended[Symbol.dispose]();
  assert.throws(() => ended.word(0, 0), RangeError);
});

test('a pinned XDP link stays, and another program takes over in place', async () => {
  const ifindex = interfaceIndex('left')!;
  const path = '/sys/fs/bpf/truepeer-test-link';
  {
    using link = attachXdp(object.program('first'), ifindex, 'left', XdpMode.native);
    pin(link, path);
  }
  using link = openPinned(path);
  assert.equal(linkInfo(link).ifindex, ifindex);
  const seen = () => [cells.word(0, CELL.frames), cells.word(1, CELL.frames)] as const;
  // Nobody has the address, so that a question for it goes out each time.
  const send = () => run(['bash', '-c', 'echo > /dev/udp/192.0.2.1/9']);
  await run(['ip', 'addr', 'add', '192.0.2.2/24', 'dev', 'right']);
  await send();
  await waitUntil('frames at the first program', () => seen()[0] > 0);
  assert.equal(cells.word(0, CELL.ifindex), ifindex);
  replaceProgram(link, object.program('second'));
  await send();
  await waitUntil('frames at the second program', () => seen()[1] > 0);
  detachLink(link);
  assert.equal(linkInfo(link).ifindex, 0);
  unlinkSync(path);
  assert.ok(!existsSync(path));
});

test('an interface that is taken, or cannot, says so and what to do', () => {
  const left = interfaceIndex('left')!;
  using _link = attachXdp(object.program('first'), left, 'left', XdpMode.native);
  assert.throws(
    () => attachXdp(object.program('second'), left, 'left', XdpMode.native),
    /^XdpRefusedError: left takes no XDP program \(E\w+.*another program has it/,
  );
  const lo = interfaceIndex('lo')!;
  assert.throws(
    () => attachXdp(object.program('first'), lo, 'lo', XdpMode.native),
    /lo takes no XDP program \(ENOTSUP, "[^"]+"\): its driver has no native XDP/,
  );
  using generic = attachXdp(object.program('first'), lo, 'lo', XdpMode.generic);
  assert.equal(linkInfo(generic).ifindex, lo);
  assert.equal(interfaceIndex('none'), undefined);
});

test('whether VLAN tags are taken off is as ethtool says', async () => {
  for (const state of ['off', 'on']) {
    await run(['ethtool', '-K', 'left', 'rxvlan', state]);
    assert.equal(takesOffVlanTags('left'), state === 'on');
  }
  assert.equal(takesOffVlanTags('none'), false);
});

test('an MTU beyond a page is refused in the words of the driver, and with a remedy', async () => {
  for (const name of ['left', 'right']) await run(['ip', 'link', 'set', name, 'mtu', '9000']);
  assert.throws(
    () => attachXdp(object.program('first'), interfaceIndex('left')!, 'left', XdpMode.native),
    /left takes no XDP program \(E\w+, "[^"]*MTU[^"]*"\): a frame must fit into a page: lower the MTU \(9000 now\)/,
  );
  for (const name of ['left', 'right']) await run(['ip', 'link', 'set', name, 'mtu', '1500']);
});

test('a run on a packet tells what became of it', () => {
  using packet = frame();
  packet.bytes[FRAME_BYTES - 1] = 0x77;
  const grown = runOnPacket(object.program('grow'), packet, { length: FRAME_BYTES });
  assert.deepEqual([grown.returned, grown.length], [XDP_TX, FRAME_BYTES + 8]);
  assert.equal(packet.bytes[FRAME_BYTES + 7], 0x77);

  using _link = attachXdp(object.program('second'), interfaceIndex('left')!, 'left', XdpMode.native);
  const before = cells.word(0, CELL.frames);
  const ifindex = interfaceIndex('left')!;
  const passed = runOnPacket(object.program('first'), packet, { length: FRAME_BYTES, ifindex, repeat: 100 });
  assert.equal(passed.returned, XDP_PASS);
  assert.equal(cells.word(0, CELL.frames), before + 100);
  assert.equal(cells.word(0, CELL.ifindex), ifindex);
});

test('an injected frame comes in through its interface', async () => {
  using packet = frame();
  const ifindex = interfaceIndex('left')!;
  using _link = attachXdp(object.program('second'), ifindex, 'left', XdpMode.native);
  cells.setWord(0, CELL.frames, 0);
  injectFrame(object.program('first'), packet, ifindex, FRAME_BYTES);
  assert.deepEqual([cells.word(0, CELL.frames), cells.word(0, CELL.ifindex)], [1, ifindex]);
});

test('a syscall program answers in its context', () => {
  using context = new NativeMemory(12);
  context.bytes.writeUInt32LE(40, 0);
  context.bytes.writeUInt32LE(2, 4);
  assert.equal(runSyscallProgram(object.program('add'), context), 5);
  assert.equal(context.bytes.readUInt32LE(8), 42);
});

test('routes are those that `ip route get` tells', async () => {
  const commands = [
    'addr add 10.1.0.1/24 dev left',
    'addr add fd00:1::1/64 dev left nodad',
    'route add 10.2.0.0/16 via 10.1.0.2',
    'route add fd00:2::/64 via fd00:1::2',
    'route add 10.3.0.0/16 via inet6 fd00:1::3 dev left',
    'route add unreachable 10.4.0.0/16',
    'route add unreachable fd00:4::/64',
    'route add local 10.5.0.0/16 dev lo',
  ];
  await run(['ip', '-batch', '-'], { input: commands.map((line) => `${line}\n`).join('') });
  const other = { isLocal: false, device: 'left' };
  const reached = ['10.1.0.7', '10.2.9.9', 'fd00:2::9', '10.3.0.1', '10.5.1.2', '10.1.0.1'];
  const routes = await routesTo([...reached, '10.4.0.1', 'fd00:4::1']);
  assert.deepEqual([...routes.keys()], reached);
  assert.deepEqual(
    [...routes.values()],
    [
      { ...other, destination: '10.1.0.7' },
      { ...other, destination: '10.2.9.9', gateway: '10.1.0.2' },
      { ...other, destination: 'fd00:2::9', gateway: 'fd00:1::2' },
      { ...other, destination: '10.3.0.1', gateway: 'fd00:1::3' },
      { isLocal: true, device: 'lo', destination: '10.5.1.2' },
      { isLocal: true, device: 'lo', destination: '10.1.0.1' },
    ],
  );
});

test('a remembered route is forgotten when a link, an address, a route or a rule changes', async () => {
  using memory = new RouteMemory();
  const gatewayOf = async (address: string) => (await memory.routesTo([address])).get(address)?.gateway;
  await run(['ip', 'route', 'add', '10.8.0.0/16', 'via', '10.1.0.2']);
  await run(['ip', 'route', 'add', '10.8.0.0/16', 'via', '10.1.0.4', 'table', '7']);
  await run(['ip', '-6', 'route', 'add', 'fd00:8::/64', 'via', 'fd00:1::4', 'table', '7']);
  await run(['ip', '-6', 'route', 'add', 'fd00:8::/64', 'via', 'fd00:1::2']);
  for (const [command, address, before, after] of [
    ['route replace 10.8.0.0/16 via 10.1.0.3', '10.8.0.1', '10.1.0.2', '10.1.0.3'],
    ['rule add to 10.8.0.0/16 lookup 7', '10.8.0.1', '10.1.0.3', '10.1.0.4'],
    ['-6 rule add to fd00:8::/64 lookup 7', 'fd00:8::1', 'fd00:1::2', 'fd00:1::4'],
    ['-6 rule del to fd00:8::/64 lookup 7', 'fd00:8::1', 'fd00:1::4', 'fd00:1::2'],
    ['rule del to 10.8.0.0/16 lookup 7', '10.8.0.1', '10.1.0.4', '10.1.0.3'],
    ['link set left down', '10.8.0.1', '10.1.0.3', undefined],
  ] as const) {
    assert.equal(await gatewayOf(address), before, command);
    await run(['ip', ...command.split(' ')]);
    await waitUntil(`the route after ip ${command}`, async () => (await gatewayOf(address)) === after);
  }
});
