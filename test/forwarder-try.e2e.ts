import { test } from 'node:test';
import {
  forwarderConnectionsShape,
  forwarderCountsShape,
  forwarderStatsShape,
  forwarderStatusShape,
} from '../src/cli/json-shapes.js';
import { backendAddress, createForwarderLab, SERVICE } from './support/forwarder-lab.js';

test('try', async () => {
  await using lab = await createForwarderLab(2);
  for (const [at, backend] of lab.backends.entries())
    backend.node('-e', [
      `require('node:http').createServer((q, s) => { s.end('b${at} ' + q.socket.remoteAddress + '\\n'); }).listen(80)`,
    ]);
  await lab.configure({
    services: [
      {
        name: 'web',
        listen: `${SERVICE}:80`,
        scheduler: 'round-robin',
        backends: [{ address: `${backendAddress(0)}:80` }, { address: `${backendAddress(1)}:80` }],
      },
    ],
  });
  try {
    const daemon = await lab.run();
    console.log((await lab.truepeer('forwarder', 'status')).stdout);
    for (let i = 0; i < 4; i++)
      console.log(await lab.client.run('curl', ['-sS', '-m', '5', `http://${SERVICE}/`], { check: false }));
    for (const [shape, ...command] of [
      [forwarderStatusShape, 'status'],
      [forwarderStatsShape, 'stats'],
      [forwarderConnectionsShape, 'connections', '--limit', '1'],
      [forwarderCountsShape, 'connections', '--by', 'backend'],
    ] as const) {
      const { stdout } = await lab.truepeer('forwarder', ...command, '--json');
      console.log(stdout);
      shape.parse(JSON.parse(stdout));
    }
    daemon.kill('SIGTERM');
    await daemon.closed;
    console.log(daemon.output.text);
    console.log(await lab.forwarder.run('ip', ['neigh']));
  } catch (error) {
    console.log(error);
    throw error;
  }
});
