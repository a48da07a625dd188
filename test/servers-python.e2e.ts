import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { type Family, get } from './support/clients.js';

const { client: own } = ADDRESSES;

const SOCKETSERVER = `
import socketserver

class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        address, port = self.client_address
        self.wfile.write(f"HTTP/1.0 200 OK\\r\\n\\r\\n{address} {port}".encode())

socketserver.ThreadingTCPServer(("", 8081), Answer).serve_forever()
`;

test("Python's http.server logs the client, and socketserver hands it to the handler", async () => {
  await using chain = await createChain();
  const { backend } = chain;
  const dualStack = backend.spawn('python3', ['-m', 'http.server', '--bind', '::', '8080']);
  const ipv4Only = backend.spawn('python3', ['-c', SOCKETSERVER]);
  await dualStack.waitForPort(8080);
  chain.attach();
  await ipv4Only.waitForPort(8081);
  chain.tag();
  await chain.proxy(8080, 8081);

  const logged = async (family: Family, localPort: number): Promise<string | undefined> => {
    await get(chain, family, 8080, localPort);
    return (await dualStack.waitForLine(new RegExp(`^(\\S+) .*"GET /${localPort} `)))[1];
  };
  assert.equal(await logged('ipv4', 4241), `::ffff:${own.ipv4}`);
  assert.equal(await logged('ipv6', 4242), own.ipv6);
  assert.equal(await get(chain, 'ipv4', 8081, 4243), `${own.ipv4} 4243`);
});
