/**
 * Prints "ready"; attaches with the settings that come on standard input, or detaches where `"detach"` comes; prints
 * how that ended. A process of its own, so that it can be killed, and so that two can be at it at once.
 */
import { once } from 'node:events';
import { attachReceiver } from '../../src/receiver/attach.js';
import { detachReceiver } from '../../src/receiver/detach.js';
import { decodeOrder } from './lifecycle.js';

console.log('ready');
const order = decodeOrder(String(await once(process.stdin, 'data')));
if (order === 'detach') console.log(detachReceiver() ? 'detached' : 'nothing to detach');
else console.log(attachReceiver(order).outcome);
process.exit();
