import { testForwarderUnit } from './forwarder.js';
import { DEBIAN_13 } from './releases.js';

testForwarderUnit(DEBIAN_13);
