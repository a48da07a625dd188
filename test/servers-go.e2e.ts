import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { get } from './support/clients.js';

/** The three kinds of listeners Go programs have; since Go 1.24 the plain one is an MPTCP one, too. */
const SERVER = `
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"syscall"
)

const ipprotoMPTCP = 262

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func multipath(port int) net.Listener {
	fd := must(syscall.Socket(syscall.AF_INET6, syscall.SOCK_STREAM, ipprotoMPTCP))
	must(0, syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_V6ONLY, 0))
	must(0, syscall.Bind(fd, &syscall.SockaddrInet6{Port: port}))
	must(0, syscall.Listen(fd, 100))
	return must(net.FileListener(os.NewFile(uintptr(fd), "mptcp")))
}

func main() {
	http.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		fmt.Fprint(answer, request.RemoteAddr)
	})
	go http.Serve(multipath(8082), nil)
	go http.Serve(must(net.Listen("tcp4", ":8081")), nil)
	log.Fatal(http.ListenAndServe(":8080", nil))
}
`;

test("Go's net/http tells the client, on TCP and MPTCP listeners", async () => {
  await using chain = await createChain({ sysctls: { 'net.mptcp.enabled': '1' } });
  const { backend } = chain;
  const { client: own } = ADDRESSES;
  await writeFile(join(backend.dir, 'server.go'), SERVER);
  // Nothing is fetched, and nothing kept outside the laboratory.
  const inside = { GOCACHE: join(backend.dir, 'go-cache'), XDG_CONFIG_HOME: backend.dir };
  const env = { ...inside, GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  await backend.run('go', ['build', 'server.go'], { env, timeoutMs: 300_000 });
  chain.attach();
  const server = backend.spawn('./server');
  for (const port of [8080, 8081, 8082]) await server.waitForPort(port);
  chain.tag();
  await chain.proxy(8080, 8081, 8082);

  assert.equal(await get(chain, 'ipv4', 8080, 4241), `${own.ipv4}:4241`);
  assert.equal(await get(chain, 'ipv6', 8080, 4242), `[${own.ipv6}]:4242`);
  assert.equal(await get(chain, 'ipv4', 8081, 4243), `${own.ipv4}:4243`);
  assert.equal(await get(chain, 'ipv4', 8082, 4244), `${own.ipv4}:4244`);
  assert.equal(await get(chain, 'ipv6', 8082, 4245), `[${own.ipv6}]:4245`);
});
