import { after, before, test } from 'node:test';
import { type Attempt, createHandmadeBackend, type HandmadeBackend } from './support/handmade.js';
import { CLIENT, hex } from './support/options.js';
import { ask, assertAnswer, startProbe } from './support/probe.js';

const INET = 7004;
const DUAL = 7006;

let backend: HandmadeBackend;
before(async () => {
  backend = await createHandmadeBackend();
  backend.attach({ profiles: ['alibaba-slb'] });
  await startProbe(backend, '0.0.0.0', INET);
  await startProbe(backend, '::', DUAL);
});
after(() => backend[Symbol.asyncDispose]());

const VTOA4 = hex('fc14 1092 cb007107 05060708 c6336401 01bb 0000');
const VTOA6 = hex('f928 1092 20010db8000000000000000000000007 050607 00 20010db8000000000000000000000443');
const VIP = hex('fa08 01bb c6336401');
const LVS6 = hex('fd14 1092 20010db8000000000000000000000007');

const tunnel = '05060708';
const none = '00000000';
const vip = 'c6336401';
const client = 'cb007107 1092';
const forwarder = '0a090002 9c40';
/** Options 1345, 1346 and 1347: what the caller gets back. The connection's local address is 10.9.0.1 and the port. */
const vs4 = (vid: string): string => `${vid} ${vip} 01bb 0000`;
const rds = (client: string, local: string, vid: string): string =>
  `0600 0000 ${client} 0000 ${local} 0000 ${vs4(vid)}`;
const vs6of4 = (vid: string): string => `${vid} ${vip} 000000000000000000000000 0200 01bb`;
const vs6 = '05060700 20010db8000000000000000000000443 0a00 0000';

const missing = ['ESRCH', 'ESRCH', 'ESRCH'] as const;

const TABLE: Record<string, [Attempt, vs4: string, rds: string, vs6: string]> = {
  '252/20 on AF_INET': [
    { port: INET, ackOptions: VTOA4 },
    vs4(tunnel),
    rds(client, '0a090001 1b5c', tunnel),
    vs6of4(tunnel),
  ],
  '252/20 on AF_INET6': [
    { port: DUAL, ackOptions: VTOA4 },
    vs4(tunnel),
    rds(client, '0a090001 1b5e', tunnel),
    vs6of4(tunnel),
  ],
  '254/8 with 250/8': [
    { port: INET, ackOptions: Buffer.concat([CLIENT.ipv4, VIP]) },
    vs4(none),
    rds(client, '0a090001 1b5c', none),
    vs6of4(none),
  ],
  // 1346 has no room for IPv6 addresses: 0.0.0.0 stands for them.
  '253/20 with 250/8, over IPv6': [
    { port: DUAL, over: 'ipv6', ackOptions: Buffer.concat([LVS6, VIP]) },
    vs4(none),
    rds('00000000 1092', '00000000 1b5e', none),
    vs6of4(none),
  ],
  '250/8 alone': [
    { port: INET, ackOptions: VIP },
    vs4(none),
    rds(forwarder, '0a090001 1b5c', none),
    vs6of4(none),
  ],
  '249/40 over IPv6': [{ port: DUAL, over: 'ipv6', ackOptions: VTOA6 }, 'ESRCH', 'ESRCH', vs6],
  'a client without VIP': [{ port: INET, ackOptions: CLIENT.ipv4 }, ...missing],
  'no option': [{ port: INET }, ...missing],
};

for (const [title, [attempt, ...answered]] of Object.entries(TABLE)) {
  test(`${title}: options 1345, 1346 and 1347 byte for byte`, async () => {
    const answers = await ask(backend, attempt);
    const [vs4, rds, vs6] = answered.map((text) => text.replaceAll(' ', ''));
    assertAnswer(answers, 'ip/1345/12', vs4!);
    assertAnswer(answers, 'ip/1346/32', rds!);
    assertAnswer(answers, 'ip/1347/24', vs6!);
    assertAnswer(answers, 'ipv6/1347/24', vs6!);
    const wrongLengths = ['ip/1345/11', 'ip/1346/31', 'ip/1346/33', 'ip/1347/23', 'ipv6/1347/23'];
    for (const call of wrongLengths) assertAnswer(answers, call, 'EINVAL');
  });
}
