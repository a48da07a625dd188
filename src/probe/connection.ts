import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { formatAddress, parseAddress } from '../wire/index.js';

/**
 * The probe's one connection, in a process of its own: `connection.js ADDRESS PORT CLIENT-ADDRESS CLIENT-PORT TIMEOUT-MS NAME`.
 * It runs in a cgroup with a tagger, which takes the bind to the client's address as what to tell the backend.
 * Prints a ConnectionReport as JSON.
 */
export interface ConnectionReport {
  readonly connected: boolean;
  /** Where the backend's kernel saw it come from. */
  readonly from?: { readonly address: string; readonly port: number };
  /** What was written, where the backend did not speak first. */
  readonly sent: string;
  /** The first bytes that came back. */
  readonly received: string;
  readonly error?: string;
}

/** How long a backend may take to speak first, as SSH and SMTP servers do. */
const LISTEN_FIRST_MS = 300;
const ENOUGH_BYTES = 512;

async function main([
  host = '',
  port,
  address = '',
  clientPort,
  timeout,
  name,
]: string[]): Promise<ConnectionReport> {
  const socket = connect({ host, port: Number(port), localAddress: address, localPort: Number(clientPort) });
  const chunks: Buffer[] = [];
  let error: string | undefined;
  let sent = '';
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', (failure) => {
    error = failure.message;
  });
  const deadline = AbortSignal.timeout(Number(timeout));
  const connected = await happens(socket, 'connect', deadline);
  const from = connected ? { address: plain(socket.localAddress!), port: socket.localPort! } : undefined;
  if (connected) {
    await Promise.race([happens(socket, 'data', deadline), setTimeout(LISTEN_FIRST_MS)]);
    if (chunks.length === 0 && !socket.destroyed) {
      sent = `HEAD / HTTP/1.0\r\nHost: ${name}\r\nUser-Agent: truepeer-probe\r\n\r\n`;
      socket.write(sent);
      await happens(socket, 'data', deadline);
    }
  } else if (error === undefined) {
    error = `no answer within ${timeout} ms`;
  }
  socket.destroy();
  return {
    connected,
    ...(from === undefined ? {} : { from }),
    sent,
    received: Buffer.concat(chunks).subarray(0, ENOUGH_BYTES).toString('latin1'),
    ...(error === undefined ? {} : { error }),
  };
}

/** An IPv4 address on an IPv6 socket, as people write it. */
function plain(address: string): string {
  return formatAddress(parseAddress(address));
}

/** Whether the event comes before the socket closes and before the deadline. */
function happens(socket: Socket, event: 'connect' | 'data', deadline: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve(true));
    socket.once('close', () => resolve(false));
    deadline.addEventListener('abort', () => resolve(false), { once: true });
  });
}

process.stdout.write(JSON.stringify(await main(process.argv.slice(2))));
process.exit(0);
