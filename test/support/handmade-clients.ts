import { HandmadeClient } from '../../src/lab/handmade.js';
import type { Endpoint } from '../../src/lab/handmade-connection.js';
import { openTun, type Tun } from '../../src/lab/tun.js';
import { FORWARDED, type ForwarderLab } from './forwarded.js';

/** The client's host is the first address of these networks, and their router; all others are played by hand. */
const NETWORK = {
  ipv4: { own: '198.51.100.1/24', all: '198.51.100.0/24', client: '198.51.100.9' },
  ipv6: { own: '2001:db8:6::1/64', all: '2001:db8:6::/64', client: '2001:db8:6::9' },
} as const;

/** Clients of a forwarder, behind the client's host, whose every segment is made by hand. */
export class HandmadeClients extends HandmadeClient implements Disposable {
  readonly #tun: Tun;
  #opened = 0;

  private constructor(tun: Tun) {
    super(tun);
    this.#tun = tun;
  }

  /** Puts the clients' networks behind the client's host. */
  static async behind({ client, forwarder }: ForwarderLab): Promise<HandmadeClients> {
    await client.run('sysctl', ['-w', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
    const tun = openTun('hand0');
    try {
      await tun.configure({ ipv4: NETWORK.ipv4.own, ipv6: NETWORK.ipv6.own }, client);
      for (const family of ['ipv4', 'ipv6'] as const)
        await forwarder.run('ip', ['route', 'add', NETWORK[family].all, 'via', FORWARDED.client[family]]);
      return new HandmadeClients(tun);
    } catch (error) {
      tun[Symbol.dispose]();
      throw error;
    }
  }

  /** An endpoint that no connection had before. */
  endpoint(family: keyof typeof NETWORK): Endpoint {
    return { address: NETWORK[family].client, port: 33_000 + this.#opened++ };
  }

  /** Sends a packet as it is, right or wrong. */
  transmit(packet: Uint8Array): void {
    this.#tun.send(packet);
  }

  [Symbol.dispose](): void {
    this.#tun[Symbol.dispose]();
  }
}
