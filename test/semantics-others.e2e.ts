import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { detachReceiver } from '../src/receiver/detach.js';
import { createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';

/**
 * Asks for options that are none of ours, and offers less, as much and more than a page. NETLINK_LIST_MEMBERSHIPS says how
 * long its answer would be where that does not fit, SO_GET_FILTER how many instructions the filter has.
 */
const ASK = `
import ctypes, errno, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def ask(end, level, option, size):
    value = ctypes.create_string_buffer(b"?" * 16, 8192)
    length = ctypes.c_uint(size)
    status = libc.getsockopt(end.fileno(), level, option, value, ctypes.byref(length))
    said = "ok" if status == 0 else errno.errorcode[ctypes.get_errno()]
    print("%d/%d/%d" % (level, option, size), said, length.value, value.raw[:16].hex())
link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
link.setsockopt(270, 1, 1)
for size in (0, 4, 8, 64, 5000):
    ask(link, 270, 9, size)
filtering = socket.socket()
everything = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0xffffffff))
filtering.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(everything)))
for size in (0, 1):
    ask(filtering, socket.SOL_SOCKET, 26, size)
ask(filtering, socket.IPPROTO_TCP, socket.TCP_INFO, 5000)
ask(filtering, socket.IPPROTO_TCP, 9999, 4)
ask(filtering, socket.IPPROTO_TCP, 9999, 5000)
`;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
});
after(() => backend[Symbol.asyncDispose]());

async function answers(): Promise<string[]> {
  const { stdout } = await backend.host.run('python3', ['-c', ASK]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => (line.startsWith('6/11/') ? line.slice(0, 15) : line));
}

test('what getsockopt() answers to programs that ask for other options stays as it is', async () => {
  detachReceiver();
  const without = await answers();
  assert.match(without[0]!, /^270\/9\/0 ok [48] /, 'the answer would be longer than what was offered');
  assert.match(without[5]!, /^1\/26\/0 ok 1 /);
  backend.attach();
  assert.deepEqual(await answers(), without);
});
