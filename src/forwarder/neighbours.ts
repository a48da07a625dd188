import { ipBatch } from './ip.js';
import type { Route } from './routes.js';

/*
 * The program asks the kernel for the MAC addresses of next hops and never waits for one. So that the kernel always
 * knows them, next hops of backends are neighbours that it keeps resolved by itself (NTF_MANAGED, Linux 5.16), with or
 * without a daemon. Which of them are ours is written on them: the protocol that an entry comes from.
 */

/** RTPROT_*: a number that nobody else is known to use. */
const PROTOCOL = '84';

/** One neighbour: an address on a link. */
export interface Neighbour {
  readonly address: string;
  readonly device: string;
}

/** What `ip -json neigh show` says. */
interface Entry {
  readonly dst: string;
  readonly dev: string;
  readonly state?: readonly string[];
  readonly protocol?: string;
}

/**
 * Has the kernel keep these resolved, and no others any more.
 *
 * @returns what `ip` complained about, and nothing where all went well.
 * @throws {IpError}
 */
export async function keepNeighbours(wanted: readonly Neighbour[]): Promise<string> {
  return change(wanted, await listNeighbours());
}

/**
 * Removes every neighbour that {@link keepNeighbours} has made.
 *
 * @throws {IpError}
 */
export async function forgetNeighbours(): Promise<void> {
  await change([], await listNeighbours());
}

/**
 * Who has to be a neighbour for these routes.
 *
 * @param devices the interfaces that count; what leaves by others is not forwarded.
 */
export function nextHops(routes: readonly Route[], devices: ReadonlySet<string>): Neighbour[] {
  const byDevice = new Map([...devices].map((device) => [device, new Set<string>()]));
  for (const { isLocal, destination, gateway, device } of routes)
    if (!isLocal) byDevice.get(device)?.add(gateway ?? destination);
  return [...byDevice].flatMap(([device, addresses]) =>
    [...addresses].map((address) => ({ address, device })),
  );
}

async function listNeighbours(): Promise<Entry[]> {
  const { output } = await ipBatch(['-json', '-Numeric'], ['neigh show']);
  return output.trim() === '' ? [] : JSON.parse(output);
}

async function change(wanted: readonly Neighbour[], entries: readonly Entry[]): Promise<string> {
  const { add, remove } = difference(wanted, entries);
  const commands = [
    ...remove.map(({ address, device }) => `neigh del ${address} dev ${device}`),
    ...add.map(
      ({ address, device }) =>
        `neigh replace ${address} dev ${device} managed extern_learn protocol ${PROTOCOL}`,
    ),
  ];
  if (commands.length === 0) return '';
  return (await ipBatch([], commands)).errors.trim();
}

/** What leads from the neighbours there are to those that are wanted. What an administrator has fixed stays as it is. */
export function difference(
  wanted: readonly Neighbour[],
  entries: readonly Entry[],
): { readonly add: readonly Neighbour[]; readonly remove: readonly Neighbour[] } {
  const ours = new Map<string, Neighbour>();
  const fixed = new Set<string>();
  for (const { dst, dev, state, protocol } of entries) {
    const neighbour = { address: dst, device: dev };
    if (protocol === PROTOCOL) ours.set(keyOf(neighbour), neighbour);
    else if (state?.includes('PERMANENT')) fixed.add(keyOf(neighbour));
  }
  const wantedKeys = new Set(wanted.map(keyOf));
  return {
    add: wanted.filter((neighbour) => !ours.has(keyOf(neighbour)) && !fixed.has(keyOf(neighbour))),
    remove: [...ours].filter(([key]) => !wantedKeys.has(key)).map(([, neighbour]) => neighbour),
  };
}

function keyOf({ address, device }: Neighbour): string {
  return `${address}%${device}`;
}
