import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../src/lab/host.js';
import type { LabProcess } from '../../src/lab/process.js';
import { checksumsAreRight, parseSegment, type Segment } from '../../src/lab/segments.js';
import type { Chain } from './chain.js';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;

/** What tcpdump sees of a port on an interface, from its start to {@link Capture.stop}. */
export class Capture {
  readonly #host: Host;
  readonly #tcpdump: LabProcess;

  private constructor(host: Host, tcpdump: LabProcess) {
    this.#host = host;
    this.#tcpdump = tcpdump;
  }

  /** Captures on the host's `eth0`. */
  static async start(host: Host, port: number): Promise<Capture> {
    const options = ['-Z', 'root', '-i', 'eth0', '--immediate-mode', '-U', '-w', 'capture'];
    const tcpdump = host.spawn('tcpdump', [...options, 'tcp', 'port', String(port)]);
    await tcpdump.waitForLine(/listening on/);
    return new Capture(host, tcpdump);
  }

  /** All segments, in order; their checksums are right. */
  async stop(): Promise<Segment[]> {
    await this.#tcpdump.stop();
    return packetsOf(await readFile(join(this.#host.dir, 'capture'))).map((packet) => {
      assert.ok(checksumsAreRight(packet), Buffer.from(packet).toString('hex'));
      return parseSegment(packet)!;
    });
  }

  /** What tcpdump itself says of the segments, one line each. */
  async told(): Promise<string[]> {
    const { stdout } = await this.#host.run('tcpdump', ['-Z', 'root', '-nn', '-v', '-r', 'capture']);
    return stdout.split('\n').filter((line) => line.includes(' Flags ['));
  }
}

/** The IP packets of a capture file in the host's byte order (pcap-savefile(5)), taken from Ethernet. */
function packetsOf(file: Buffer): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = FILE_HEADER; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    at += RECORD_HEADER;
    packets.push(file.subarray(at + ETHERNET_HEADER, at + length));
    at += length;
  }
  return packets;
}

/** The TCP options of a segment (RFC 9293, section 3.1), without NOPs; none behind an end, none that is cut off. */
export function optionsOf({ options }: Segment): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < options.length; ) {
    const kind = options[at]!;
    const length = kind === 1 ? 1 : kind === 0 ? options.length - at : options[at + 1]!;
    assert.ok(length >= (kind > 1 ? 2 : 1) && at + length <= options.length, 'every option is whole');
    if (kind === 0)
      assert.ok(
        options.subarray(at).every((byte) => byte === 0),
        'only padding is behind an end',
      );
    if (kind > 1) found.push(options.subarray(at, at + length));
    at += length;
  }
  return found;
}

/** Has the hosts of a chain send segments as they are on a wire: not larger, and with their checksum. */
export async function sendAsOnWires({ forwarder, backend }: Chain): Promise<void> {
  await forwarder.run('ethtool', ['-K', 'eth1', 'tx', 'off']);
  await backend.run('ethtool', ['-K', 'eth0', 'tx', 'off', 'gro', 'off']);
}
