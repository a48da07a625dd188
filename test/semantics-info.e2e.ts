import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readStats } from '../src/receiver/stats.js';
import { type Attempt, createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { CLIENT, hex } from './support/options.js';
import { ask, assertAnswer, type Clientless, startProbe } from './support/probe.js';

const INET = 7004;
const DUAL = 7006;
const INFO = 'tcp/0x5450/72';

let backend: HandmadeBackend;
let clientless: Clientless;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
  await startProbe(backend, '0.0.0.0', INET);
  clientless = await startProbe(backend, '::', DUAL);
});
after(() => backend[Symbol.asyncDispose]());

const mapped = (ipv4: string): string => `00000000000000000000ffff ${ipv4}`;
const v6 = '20010db8000000000000000000000007';
const forwarder = mapped('0a090002');
const forwarder6 = 'fd090000000000000000000000000002';
const no = '00000000000000000000000000000000';

/** struct truepeer_info up to its time: client, peer, VIP, their ports, flags, kind, length, reserved, vid. */
const TABLE: Record<string, [Attempt, profile: string, info: string]> = {
  'a client': [
    { port: INET, ackOptions: CLIENT.ipv4 },
    'dpvs',
    `${mapped('cb007107')} ${forwarder} ${no} 1092 9c40 0000 03 fe 08 000000 00000000`,
  ],
  'an IPv6 client, over IPv6': [
    { port: DUAL, over: 'ipv6', ackOptions: CLIENT.ipv6 },
    'dpvs',
    `${v6} ${forwarder6} ${no} 1092 9c40 0000 03 fe 14 000000 00000000`,
  ],
  'an IPv6 client on AF_INET (NAT64)': [
    { port: INET, ackOptions: CLIENT.ipv6 },
    'dpvs',
    `${v6} ${forwarder} ${no} 1092 9c40 0000 23 fe 14 000000 00000000`,
  ],
  'no option: the transport peer': [
    { port: DUAL, over: 'ipv6' },
    'dpvs',
    `${forwarder6} ${forwarder6} ${no} 9c40 9c40 0000 00 00 00 000000 00000000`,
  ],
  'a client without a port: the transport peer’s': [
    { port: INET, ackOptions: hex('1c07 01 cb007107') },
    'option28',
    `${mapped('cb007107')} ${forwarder} ${no} 9c40 9c40 0000 01 1c 07 000000 00000000`,
  ],
  'client, VIP and VPC tunnel': [
    { port: INET, ackOptions: hex('fc14 1092 cb007107 05060708 c6336401 01bb 0000') },
    'alibaba-slb',
    `${mapped('cb007107')} ${forwarder} ${mapped('c6336401')} 1092 9c40 01bb 0f fc 14 000000 05060708`,
  ],
  'a VIP alone: the transport peer': [
    { port: INET, ackOptions: hex('fa08 01bb c6336401') },
    'alibaba-slb',
    `${forwarder} ${forwarder} ${mapped('c6336401')} 9c40 9c40 01bb 04 fa 08 000000 00000000`,
  ],
};

for (const [title, [attempt, profile, info]] of Object.entries(TABLE)) {
  test(`TRUEPEER_INFO tells ${title}, byte for byte`, async () => {
    backend.attach({ profiles: [profile] });
    const answers = await ask(backend, attempt);
    const { [INFO]: answer = '' } = answers;
    assert.equal(answer.slice(0, 128), info.replaceAll(' ', ''));
    const time = Buffer.from(answer.slice(128), 'hex').readBigUInt64LE();
    assert.equal(time > 0n, attempt.ackOptions !== undefined, `established_ns is ${time}`);
    assertAnswer(answers, 'tcp/0x5450/71', 'EINVAL');
  });
}

test('sockets without a client: ENOTCONN, and nothing of ours on UDP', () => {
  const calls = ['ip/4096/20', 'ip/1345/12', 'ip/1346/32', 'ip/1347/24', 'ipv6/1347/24', INFO];
  for (const call of calls) {
    assertAnswer(clientless.unconnected, call, 'ENOTCONN');
    assertAnswer(clientless.listening, call, 'ENOTCONN');
    assert.equal(clientless.udp[call], 'ENOPROTOOPT', call);
  }
});

test('every answer is counted', async () => {
  backend.attach();
  const before = readStats().sockopt;
  const { getpeername: _, ...answers } = await ask(backend, { port: INET, ackOptions: CLIENT.ipv6 });
  const answered = Object.values(answers).filter((answer) => !answer.startsWith('E'));
  assert.equal(readStats().sockopt - before, BigInt(answered.length));
});

test('with --no-sockopt getpeername alone tells the client', async () => {
  backend.attach({ sockopt: false });
  const { getpeername = '', ...answers } = await ask(backend, { port: INET, ackOptions: CLIENT.ipv4 });
  assert.match(getpeername, /^02001092cb007107/);
  for (const [call, answer] of Object.entries(answers))
    assert.equal(answer, call.startsWith('ipv6/') ? 'EOPNOTSUPP' : 'ENOPROTOOPT', call);
});
