/**
 * `node lifecycle-child.js attach SETTINGS`, or `detach`: does that once and prints how it ended; "ready" before. A
 * process of its own, so that it can be killed, and so that two can be at it at once.
 */
import { attachReceiver } from '../../src/receiver/attach.js';
import { detachReceiver } from '../../src/receiver/detach.js';
import { decodeSettings } from './lifecycle.js';

const [verb, settings = ''] = process.argv.slice(2);
console.log('ready');
if (verb === 'attach') console.log(attachReceiver(decodeSettings(settings)).outcome);
else console.log(detachReceiver() ? 'detached' : 'nothing to detach');
