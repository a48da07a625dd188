import { readFile } from 'node:fs/promises';
import { waitUntil } from '../lab/wait.js';
import { readStats } from '../receiver/stats.js';
import { formatEndpoint } from '../wire/index.js';
import { BACKEND_PORT, startBackend } from './backend.js';
import { ADDRESSES, type Chain, createChain } from './chain.js';

type Family = 'ipv4' | 'ipv6';
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** One line of the demo's table: what the backend logged for the same request. */
export interface DemoRow {
  readonly family: Family;
  /** Who really asked. */
  readonly client: string;
  /** What nginx wrote before the receiver was attached, and after. */
  readonly without: string;
  readonly with: string;
}

export interface DemoReport {
  readonly rows: readonly DemoRow[];
  /** Whether every request was logged with its client, once the receiver was there. */
  readonly works: boolean;
  readonly established: bigint;
  readonly tagged: bigint;
}

/**
 * Runs the whole chain on real servers: client -> nginx stream with a tagger -> nginx with a receiver. It builds its
 * hosts from network namespaces, so it runs only inside `runIsolated()`, and everything is gone when that ends.
 *
 * @param say told what happens next, one sentence each.
 * @throws IsolationError, CommandError, NotSeenError of the laboratory; KernelError
 */
export async function runDemo(say: (sentence: string) => void): Promise<DemoReport> {
  say('building three hosts from network namespaces: client, forwarder, backend');
  await using chain = await createChain();
  say("starting the backend: Debian's nginx, unmodified");
  const log = await startBackend(chain.backend);
  say("starting the forwarder: Debian's nginx as a layer-4 proxy, unmodified, with a tagger on its cgroup");
  chain.tag();
  await chain.proxy(BACKEND_PORT);

  say('asking the backend through the forwarder, without TruePeer on the backend');
  const before = await askBoth(chain, log, 'without');
  say('attaching the receiver to the backend: nginx goes on running, and is not told');
  chain.attach();
  say('asking again');
  const after = await askBoth(chain, log, 'with');

  const stats = readStats();
  const rows = FAMILIES.map((family) => ({
    family,
    client: formatEndpoint({ address: ADDRESSES.client[family], port: after[family].asked }),
    without: before[family].logged,
    with: after[family].logged,
  }));
  return {
    rows,
    works: rows.every((row) => row.with === row.client),
    established: stats.established,
    tagged: stats.outcomes.tagged,
  };
}

interface Answer {
  /** The client's own port. */
  readonly asked: number;
  /** The endpoint in the backend's log. */
  readonly logged: string;
}

async function askBoth(chain: Chain, log: string, word: string): Promise<Record<Family, Answer>> {
  const ask = async (family: Family): Promise<Answer> => {
    const path = `/${word}-${family}`;
    const { address, port } = { address: ADDRESSES.listen[family], port: BACKEND_PORT };
    const { stdout } = await chain.client.run('curl', [
      ...['-sS', '--max-time', '5', '-o', '/dev/null', '-w', '%{local_port}'],
      `http://${formatEndpoint({ address, port })}${path}`,
    ]);
    return { asked: Number(stdout), logged: await loggedFor(log, path) };
  };
  return { ipv4: await ask('ipv4'), ipv6: await ask('ipv6') };
}

/** The endpoint that nginx has written for a request. */
async function loggedFor(log: string, path: string): Promise<string> {
  let line: string | undefined;
  await waitUntil(`a line about ${path} in the backend's log`, async () => {
    const text = await readFile(log, 'utf8').catch(() => '');
    line = text.split('\n').find((candidate) => candidate.endsWith(` ${path}`));
    return line !== undefined;
  });
  const [address = '', port = ''] = line!.split(' ');
  return formatEndpoint({ address, port: Number(port) });
}
