import { readFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { TemporaryTagger } from '../../src/tagger/temporary.js';

/*
 * `early-client.js CLIENT PORT`: asks the web server on this host for a page as soon as it listens, not a moment later,
 * and says by TOA that it is CLIENT. It is started before any server, and ends with the first answer.
 */
const [client, port] = process.argv.slice(2);

/** The cgroup of this process, in which nothing else runs. */
const cgroup = /^0::(.+)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))![1]!;
using _tagger = new TemporaryTagger(cgroup, {
  ipv4: '254/8',
  ipv6: '254/20',
  on: ['syn', 'ack', 'data'],
  takeLocal: false,
});
let refused = 0;
writeSync(1, 'ready\n');
while (!(await asked())) {
  refused++;
  // The one processor is needed for the boot, too.
  await setTimeout(20);
}
writeSync(1, `answered after ${refused} refusals\n`);

function asked(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress: client! });
    socket.once('connect', () => socket.end('GET /early HTTP/1.0\r\n\r\n'));
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
