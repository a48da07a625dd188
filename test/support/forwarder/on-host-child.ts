/**
 * Prints "ready"; starts a forwarder as the order on standard input says, or detaches it; prints how that ended. With
 * turns to take it goes on changing the settings, and says so each time, until it is killed. A process of its own, so
 * that it can be killed, and so that two can be at it at once.
 */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { detachForwarder } from '../../../src/forwarder/detach.js';
import { Forwarder } from '../../../src/forwarder/forwarder.js';
import type { ForwarderOrder } from './on-host.js';

console.log('ready');
const order = JSON.parse(String(await once(process.stdin, 'data'))) as ForwarderOrder;
if (order === 'detach') console.log((await detachForwarder()) ? 'detached' : 'nothing to detach');
else {
  const { forwarder, outcome } = Forwarder.start(...order.start);
  console.log(outcome);
  const { turns = [] } = order;
  for (let turn = 0; turns.length > 0; turn++) {
    forwarder.reload(...turns[turn % turns.length]!);
    forwarder.reap();
    console.log(`turn ${turn}`);
    await setImmediate();
  }
}
process.exit();
