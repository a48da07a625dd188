import type { Machine } from './machine.js';

/** A service that says everything again. */
export const ECHO = '203.0.113.1:7000';

/** One request of the client's; only the machine outside has curl. */
export const CURL = 'nsenter --net=/run/netns/client chroot /host curl -sS -m 120 http://203.0.113.1:8000/';

const SERVERS = `
  require("net").createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(7000);
  require("http").createServer((_, response) => response.end("welcome")).listen(8000);`;

/**
 * A client and a backend in network namespaces, with what veth needs for XDP: whole checksums from the other end, and
 * an end that takes what is redirected to it. Until the next boot.
 */
export async function makeBackend(machine: Machine): Promise<void> {
  const side = (name: string, at: string, other: string): string => `
    ip netns add ${name}
    ip link add to-${name} type veth peer name eth9 netns ${name}
    ip address add ${at} dev to-${name}
    ip link set to-${name} up
    ip -n ${name} address add ${other} dev eth9
    ip -n ${name} link set lo up
    ip -n ${name} link set eth9 up
    nsenter --net=/run/netns/${name} chroot /host ethtool -K eth9 tx off gro on > /dev/null`;
  await machine.tell(`set -e
    ${side('client', '203.0.113.1/24', '203.0.113.9/24')}
    ${side('backend', '10.9.0.1/24', '10.9.0.2/24')}
    ip -n backend address add 10.9.0.3/24 dev eth9
    sysctl -qw net.ipv4.ip_forward=1
    nsenter --net=/run/netns/backend chroot /host ${process.execPath} -e '${SERVERS}' > /dev/null 2>&1 &
    until nsenter --net=/run/netns/backend chroot /host curl -s -o /dev/null http://10.9.0.2:8000/; do sleep 1; done`);
}

/** Opens a connection to the service, which stays. */
export async function startTalking(machine: Machine): Promise<void> {
  await machine.tell(`
    mkdir -p /run/lab && mkfifo /run/lab/say && touch /run/lab/heard
    nsenter --net=/run/netns/client bash -c '
      exec 3<>/dev/tcp/${ECHO.replace(':', '/')} 4<>/run/lab/say
      cat <&3 >> /run/lab/heard &
      cat <&4 >&3' > /dev/null 2>&1 &`);
}

/** Says something on that connection, and waits until it is heard again. */
export async function say(machine: Machine, words: string): Promise<void> {
  await machine.tell(
    `echo '${words}' > /run/lab/say; until grep -qx '${words}' /run/lab/heard; do sleep 1; done`,
  );
}
