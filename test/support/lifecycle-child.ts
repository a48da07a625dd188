/**
 * `node lifecycle-child.js attach SETTINGS`, or `detach`: prints "ready", does that when something comes on standard
 * input, and prints how it ended. A process of its own, so that it can be killed, and so that two can be at it at once.
 */
import { once } from 'node:events';
import { attachReceiver } from '../../src/receiver/attach.js';
import { detachReceiver } from '../../src/receiver/detach.js';
import { decodeSettings } from './lifecycle.js';

const [verb, settings = ''] = process.argv.slice(2);
console.log('ready');
await once(process.stdin, 'data');
if (verb === 'attach') console.log(attachReceiver(decodeSettings(settings)).outcome);
else console.log(detachReceiver() ? 'detached' : 'nothing to detach');
process.exit();
