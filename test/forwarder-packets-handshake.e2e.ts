import assert from 'node:assert/strict';
import { FLAG } from '../src/lab/tcp.js';
import { PacketBed } from './support/forwarder/bed.js';
import { Dialogue } from './support/forwarder/dialogue.js';
import { useNetwork } from './support/forwarder/network.js';
import { test } from './support/forwarder/test.js';
import { mss, NOP, options, SACK_PERMITTED, timestamps, windowScale } from './support/packets/options.js';

useNetwork();

/** What a stock Linux offers. */
const LINUX_SYN = options(mss(1460), SACK_PERMITTED, timestamps(1000, 0), NOP, windowScale(7));

const WAYS = [
  { name: 'IPv4', listen: '198.51.100.10', backend: '10.1.1.1' },
  { name: 'IPv6', listen: '2001:db8:5::10', backend: 'fd00:1::1:1' },
  { name: 'NAT64', listen: '2001:db8:5::10', backend: '10.1.1.1' },
  { name: 'IPv4 clients, IPv6 backend', listen: '198.51.100.10', backend: 'fd00:1::1:1' },
  { name: 'IPv4 through a VLAN', listen: '198.51.100.10', backend: '10.7.0.1' },
  { name: 'one-armed IPv4', listen: '198.51.100.10', backend: '192.0.2.50' },
] as const;

for (const { name, listen, backend } of WAYS)
  test(`a connection is opened, used and closed: ${name}`, () => {
    using bed = new PacketBed();
    const service = bed.addService({
      listen: { address: listen, port: 443 },
      backends: [{ address: backend, port: 8443 }],
    });
    const dialogue = new Dialogue(bed, service);
    const request = Buffer.from('GET / HTTP/1.1\r\n\r\n');

    const syn = dialogue.syn({ options: LINUX_SYN });
    assert.equal(syn.verdict, backend === '192.0.2.50' ? 'tx' : 'redirect');
    dialogue.synAck({ options: LINUX_SYN });
    dialogue.fromClient({ options: options(NOP, NOP, timestamps(1001, 77)) });
    dialogue.fromClient({ payload: request, flags: FLAG.PSH | FLAG.ACK });
    dialogue.fromBackend();
    dialogue.fromBackend({ payload: Buffer.alloc(1000, 'a') });
    dialogue.fromClient();
    dialogue.fromClient({ payload: request });
    dialogue.fromBackend({ flags: FLAG.FIN | FLAG.ACK });
    dialogue.fromClient({ flags: FLAG.FIN | FLAG.ACK });
    const last = dialogue.fromBackend();

    assert.equal(last.counted.toClient, 1);
    const [connection] = bed.connections();
    const { taggedSyn, taggedAck, taggedData, toBackend, toClient, opened, established } = bed.counts();
    assert.deepEqual(
      { taggedSyn, taggedAck, taggedData, toBackend, toClient, opened, established },
      { taggedSyn: 1, taggedAck: 1, taggedData: 1, toBackend: 6, toClient: 5, opened: 1, established: 1 },
    );
    assert.ok(connection!.flags.includes('finishedClient') && connection!.flags.includes('finishedBackend'));
  });
