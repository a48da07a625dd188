import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabProcess } from '../../src/lab/process.js';
import { ADDRESSES, type Chain } from './chain.js';
import { type Family, LISTEN_IN_URL } from './clients.js';
import { PORT } from './proxies.js';

/** Says who asks, and gives every body back. */
const SERVER = `
const { createServer } = require('node:http');
const server = () => createServer(async (request, response) => {
  const { remoteAddress, remotePort } = request.socket;
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.end(JSON.stringify([remoteAddress + ' ' + remotePort, Buffer.concat(chunks).toString('base64')]));
});
server().listen(${PORT}, '0.0.0.0');
server().listen({ port: ${PORT}, host: '::', ipv6Only: true });
`;

const BODY_BYTES = 64 * 1024;
const REQUESTS = 3;

/** Starts, on the backend, the HTTP server that {@link askOften} asks. */
export async function startEcho({ backend }: Chain): Promise<LabProcess> {
  const server = backend.spawn(process.execPath, ['-e', SERVER]);
  await server.waitForPort(PORT);
  return server;
}

/**
 * Sends 64 KB three times over one connection of the client, through the forwarder, and checks that they come back.
 *
 * @returns whom the backend saw: all that it saw, without repetitions.
 */
export async function askOften({ client }: Chain, family: Family, localPort: number): Promise<string[]> {
  const body = randomBytes(BODY_BYTES);
  await writeFile(join(client.dir, 'body'), body);
  const url = `http://${LISTEN_IN_URL[family]}:${PORT}/`;
  const send = ['--local-port', String(localPort), '--data-binary', '@body', '-w', ' %{num_connects}\\n'];
  const { stdout } = await client.run('curl', ['-sS', ...send, ...new Array<string>(REQUESTS).fill(url)]);
  const answers = stdout.trimEnd().split('\n');
  assert.deepEqual(
    answers.map((answer) => answer.slice(answer.lastIndexOf(' ') + 1)),
    ['1', '0', '0'],
    'the client keeps its connection',
  );
  const seen = answers.map((answer) => {
    const [peer, echoed] = JSON.parse(answer.slice(0, answer.lastIndexOf(' ')));
    assert.ok(body.equals(Buffer.from(echoed, 'base64')), 'the body came back as it was sent');
    return peer;
  });
  return [...new Set<string>(seen)];
}

/** How the backend names the client's host on a port. */
export function clientAs(family: Family, port: number): string {
  return `${ADDRESSES.client[family]} ${port}`;
}
