import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { detachReceiver } from '../src/receiver/detach.js';
import { type Answers, answersOf, infoWithoutTime } from './support/answers.js';
import { type Attempt, createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { CLIENT, hex } from './support/options.js';

/** Of servers that listen on IPv4 and, dual-stack, on both. */
const PORT = { inet: 7004, inet6: 7006 } as const;

let backend: HandmadeBackend;
let clientless: Record<'unconnected' | 'listening' | 'udp', Parameters<typeof answersOf>[0]>;

before(async () => {
  backend = await createHandmadeBackend();
  backend.attach();
  const probe = await backend.serve('sockopt-probe', '0.0.0.0', PORT.inet);
  clientless = JSON.parse((await probe.waitForLine(/^\{/)).input!);
  await backend.serve('sockopt-probe', '::', PORT.inet6);
});
after(() => backend[Symbol.asyncDispose]());

const ask = async (attempt: Attempt): Promise<Answers> =>
  answersOf(JSON.parse((await backend.see(attempt)).line));

test('getpeername and option 4096 (NAT64) answer byte for byte as the kernel modules do', async () => {
  backend.attach();
  const { inet, inet6 } = PORT;
  const { ipv4, ipv6 } = CLIENT;
  const nat64 = '20010db8000000000000000000000007 1092 0000';
  const table: [Attempt, string, string][] = [
    [{ port: inet, ackOptions: ipv4 }, '0200 1092 cb007107 0000000000000000', 'EFAULT'],
    [{ port: inet, ackOptions: ipv6 }, '0200 9c40 0a090002 0000000000000000', nat64],
    [{ port: inet }, '0200 9c40 0a090002 0000000000000000', 'EINVAL'],
    [{ port: inet6, ackOptions: ipv4 }, '0a00 1092 00000000 00000000000000000000ffffcb007107 00000000', 'EFAULT'],
    [{ port: inet6, ackOptions: ipv6 }, '0a00 1092 00000000 20010db8000000000000000000000007 00000000', 'EFAULT'],
    [{ port: inet6 }, '0a00 9c40 00000000 00000000000000000000ffff0a090002 00000000', 'EINVAL'],
    [{ port: inet6, over: 'ipv6', ackOptions: ipv4 }, '0a00 1092 00000000 00000000000000000000ffffcb007107 00000000', 'EFAULT'],
    [{ port: inet6, over: 'ipv6', ackOptions: ipv6 }, '0a00 1092 00000000 20010db8000000000000000000000007 00000000', 'EFAULT'],
    [{ port: inet6, over: 'ipv6' }, '0a00 9c40 00000000 fd090000000000000000000000000002 00000000', 'EINVAL'],
  ];
  for (const [attempt, peername, answer] of table) {
    const answers = await ask(attempt);
    const title = JSON.stringify(attempt);
    assert.equal(answers['getpeername'], peername.replaceAll(' ', ''), title);
    assert.equal(answers['ip/4096/20'], answer.replaceAll(' ', ''), title);
    assert.equal(answers['ip/4096/64'], answers['ip/4096/20'], `with more room: ${title}`);
    assert.equal(answers['ip/4096/19'], 'EINVAL', `with too little room: ${title}`);
  }
});

test('options 1345, 1346 and 1347 answer the VIP and the VPC tunnel, byte for byte', async () => {
  backend.attach({ profiles: ['alibaba-slb'] });
  const vtoa4 = hex('fc14 1092 cb007107 05060708 c6336401 01bb 0000');
  const vtoa6 = hex('f928 1092 20010db8000000000000000000000007 050607 00 20010db8000000000000000000000443');
  const rds = (local: string, vs4: string): string => `06000000 cb007107 1092 0000 ${local} 0000 ${vs4}`;
  const vs4 = '05060708 c6336401 01bb 0000';
  const vs6of4 = '05060708 c6336401 000000000000000000000000 0200 01bb';
  const vs6 = '05060700 20010db8000000000000000000000443 0a00 0000';
  const table: [Attempt, vs4: string, rds: string, vs6: string][] = [
    [{ port: PORT.inet, ackOptions: vtoa4 }, vs4, rds('0a090001 1b5c', vs4), vs6of4],
    [{ port: PORT.inet6, ackOptions: vtoa4 }, vs4, rds('0a090001 1b5e', vs4), vs6of4],
    [{ port: PORT.inet6, over: 'ipv6', ackOptions: vtoa6 }, 'ESRCH', 'ESRCH', vs6],
    [{ port: PORT.inet, ackOptions: CLIENT.ipv4 }, 'ESRCH', 'ESRCH', 'ESRCH'],
    [{ port: PORT.inet }, 'ESRCH', 'ESRCH', 'ESRCH'],
  ];
  for (const [attempt, ...expected] of table) {
    const answers = await ask(attempt);
    const [vs4, vs4Rds, vs6] = expected.map((answer) => answer.replaceAll(' ', ''));
    const { getpeername, 'tcp/0x5450/71': _, 'tcp/0x5450/72': __, ...vtoa } = answers;
    const short = { 'ip/1345/11': 'EINVAL', 'ip/1346/31': 'EINVAL', 'ip/1346/33': 'EINVAL' };
  }
});
