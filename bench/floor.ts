import { fileURLToPath } from 'node:url';
import { CgroupHook } from '../src/kernel/cgroup-link.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { Attachable } from './attachable.js';

const RECEIVER = fileURLToPath(new URL('bpf/receiver-floor.bpf.o', import.meta.url));
const TAGGER = fileURLToPath(new URL('bpf/tagger-floor.bpf.o', import.meta.url));

/** What can be put in the receiver's place: what keeps something of a connection in another way, and finds it again. */
export function insteadOfReceiver(cgroup: Descriptor, where: 'storage' | 'table'): Attachable {
  return new Attachable(
    RECEIVER,
    [
      { name: `${where}_sockops`, hook: CgroupHook.sockOps },
      { name: `${where}_getpeername4`, hook: CgroupHook.getpeername4 },
      { name: `${where}_getpeername6`, hook: CgroupHook.getpeername6 },
    ],
    cgroup,
  );
}

/** And in the tagger's: the least that knows the client of a connection, and lets the proxy connect. */
export function taggerFloor(cgroup: Descriptor): Attachable {
  return new Attachable(
    TAGGER,
    [
      { name: 'floor_setsockopt', hook: CgroupHook.setsockopt },
      { name: 'floor_bind4', hook: CgroupHook.bind4 },
      { name: 'floor_sockops', hook: CgroupHook.sockOps },
    ],
    cgroup,
  );
}
