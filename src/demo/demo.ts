import { readFile } from 'node:fs/promises';
import { detachForwarder } from '../forwarder/detach.js';
import { waitUntil } from '../lab/wait.js';
import { readStats } from '../receiver/stats.js';
import { formatEndpoint, parseCidr } from '../wire/index.js';
import { BACKEND_PORT, startBackend } from './backend.js';
import { ADDRESSES, type Chain, createChain } from './chain.js';
import { addForwarder, FORWARDED } from './forwarder.js';
import { ForwarderRefusedError } from './forwarder-refused.js';

type Family = 'ipv4' | 'ipv6';
const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** What requests go through: today's chain, and TruePeer's forwarder. */
const WAYS = { nginx: ADDRESSES.listen, truepeer: FORWARDED.listen } as const;
type Way = keyof typeof WAYS;

/** One line of the demo's table: what the backend logged for the same request. */
export interface DemoRow {
  readonly through: Way;
  readonly family: Family;
  /** Who really asked. */
  readonly client: string;
  /** What nginx wrote before the receiver was attached, and after. */
  readonly without: string;
  readonly with: string;
}

export interface DemoReport {
  readonly rows: readonly DemoRow[];
  /** Why nothing went through TruePeer's forwarder; absent where it did. */
  readonly forwarderRefused?: string;
  /** Whether every request was logged with its client, once the receiver was there. */
  readonly works: boolean;
  readonly established: bigint;
  readonly tagged: bigint;
}

/**
 * Runs the whole chain on real servers, twice: client -> nginx stream with a tagger -> nginx with a receiver, and client
 * -> TruePeer's forwarder -> the same nginx. It builds its hosts from network namespaces, so it runs only inside
 * `runIsolated()`, and everything is gone when that ends.
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
  say("attaching TruePeer's own forwarder to the same host's interfaces: XDP, FullNAT with TOA, no proxy");
  using _forwarder = { [Symbol.dispose]: () => void detachForwarder() };
  const forwarderRefused = await refusalOf(addForwarder(chain));
  if (forwarderRefused !== undefined) say(`not here, so only the other is shown: ${forwarderRefused}`);
  const ways: Way[] = forwarderRefused === undefined ? ['nginx', 'truepeer'] : ['nginx'];

  say('asking the backend through the forwarder, without TruePeer on the backend');
  const before = await askAll(chain, log, 'without', ways);
  say('attaching the receiver to the backend: nginx goes on running, and is not told');
  const forwarders = [ADDRESSES.forwarder, FORWARDED.local].flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
  chain.attach({ trust: forwarders.map(parseCidr) });
  say('asking again');
  const after = await askAll(chain, log, 'with', ways);

  const stats = readStats();
  const rows = after.map(({ through, family, asked, logged }, at) => ({
    through,
    family,
    client: formatEndpoint({ address: ADDRESSES.client[family], port: asked }),
    without: before[at]!.logged,
    with: logged,
  }));
  return {
    rows,
    ...(forwarderRefused !== undefined && { forwarderRefused }),
    works: rows.every((row) => row.with === row.client),
    established: stats.established,
    tagged: stats.outcomes.tagged,
  };
}

/** Why this kernel or its virtual interfaces have no forwarder; undefined where they do. */
async function refusalOf(adding: Promise<void>): Promise<string | undefined> {
  try {
    await adding;
    return undefined;
  } catch (error) {
    if (error instanceof ForwarderRefusedError) return error.message;
    throw error;
  }
}

interface Answer {
  readonly through: Way;
  readonly family: Family;
  /** The client's own port. */
  readonly asked: number;
  /** The endpoint in the backend's log. */
  readonly logged: string;
}

async function askAll(chain: Chain, log: string, word: string, ways: readonly Way[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const through of ways)
    for (const family of FAMILIES) {
      const path = `/${word}-${through}-${family}`;
      const { address, port } = { address: WAYS[through][family], port: BACKEND_PORT };
      const { stdout } = await chain.client.run('curl', [
        ...['-sS', '--max-time', '5', '-o', '/dev/null', '-w', '%{local_port}'],
        `http://${formatEndpoint({ address, port })}${path}`,
      ]);
      answers.push({ through, family, asked: Number(stdout), logged: await loggedFor(log, path) });
    }
  return answers;
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
