import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/*
 * One end of TCP connections, one after the other, that does what it is told on standard input: `send BYTES`, `end`,
 * `reset`. It says what happens: `open ADDRESS PORT` (the peer's), `got BYTES SHA256` at the end of what came,
 * `sent SHA256` (of all that was sent so far), `error CODE`, `close`.
 *
 * usage: puppet-child listen PORT | connect ADDRESS PORT LOCALPORT
 */
const [role, ...where] = process.argv.slice(2);
let current: Socket;
let sent = createHash('sha256');

function take(socket: Socket): void {
  current = socket;
  sent = createHash('sha256');
  const hash = createHash('sha256');
  let bytes = 0;
  console.log(`open ${socket.remoteAddress} ${socket.remotePort}`);
  socket
    .on('data', (data) => {
      bytes += data.length;
      hash.update(data);
    })
    .on('end', () => console.log(`got ${bytes} ${hash.digest('hex')}`))
    .on('error', ({ code }: NodeJS.ErrnoException) => console.log(`error ${code}`))
    .on('close', () => console.log('close'));
}

function obey(line: string): void {
  const [command, argument] = line.split(' ');
  if (command === 'end') current.end();
  else if (command === 'reset') current.resetAndDestroy();
  else if (command === 'send') {
    const data = randomBytes(Number(argument));
    sent.update(data);
    const sum = sent.copy().digest('hex');
    current.write(data, () => console.log(`sent ${sum}`));
  }
}

createInterface({ input: process.stdin })
  .on('line', obey)
  .on('close', () => process.exit());
if (role === 'listen') createServer({ allowHalfOpen: true }, take).listen(Number(where[0]), '::');
else {
  const [host, port, localPort] = where;
  const socket = connect(
    { host: host!, port: Number(port), localPort: Number(localPort), allowHalfOpen: true },
    () => take(socket),
  );
}
