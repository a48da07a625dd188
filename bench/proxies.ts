import { ADDRESSES, NGINX_STREAM_MODULE } from '../test/support/chain.js';

/** The ways for a backend to know the client; a bind to an own address, which tells it nothing; and neither. */
export const WAYS = ['tagger', 'proxy', 'bound', 'neither'] as const;
export type Way = (typeof WAYS)[number];

export const PROXIES = ['HAProxy', 'nginx'] as const;
export type ProxyName = (typeof PROXIES)[number];

/** Where clients find each proxy, going each way. */
export const FRONTENDS: Readonly<Record<ProxyName, Readonly<Record<Way, number>>>> = {
  HAProxy: { tagger: 8100, proxy: 8101, bound: 8102, neither: 8103 },
  nginx: { tagger: 8200, proxy: 8201, bound: 8202, neither: 8203 },
};

/** The backend's ports: a plain one, and one that expects the PROXY protocol of either version. */
export const BACKENDS = { tagger: 8080, proxy: 8081, bound: 8080, neither: 8080 } as const;

/** The version of the PROXY protocol that each proxy sends: nginx knows no other. */
export const VERSIONS = { HAProxy: 'v2', nginx: 'v1' } as const;

/** `mode tcp`, one process for all ways: only the lines that make the difference differ. */
export function haproxyConfig(): string {
  const ways = {
    tagger: ['source 0.0.0.0 usesrc client', ''],
    proxy: ['', 'send-proxy-v2'],
    bound: [`source ${ADDRESSES.forwarder.ipv4}`, ''],
    neither: ['', ''],
  } as const;
  return `global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
${WAYS.map((way) => {
  const [source, send] = ways[way];
  return `frontend ${way}
  bind 0.0.0.0:${FRONTENDS.HAProxy[way]}
  default_backend ${way}
backend ${way}
  ${source}
  server backend ${ADDRESSES.backend.ipv4}:${BACKENDS[way]} ${send}`;
}).join('\n')}
`;
}

/** nginx stream, the same way. */
export function streamConfig(dir: string): string {
  const ways = {
    tagger: 'proxy_bind $remote_addr:$remote_port transparent;',
    proxy: 'proxy_protocol on;',
    bound: `proxy_bind ${ADDRESSES.forwarder.ipv4};`,
    neither: '',
  } as const;
  const servers = WAYS.map(
    (way) =>
      `server { listen ${FRONTENDS.nginx[way]}; proxy_pass ${ADDRESSES.backend.ipv4}:${BACKENDS[way]}; ${ways[way]} }`,
  );
  return `load_module ${NGINX_STREAM_MODULE};
${common(dir)}
stream { ${servers.join('\n')} }
`;
}

/** The backend: one server on both ports. With the PROXY protocol it makes use of what that says. */
export function backendConfig(dir: string): string {
  return `${common(dir)}
http {
  access_log off;
  sendfile on;
  root ${dir};
  server { listen ${BACKENDS.neither}; }
  server {
    listen ${BACKENDS.proxy} proxy_protocol;
    set_real_ip_from ${ADDRESSES.forwarder.ipv4};
    real_ip_header proxy_protocol;
  }
}
`;
}

function common(dir: string): string {
  return `user root;
daemon off;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
worker_processes 1;
events { worker_connections 4096; }`;
}
