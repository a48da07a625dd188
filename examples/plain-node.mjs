// A plain Node server that says who is asking. Behind a forwarder, with a receiver attached:
//   client 203.0.113.7:4242 through 10.1.0.1:51234 (254/8)
import { createServer } from 'node:http';
import { clientOf } from 'truepeer';

const text = ({ address, port }) => `${address} port ${port}`;

const server = createServer((request, response) => {
  const { client, peer, told, kind } = clientOf(request.socket);
  // Plain request.socket.remoteAddress is the client as well: the receiver needs no change to any program.
  const through = told && peer !== undefined ? ` through ${text(peer)} (${kind})` : '';
  response.end(`client ${text(client)}${through}\n`);
});
server.listen(Number(process.argv[2] ?? 8080), '::');
