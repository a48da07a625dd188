/** Hosts between the client and the backend, in the order of their links; each has networks of its own. */
export const MIDDLES = ['router', 'truepeer', 'nat', 'proxies'] as const;
export type Middle = (typeof MIDDLES)[number];

/** The backend's ports: a plain one, and one that expects the PROXY protocol. */
export const BACKEND_PORTS = { plain: 8080, proxy: 8081 } as const;

/** The addresses of a middle host's two networks, and who has them. */
export interface Networks {
  readonly client: string;
  readonly front: string;
  readonly back: string;
  readonly backend: string;
}

export function networksOf(middle: Middle): Networks {
  const at = MIDDLES.indexOf(middle);
  return {
    client: `10.10.${at}.2`,
    front: `10.10.${at}.1`,
    back: `10.20.${at}.1`,
    backend: `10.20.${at}.2`,
  };
}

/** Where the forwarder's own connections come from. */
export const LOCAL = '10.20.1.10';

/** Where the client finds the backend by each of the ways that are compared. */
export const CONTENDERS = {
  routing: { name: 'plain routing', address: networksOf('router').backend, port: BACKEND_PORTS.plain },
  truepeer: { name: 'TruePeer', address: networksOf('truepeer').front, port: 8080 },
  nftables: { name: 'nftables DNAT and masquerade', address: networksOf('nat').front, port: 8080 },
  haproxy: { name: 'HAProxy', address: networksOf('proxies').front, port: 8100 },
  haproxyV2: { name: 'HAProxy with PROXY v2', address: networksOf('proxies').front, port: 8101 },
  nginx: { name: 'nginx stream', address: networksOf('proxies').front, port: 8200 },
} as const;
export type Contender = keyof typeof CONTENDERS;

/** All of them, whom the others are compared with first. */
export const ALL = Object.keys(CONTENDERS) as Contender[];
