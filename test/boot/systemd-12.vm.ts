import { DEBIAN_12 } from './releases.js';
import { testSystemd } from './systemd.js';

testSystemd(DEBIAN_12);
