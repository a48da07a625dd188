import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Attempt, createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { CLIENT, hex } from './support/options.js';
import { ask, assertAnswer, startProbe } from './support/probe.js';

const INET = 7004;
const DUAL = 7006;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
  await startProbe(backend, '0.0.0.0', INET);
  await startProbe(backend, '::', DUAL);
});
after(() => backend[Symbol.asyncDispose]());

/** struct sockaddr_in and sockaddr_in6: family, port, address and, all 0, what else there is. */
const inet = (port: string, address: string): string => `0200 ${port} ${address} 0000000000000000`;
const inet6 = (port: string, address: string): string => `0a00 ${port} 00000000 ${address} 00000000`;

const port4242 = '1092';
const mapped = '00000000000000000000ffffcb007107';
const v6 = '20010db8000000000000000000000007';

/** How a connection comes, then getpeername() and option 4096 with 20 bytes. */
const TABLE: readonly [Attempt, peername: string, nat64: string][] = [
  [{ port: INET, ackOptions: CLIENT.ipv4 }, inet(port4242, 'cb007107'), 'EFAULT'],
  [{ port: INET, ackOptions: CLIENT.ipv6 }, inet('9c40', '0a090002'), `${v6} ${port4242} 0000`],
  [{ port: INET }, inet('9c40', '0a090002'), 'EINVAL'],
  [{ port: DUAL, ackOptions: CLIENT.ipv4 }, inet6(port4242, mapped), 'EFAULT'],
  // As in DPVS: where getpeername() can say the IPv6 client, option 4096 is not needed, and does not.
  [{ port: DUAL, ackOptions: CLIENT.ipv6 }, inet6(port4242, v6), 'EFAULT'],
  [{ port: DUAL }, inet6('9c40', '00000000000000000000ffff0a090002'), 'EINVAL'],
  [{ port: DUAL, over: 'ipv6', ackOptions: CLIENT.ipv4 }, inet6(port4242, mapped), 'EFAULT'],
  [{ port: DUAL, over: 'ipv6', ackOptions: CLIENT.ipv6 }, inet6(port4242, v6), 'EFAULT'],
  [{ port: DUAL, over: 'ipv6' }, inet6('9c40', 'fd090000000000000000000000000002'), 'EINVAL'],
];

for (const [attempt, peername, nat64] of TABLE) {
  const { port, over = 'ipv4', ackOptions } = attempt;
  const option = ackOptions === undefined ? 'none' : ackOptions === CLIENT.ipv4 ? 'IPv4' : 'IPv6';
  const socket = port === INET ? 'AF_INET' : 'AF_INET6';

  test(`client ${option} over ${over} on ${socket}: getpeername and option 4096 byte for byte`, async () => {
    const answers = await ask(backend, attempt);
    assert.equal(answers.getpeername, bytes(peername));
    assertAnswer(answers, 'ip/4096/20', bytes(nat64));
    assertAnswer(answers, 'ip/4096/64', bytes(nat64), 'with more room');
    assertAnswer(answers, 'ip/4096/19', 'EINVAL', 'with too little room');
  });
}

function bytes(text: string): string {
  return text.startsWith('E') ? text : Buffer.from(hex(text)).toString('hex');
}
