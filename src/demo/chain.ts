import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../lab/host.js';
import { createLab, type Lab } from '../lab/lab.js';
import type { AttachResult } from '../lifecycle/cgroup-attach.js';
import { attachReceiver } from '../receiver/attach.js';
import { detachReceiver } from '../receiver/detach.js';
import type { ReceiverSettings } from '../receiver/settings.js';
import type { TaggerSettings } from '../tagger/settings.js';
import { TemporaryTagger } from '../tagger/temporary.js';
import { DEFAULT_PROFILES, parseCidr } from '../wire/index.js';

/** The chain's addresses. The backend has no route to the client: replies can only go to the forwarder. */
export const ADDRESSES = {
  client: { ipv4: '203.0.113.7', ipv6: '2001:db8:1::7' },
  /** Where clients connect to. */
  listen: { ipv4: '203.0.113.1', ipv6: '2001:db8:1::1' },
  /** Where connections to the backend come from. */
  forwarder: { ipv4: '10.1.0.1', ipv6: 'fd00:1::1' },
  backend: { ipv4: '10.1.0.2', ipv6: 'fd00:1::2' },
} as const;

/** Debian's package libnginx-mod-stream. */
export const NGINX_STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

export interface ChainOptions {
  /** Sysctls of the backend. */
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** client -- forwarder (with a tagger on its cgroup `proxy`) -- backend (with a receiver on its cgroup). */
export class Chain implements AsyncDisposable {
  readonly lab: Lab;
  readonly client: Host;
  readonly forwarder: Host;
  readonly backend: Host;
  #tagger: TemporaryTagger | undefined;

  constructor(lab: Lab) {
    this.lab = lab;
    this.client = lab.host('client');
    this.forwarder = lab.host('forwarder');
    this.backend = lab.host('backend');
  }

  /** What the receiver of the backend is told. It trusts the forwarder unless told otherwise. */
  settings(changes: Partial<ReceiverSettings> = {}): ReceiverSettings {
    return {
      trust: [parseCidr(ADDRESSES.forwarder.ipv4), parseCidr(ADDRESSES.forwarder.ipv6)],
      profiles: DEFAULT_PROFILES,
      kinds: [],
      refuse: [],
      cgroup: this.backend.cgroup,
      sockopt: true,
      ...changes,
    };
  }

  /** Attaches the receiver to the backend, or changes its {@link settings}. */
  attach(changes: Partial<ReceiverSettings> = {}): AttachResult {
    return attachReceiver(this.settings(changes));
  }

  /** Attaches a tagger to the forwarder's cgroup `proxy`. What binds there to a client's address tags. */
  tag(settings: Partial<TaggerSettings> = {}): TemporaryTagger {
    this.#tagger?.[Symbol.dispose]();
    this.#tagger = new TemporaryTagger(this.forwarder.cgroupNamed('proxy'), {
      ipv4: '254/8',
      ipv6: '254/20',
      on: ['syn', 'ack', 'data'],
      takeLocal: false,
      ...settings,
    });
    return this.#tagger;
  }

  /**
   * Starts an unmodified nginx on the forwarder that passes each of these ports on to the same port of the backend,
   * from the client's address: IPv4 clients over IPv4, IPv6 clients over IPv6.
   */
  async proxy(...ports: number[]): Promise<void> {
    const { backend } = ADDRESSES;
    const servers = ports.flatMap((port) => [
      `server { listen ${port}; proxy_pass ${backend.ipv4}:${port}; proxy_bind $remote_addr:$remote_port transparent; }`,
      `server { listen [::]:${port}; proxy_pass [${backend.ipv6}]:${port}; proxy_bind [$remote_addr]:$remote_port transparent; }`,
    ]);
    await writeFile(
      join(this.forwarder.dir, 'proxy.conf'),
      `load_module ${NGINX_STREAM_MODULE};
user root;
daemon off;
pid ${this.forwarder.dir}/proxy.pid;
error_log ${this.forwarder.dir}/proxy-error.log info;
worker_processes 1;
events { worker_connections 4096; }
stream { ${servers.join('\n')} }
`,
    );
    this.forwarder.spawn('nginx', ['-c', join(this.forwarder.dir, 'proxy.conf')], { cgroup: 'proxy' });
    for (const port of ports) await this.forwarder.waitForPort(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tagger?.[Symbol.dispose]();
    detachReceiver();
    await this.lab[Symbol.asyncDispose]();
  }
}

/** Builds the hosts; nothing is attached yet. */
export async function createChain({ sysctls = {} }: ChainOptions = {}): Promise<Chain> {
  const { client, listen, forwarder, backend } = ADDRESSES;
  return new Chain(
    await createLab({
      hosts: { client: {}, forwarder: {}, backend: { sysctls } },
      links: [
        {
          between: ['client', 'forwarder'],
          ipv4: [`${client.ipv4}/24`, `${listen.ipv4}/24`],
          ipv6: [`${client.ipv6}/64`, `${listen.ipv6}/64`],
        },
        {
          between: ['forwarder', 'backend'],
          ipv4: [`${forwarder.ipv4}/24`, `${backend.ipv4}/24`],
          ipv6: [`${forwarder.ipv6}/64`, `${backend.ipv6}/64`],
        },
      ],
    }),
  );
}
