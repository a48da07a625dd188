import { ADDRESSES, NGINX_STREAM_MODULE } from '../test/support/chain.js';

export const PROXIES = ['HAProxy', 'nginx'] as const;
export type ProxyName = (typeof PROXIES)[number];

/** What a proxy does before it asks the backend: binds to the client or to its own address, names the client, or nothing. */
export const FRONTENDS = ['bind', 'own', 'protocol', 'plain'] as const;
export type Frontend = (typeof FRONTENDS)[number];

/** Where clients find each proxy. */
export const PORTS: Readonly<Record<ProxyName, Readonly<Record<Frontend, number>>>> = {
  HAProxy: { bind: 8100, own: 8101, protocol: 8102, plain: 8103 },
  nginx: { bind: 8200, own: 8201, protocol: 8202, plain: 8203 },
};

/** The backend's ports: a plain one, and one that expects the PROXY protocol of either version. */
export const BACKENDS = { bind: 8080, own: 8080, protocol: 8081, plain: 8080 } as const;

/** The version of the PROXY protocol that each proxy sends: nginx knows no other. */
export const VERSIONS = { HAProxy: 'v2', nginx: 'v1' } as const;

/** `mode tcp`, one process for all: only the lines that make the difference differ. */
export function haproxyConfig(): string {
  const lines = {
    bind: ['source 0.0.0.0 usesrc client', ''],
    own: [`source ${ADDRESSES.forwarder.ipv4}`, ''],
    protocol: ['', 'send-proxy-v2'],
    plain: ['', ''],
  } as const;
  return `global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
${FRONTENDS.map((frontend) => {
  const [source, send] = lines[frontend];
  return `frontend ${frontend}
  bind 0.0.0.0:${PORTS.HAProxy[frontend]}
  default_backend ${frontend}
backend ${frontend}
  ${source}
  server backend ${ADDRESSES.backend.ipv4}:${BACKENDS[frontend]} ${send}`;
}).join('\n')}
`;
}

/** nginx stream, the same way. */
export function streamConfig(dir: string): string {
  const lines = {
    bind: 'proxy_bind $remote_addr:$remote_port transparent;',
    own: `proxy_bind ${ADDRESSES.forwarder.ipv4};`,
    protocol: 'proxy_protocol on;',
    plain: '',
  } as const;
  const servers = FRONTENDS.map(
    (frontend) =>
      `server { listen ${PORTS.nginx[frontend]}; proxy_pass ${ADDRESSES.backend.ipv4}:${BACKENDS[frontend]}; ${lines[frontend]} }`,
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
  server { listen ${BACKENDS.plain}; }
  server {
    listen ${BACKENDS.protocol} proxy_protocol;
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
