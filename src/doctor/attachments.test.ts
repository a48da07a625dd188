import assert from 'node:assert/strict';
import { constants, mkdirSync, openSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import koffi from 'koffi';
import { cgroupRoot } from '../kernel/cgroup.js';
import { attachToCgroup, CgroupHook } from '../kernel/cgroup-link.js';
import { Descriptor } from '../kernel/descriptor.js';
import { doNothing } from '../kernel/instructions.js';
import { loadInstructions, ProgramType } from '../kernel/program.js';
import { currentIsolation } from '../lab/isolation.js';
import { attachReceiver } from '../receiver/attach.js';
import { detachReceiver } from '../receiver/detach.js';
import { attachmentsTo } from './attachments.js';

/** How programs were attached before there were links: exclusively, unless a flag says otherwise. */
const attachExclusively = koffi
  .load('libbpf.so.1')
  .func('int bpf_prog_attach(int program, int cgroup, int hook, unsigned int flags)');

class ScratchCgroup implements Disposable {
  readonly path = join(currentIsolation().cgroup, 'attachments');
  readonly directory: Descriptor;

  constructor() {
    mkdirSync(this.path);
    this.directory = new Descriptor(openSync(this.path, constants.O_RDONLY | constants.O_DIRECTORY));
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
    rmdirSync(this.path);
  }
}

test('a program of somebody else’s is told, beside ours, which is not', () => {
  using cgroup = new ScratchCgroup();
  assert.deepEqual(attachmentsTo(cgroup.path), []);
  const name = cgroup.path.slice(cgroupRoot().length);
  attachReceiver({ trust: 'any', profiles: ['tencent'], kinds: [], refuse: [], cgroup: name, sockopt: true });
  try {
    assert.deepEqual(attachmentsTo(cgroup.path), []);
    using program = loadInstructions({ type: ProgramType.sockOps }, doNothing(), 'other_toa');
    using _link = attachToCgroup(program, cgroup.directory, CgroupHook.sockOps);
    const [conflict, ...others] = attachmentsTo(cgroup.path);
    assert.match(conflict!.what, /^program \d+ \(other_toa\) at the sock_ops hook of \//);
    assert.deepEqual(conflict!.prevents, []);
    assert.deepEqual(others, []);
  } finally {
    detachReceiver();
  }
});

test('a program that tolerates no other one prevents the receiver', () => {
  using cgroup = new ScratchCgroup();
  const kind = { type: ProgramType.sockAddr, attachType: CgroupHook.getpeername4 };
  using program = loadInstructions(kind, doNothing(), 'selfish');
  assert.equal(attachExclusively(program.fd, cgroup.directory.fd, CgroupHook.getpeername4, 0), 0);
  const [conflict] = attachmentsTo(cgroup.path);
  assert.match(conflict!.what, /\(selfish\) at the getpeername4 hook/);
  assert.deepEqual(conflict!.prevents, ['receiver']);
  assert.throws(() => attachToCgroup(program, cgroup.directory, CgroupHook.getpeername4), /EPERM/);
});
