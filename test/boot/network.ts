import type { Machine } from './machine.js';

/** A client beyond the machine's interface, in a network namespace. */
export const CLIENT_ADDRESS = '203.0.113.9';
export const PROXY_URL = 'http://203.0.113.1:8080/';

/** Runs a command as that client; it may be one that only the machine outside has. */
const AS_CLIENT = `#!/bin/sh
exec nsenter --net=/run/netns/client chroot /host "$@"
`;

/** Without `user`, as that cannot be had together with such a source before HAProxy 2.9 (Debian 12 has 2.6). */
const HAPROXY = `defaults
  mode tcp
  timeout connect 1m
  timeout client 1h
  timeout server 1h
listen web
  bind 0.0.0.0:8080
  source 0.0.0.0 usesrc client
  server nginx 127.0.0.1:80
`;

/** Lets HAProxy forward that client to the machine's nginx; until the next boot, but for the files. */
export async function makeProxy(machine: Machine): Promise<void> {
  await machine.tell(`
    ip netns add client
    ip link add to-client type veth peer name eth9 netns client
    ip address add 203.0.113.1/24 dev to-client
    ip link set to-client up
    ip -n client address add ${CLIENT_ADDRESS}/24 dev eth9
    ip -n client link set eth9 up
    cat > /usr/local/bin/as_client << 'END'
${AS_CLIENT}END
    chmod 755 /usr/local/bin/as_client
    cat > /etc/haproxy/haproxy.cfg << 'END'
${HAPROXY}END
    # For connections on which nothing is asked.
    echo 'client_header_timeout 1h;' > /etc/nginx/conf.d/patience.conf
    systemctl reload nginx`);
}
