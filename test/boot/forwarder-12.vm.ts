import { testForwarderUnit } from './forwarder.js';
import { DEBIAN_12 } from './releases.js';

testForwarderUnit(DEBIAN_12);
