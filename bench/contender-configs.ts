import { NGINX_STREAM_MODULE } from '../src/demo/chain.js';
import { BACKEND_PORTS, CONTENDERS, networksOf } from './contenders.js';

/** DNAT to the backend, and the kernel chooses the source. */
export function nftablesConfig(): string {
  const { port } = CONTENDERS.nftables;
  const { backend } = networksOf('nat');
  return `table ip nat {
  chain before { type nat hook prerouting priority dstnat; tcp dport ${port} dnat to ${backend}:${BACKEND_PORTS.plain}; }
  chain after { type nat hook postrouting priority srcnat; oifname "eth1" masquerade; }
}
`;
}

/** `mode tcp`, one thread; a frontend without and one with the PROXY protocol. */
export function haproxyConfig(): string {
  const { backend } = networksOf('proxies');
  const ways = [
    ['plain', CONTENDERS.haproxy.port, BACKEND_PORTS.plain, ''],
    ['v2', CONTENDERS.haproxyV2.port, BACKEND_PORTS.proxy, 'send-proxy-v2'],
  ] as const;
  return `global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
${ways
  .map(
    ([name, front, back, send]) => `frontend ${name}
  bind 0.0.0.0:${front}
  default_backend ${name}
backend ${name}
  server backend ${backend}:${back} ${send}`,
  )
  .join('\n')}
`;
}

/** One worker. */
export function streamConfig(dir: string): string {
  return `load_module ${NGINX_STREAM_MODULE};
${common(dir)}
stream {
  server { listen ${CONTENDERS.nginx.port}; proxy_pass ${networksOf('proxies').backend}:${BACKEND_PORTS.plain}; }
}
`;
}

/** One server for all; where the PROXY protocol is expected, it makes use of what that says. */
export function backendConfig(dir: string): string {
  return `${common(dir)}
http {
  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  root ${dir};
  server { listen ${BACKEND_PORTS.plain}; }
  server {
    listen ${BACKEND_PORTS.proxy} proxy_protocol;
    set_real_ip_from ${networksOf('proxies').back};
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
