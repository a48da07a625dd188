import { waitUntil } from '../src/lab/wait.js';
import { type Bed, jsonOf, type Load } from './bed.js';

const PORT = 8010;
const PATIENCE_MS = 60_000;

/** Connections that are established and accepted, and stay. */
export interface HeldPeers extends AsyncDisposable {
  /** Calls getpeername() on every one of them, so many times over. */
  ask(times: number): Promise<void>;
}

/** Makes connections, all at once, and keeps both ends open until it is disposed of. */
export async function holdPeers(bed: Bed, load: Omit<Load, 'concurrency' | 'port'>): Promise<HeldPeers> {
  const { family, count } = load;
  const listen = family === 'ipv4' ? '0.0.0.0' : '::';
  const server = bed.start(bed.chain.backend, 'keep-peers', [listen, String(PORT), String(count)]);
  await server.waitForPort(PORT);
  const clients = bed.startLoad({ ...load, concurrency: count, port: PORT });
  await Promise.race([
    server.waitForLine(/^holding /m, PATIENCE_MS),
    clients.closed.then(() => Promise.reject(new Error(`${clients.command}: ${clients.output.text}`))),
  ]);
  let asked = 0;
  return {
    async ask(times) {
      asked++;
      server.stdin.write(`again ${times}\n`);
      await waitUntil(
        'every peer to be asked',
        () => server.stdout.text.split('"checked"').length - 1 === asked,
        PATIENCE_MS,
      );
    },
    async [Symbol.asyncDispose]() {
      server.stdin.end();
      await Promise.all([jsonOf(clients), server.closed]);
    },
  };
}
