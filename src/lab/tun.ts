import { TunDevice } from '../kernel/tun.js';
import type { Host } from './host.js';
import { Inbox } from './inbox.js';
import { currentIsolation } from './isolation.js';
import { run } from './run.js';
import { waitUntil } from './wait.js';

/** Holds the kernel's answers to a burst of hand-made segments; the default of 500 drops some. */
const QUEUE_LENGTH = 20_000;

/**
 * Makes a TUN interface in the isolated network namespace: `using tun = openTun('hand0')`.
 *
 * @throws {IsolationError} outside `runIsolated()`. @throws {TunError}
 */
export function openTun(name: string): Tun {
  currentIsolation();
  return new Tun(name);
}

/** A network interface whose other end is played by hand: every address of its subnets, and none, answers. */
export class Tun implements Disposable {
  readonly #device: TunDevice;
  readonly #inbox = new Inbox<Uint8Array>();
  #divert: (packet: Uint8Array) => boolean = () => false;

  constructor(name: string) {
    this.#device = new TunDevice(name, (packet) => {
      if (!this.#divert(packet)) this.#inbox.push(packet);
    });
  }

  /** The interface's name. */
  get name(): string {
    return this.#device.name;
  }

  /**
   * Gives the kernel's end its addresses (with prefix length: `10.9.0.1/16`, `fd09::1/64`) and brings it up: here, or
   * on a host, to which it moves.
   */
  async configure(addresses: { readonly ipv4?: string; readonly ipv6?: string }, host?: Host): Promise<void> {
    const { name } = this;
    const ip = async (args: readonly string[], input = ''): Promise<string> =>
      (await (host?.run('ip', args, { input }) ?? run(['ip', ...args], { input }))).stdout;
    if (host !== undefined) await run(['ip', 'link', 'set', name, 'netns', host.namespace]);
    const commands = [
      // No link-local address, so less IPv6 chatter among the packets under test.
      `link set ${name} txqueuelen ${QUEUE_LENGTH} addrgenmode none`,
      `link set ${name} up`,
      ...(addresses.ipv4 === undefined ? [] : [`addr add ${addresses.ipv4} dev ${name}`]),
      ...(addresses.ipv6 === undefined ? [] : [`addr add ${addresses.ipv6} dev ${name} nodad`]),
    ];
    await ip(['-batch', '-'], `${commands.join('\n')}\n`);
    // A worker of the kernel makes the route to it, later: until then packets to the address are dropped.
    const [ipv6] = addresses.ipv6?.split('/') ?? [];
    if (ipv6 !== undefined)
      await waitUntil(`${ipv6} to be ${name}'s own`, () =>
        ip(['-6', 'route', 'show', 'table', 'local', ipv6]),
      );
  }

  /** Hands the kernel one whole IP packet, as if it came from the network. */
  send(packet: Uint8Array): void {
    this.#device.send(packet);
  }

  /**
   * Takes the oldest packet from the kernel that is wanted, among those that arrived and those to come.
   *
   * @throws {NotSeenError} after `timeoutMs`.
   */
  next(wanted: (packet: Uint8Array) => boolean = () => true, timeoutMs?: number): Promise<Uint8Array> {
    return this.#inbox.next(`a packet on ${this.name}`, wanted, timeoutMs);
  }

  /** Shows every packet to `take` first; {@link next} sees only those for which it answers false. */
  divert(take: (packet: Uint8Array) => boolean): void {
    this.#divert = take;
  }

  [Symbol.dispose](): void {
    this.#device[Symbol.dispose]();
  }
}
