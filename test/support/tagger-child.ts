/** Prints "ready"; attaches or detaches a tagger as standard input says; prints how that ended. */
import { once } from 'node:events';
import { attachTagger } from '../../src/tagger/attach.js';
import { detachTagger } from '../../src/tagger/detach.js';
import type { TaggerOrder } from './tagger.js';

console.log('ready');
const { detach, cgroup, settings }: TaggerOrder = JSON.parse(String(await once(process.stdin, 'data')));
if (detach) console.log(detachTagger(cgroup) ? 'detached' : 'nothing to detach');
else console.log(attachTagger(cgroup, settings).outcome);
process.exit();
