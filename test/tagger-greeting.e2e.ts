import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TaggedSegment } from '../src/tagger/settings.js';
import type { TaggerStats } from '../src/tagger/stats.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { serve } from './support/load.js';

/** Like SSH, SMTP and MySQL, it speaks first. */
const PORT = 8000;

const CLIENT = `
import socket
end = socket.create_connection(("${ADDRESSES.backend.ipv4}", ${PORT}), source_address=("198.51.100.7", 4242))
end.recv(100)
end.send(b"thanks")
end.shutdown(socket.SHUT_WR)
end.recv(1)
`;

let chain: Chain;
before(async () => {
  chain = await createChain();
  await serve(chain.backend, 'peername-server', PORT);
});
after(() => chain[Symbol.asyncDispose]());

async function written(on: readonly TaggedSegment[]): Promise<TaggerStats['written']> {
  const tagger = chain.tag({ on });
  await chain.forwarder.run('python3', ['-c', CLIENT], { cgroup: 'proxy' });
  assert.equal(tagger.stats().outcomes.tagged, 1n);
  return tagger.stats().written;
}

test('a backend that speaks first has the option already: no data carries it again', async () => {
  assert.deepEqual(await written(['syn', 'ack', 'data']), { syn: 1n, ack: 1n, data: 0n });
});

test('data carries the option to a backend that spoke first where nothing else was to', async () => {
  const { syn, ack, data } = await written(['data']);
  assert.deepEqual([syn, ack], [0n, 0n]);
  assert.ok(data > 0n);
});
