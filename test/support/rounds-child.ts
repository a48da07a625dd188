/** Attaches a receiver and a tagger to a cgroup and detaches them, over and over: `node rounds-child.js CGROUP ROUNDS`. */
import { attachReceiver } from '../../src/receiver/attach.js';
import { detachReceiver } from '../../src/receiver/detach.js';
import { attachTagger } from '../../src/tagger/attach.js';
import { detachTagger } from '../../src/tagger/detach.js';
import { DEFAULT_PROFILES } from '../../src/wire/index.js';
import { TAGGER_SETTINGS } from './tagger.js';

const [, , cgroup = '', rounds] = process.argv;
const receiver = { trust: 'any', profiles: DEFAULT_PROFILES, kinds: [], refuse: [], sockopt: true } as const;
for (let round = 0; round < Number(rounds); round++) {
  attachReceiver({ ...receiver, cgroup });
  attachTagger(cgroup, TAGGER_SETTINGS);
  detachReceiver();
  detachTagger(cgroup);
}
