import { DO_NOT_FRAGMENT, headerChecksumIsRight, parseIp } from '../../../src/lab/ip-packet.js';
import { FLAG, type Tcp, tcpChecksum } from '../../../src/lab/tcp.js';
import { toHex } from '../../../src/wire/hex.js';
import { type Frame, parseFrame } from './frame.js';
import { type Icmp, icmpChecksum } from './icmp.js';
import { showOptions } from './options.js';

/** A frame in words, a line for each part, so that two of them can be compared by eye. */
export function showFrame(bytes: Uint8Array): string[] {
  const frame = parseFrame(bytes);
  if (frame === undefined) return [`not a frame of right lengths: ${toHex(bytes)}`];
  const { ethernet, padding } = frame;
  const ipAt = ethernet.vlan === undefined ? 14 : 18;
  return [
    `${ethernet.source} > ${ethernet.destination}${ethernet.vlan === undefined ? '' : `, VLAN ${ethernet.vlan}`}`,
    ...showIp(frame, bytes.subarray(ipAt)),
    ...(padding === undefined ? [] : [`padding ${toHex(padding)}`]),
  ];
}

function showIp(frame: Frame, packet: Uint8Array): string[] {
  const { src, dst, protocol, ttl, tos, id, fragment, options, flowLabel } = frame.ip;
  const { body } = parseIp(packet)!;
  const words = [
    `${src} > ${dst}`,
    `protocol ${protocol}, ttl ${ttl}, tos ${tos}`,
    `id ${id}, flow label ${flowLabel}`,
    fragment === DO_NOT_FRAGMENT ? 'DF' : `fragment ${fragment}`,
    ...(options.length > 0 ? [`options ${toHex(options)}`] : []),
    `header checksum ${headerChecksumIsRight(packet) ? 'right' : 'WRONG'}`,
  ];
  return [words.join(', '), ...showBody(frame, body)];
}

function showBody(frame: Frame, body: Uint8Array): string[] {
  const { src, dst, protocol } = frame.ip;
  if ('tcp' in frame) return showTcp(frame.tcp, tcpChecksum(src, dst, body) === 0);
  if ('icmp' in frame) return showIcmp(frame.icmp, icmpChecksum(body, src, dst, protocol) === 0);
  return [`${frame.raw.length} bytes: ${toHex(frame.raw)}`];
}

function showTcp(tcp: Tcp, isRight: boolean): string[] {
  const { sport, dport, seq, ack, flags, window, urgent = 0, options, payload } = tcp;
  const names = Object.entries(FLAG).flatMap(([name, bit]) => (flags & bit ? [name] : []));
  return [
    `TCP ${sport} > ${dport}, ${names.join(' ')}, seq ${seq}, ack ${ack}`,
    `reserved ${flags >> 8}, window ${window}, urgent ${urgent}, checksum ${isRight ? 'right' : 'WRONG'}`,
    `options ${showOptions(options)}`,
    `${payload.length} bytes: ${toHex(payload)}`,
  ];
}

function showIcmp({ type, code, rest, payload }: Icmp, isRight: boolean): string[] {
  const heading = `ICMP type ${type}, code ${code}, rest ${rest}, checksum ${isRight ? 'right' : 'WRONG'}`;
  const quoted = parseIp(payload);
  return [heading, `${quoted ? 'about a whole packet' : 'about'} ${payload.length} bytes: ${toHex(payload)}`];
}
