import { DEBIAN_13 } from './releases.js';
import { testSystemd } from './systemd.js';

testSystemd(DEBIAN_13);
