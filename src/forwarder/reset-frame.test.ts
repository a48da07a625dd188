import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerChecksumIsRight, parseIp } from '../lab/ip-packet.js';
import { parseTcp, tcpChecksum } from '../lab/tcp.js';
import { parseAddress } from '../wire/index.js';
import { resetFrame } from './reset-frame.js';

const END = { 4: ['203.0.113.7', '198.51.100.10'], 6: ['2001:db8::7', '2001:db8:2::1'] } as const;

for (const [family, [source, destination]] of Object.entries(END))
  test(`an IPv${family} RST that any stack takes for one`, () => {
    const frame = resetFrame(
      { address: parseAddress(source), port: 4242 },
      { address: parseAddress(destination), port: 443 },
      0xfedc_ba98,
    );
    assert.equal(frame.readUInt16BE(12), family === '4' ? 0x0800 : 0x86dd);
    const ip = parseIp(frame.subarray(14))!;
    assert.ok(headerChecksumIsRight(frame.subarray(14)));
    assert.deepEqual([ip.header.src, ip.header.dst], [source, destination]);
    const bytes = ip.body;
    assert.equal(tcpChecksum(source, destination, bytes), 0);
    const tcp = parseTcp(bytes)!;
    assert.deepEqual([tcp.sport, tcp.dport, tcp.seq, tcp.flags], [4242, 443, 0xfedc_ba98, 4]);
  });
