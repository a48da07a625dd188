import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { get } from './support/clients.js';

const SERVER = `
import com.sun.net.httpserver.HttpServer;
import java.io.*;
import java.net.*;

class Server {
  public static void main(String[] arguments) throws IOException {
    var http = HttpServer.create(new InetSocketAddress(8080), 0);
    http.createContext("/", exchange -> {
      var answer = exchange.getRemoteAddress().toString().getBytes();
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    });
    http.start();
    var listener = new ServerSocket(8081);
    for (;;) {
      try (var socket = listener.accept()) {
        var request = new BufferedReader(new InputStreamReader(socket.getInputStream()));
        while (!request.readLine().isEmpty());
        var answer = "HTTP/1.0 200 OK\\r\\n\\r\\n" + socket.getRemoteSocketAddress();
        socket.getOutputStream().write(answer.getBytes());
      }
    }
  }
}
`;

test("Java's HttpServer and ServerSocket tell the client, on listeners that were there before", async () => {
  await using chain = await createChain();
  const { backend } = chain;
  await writeFile(join(backend.dir, 'Server.java'), SERVER);
  // Starts quickly, and writes no performance data into /tmp, which would stay there when it is killed.
  const options = ['-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];
  const server = backend.spawn('java', [...options, 'Server.java']);
  chain.tag();
  await chain.proxy(8080, 8081);
  await server.waitForPort(8081, 60_000);
  chain.attach();

  const { ipv4 } = ADDRESSES.client;
  // How Java writes 2001:db8:1::7.
  const ipv6 = '[2001:db8:1:0:0:0:0:7]';
  assert.equal(await get(chain, 'ipv4', 8080, 4241), `/${ipv4}:4241`);
  assert.equal(await get(chain, 'ipv6', 8080, 4242), `/${ipv6}:4242`);
  assert.equal(await get(chain, 'ipv4', 8081, 4243), `/${ipv4}:4243`);
  assert.equal(await get(chain, 'ipv6', 8081, 4244), `/${ipv6}:4244`);
});
