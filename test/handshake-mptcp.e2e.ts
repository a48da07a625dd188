import { test } from 'node:test';
import { ADDRESSES, createChain } from './support/chain.js';
import { program } from './support/programs.js';
import { readStats } from '../src/receiver/stats.js';
const CLIENT = `
import socket,sys
fam = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
s = socket.socket(fam, socket.SOCK_STREAM, int(sys.argv[5]))
s.bind((sys.argv[3], int(sys.argv[4])))
s.connect((sys.argv[1], int(sys.argv[2])))
print(s.recv(100).decode().strip(), 'mptcp info', s.getsockopt(284, 1, 100).hex() if int(sys.argv[5])==262 else '', flush=True)
s.send(b'x')
sys.stdin.readline()
`;
test('x', async () => {
  await using chain = await createChain({ });
  chain.attach();
  chain.tag();
  const { backend, forwarder } = chain;
  backend.spawn(program('peername-server'), ['::', '9000', '--mptcp']);
  await backend.waitForPort(9000);
  backend.spawn(program('peername-server'), ['0.0.0.0', '9001', '--mptcp']);
  await backend.waitForPort(9001);
  const dump = forwarder.spawn('tcpdump', ['-nnvi', 'eth1', 'tcp']);
  await dump.waitForLine(/listening/);
  for (const ts of ['1', '0'])
  for (const [to, cl] of [[ADDRESSES.backend.ipv4, '203.0.113.7'], [ADDRESSES.backend.ipv6, '2001:db8:1::7']] as const)
  for (const proto of ['6', '262']) for (const port of to.includes(':') ? ['9000'] : ['9000', '9001']) {
    await forwarder.run('sysctl', ['-w', `net.ipv4.tcp_timestamps=${ts}`]);
    const r = await forwarder.run('python3', ['-c', CLIENT, to, port, cl, '4242', proto], { cgroup: 'proxy', check: false });
    console.log(ts, to, port, proto, r.stdout, r.stderr.slice(-300));
    console.log(Object.entries(readStats().outcomes).filter(([,n])=>n));
  }
    console.log((await backend.run('nstat', ['-as'])).stdout.split('\n').filter((l) => /MPT/.test(l)).join('\n'));
  await dump.stop(); console.log(dump.stdout.text.split('\n').slice(0, 60).join('\n'));
});
