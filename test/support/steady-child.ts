import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/*
 * Connections that stay and are used all the time: the client sends random bytes, the server sends them back, after
 * a pause (in milliseconds) again, and so on. For every line on its standard input the client prints one, `{"alive":..,"exchanges":..,"wrong":..}`.
 *
 * usage: steady-child listen PORT | connect ADDRESS PORT COUNT PAUSE
 */
const MESSAGE_BYTES = 200;

const [role, ...where] = process.argv.slice(2);
const pause = Number(where[3]);
const report = { alive: 0, exchanges: 0, wrong: 0 };

function exchange(socket: Socket): void {
  const sent = randomBytes(MESSAGE_BYTES);
  let received = Buffer.alloc(0);
  const take = (data: Buffer): void => {
    received = Buffer.concat([received, data]);
    if (received.length < sent.length) return;
    report.exchanges++;
    if (!received.equals(sent)) report.wrong++;
    socket.off('data', take);
    setTimeout(exchange, pause, socket);
  };
  socket.on('data', take);
  socket.write(sent);
}

function open(host: string, port: number): void {
  const socket = connect({ host, port, noDelay: true }, () => {
    report.alive++;
    exchange(socket);
    socket.on('close', () => report.alive--);
  });
  socket.on('error', ({ code }: NodeJS.ErrnoException) => console.error(code));
}

if (role === 'listen') {
  createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(Number(where[0]), '::');
} else {
  const [host, port, count] = where;
  for (let at = 0; at < Number(count); at++) open(host!, Number(port));
  createInterface({ input: process.stdin }).on('line', () => console.log(JSON.stringify(report)));
}
