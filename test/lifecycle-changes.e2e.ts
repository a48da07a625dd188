import assert from 'node:assert/strict';
import { unlinkSync } from 'node:fs';
import { rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { objectPath } from '../src/kernel/artifacts.js';
import type { Descriptor } from '../src/kernel/descriptor.js';
import { LoadedObject } from '../src/kernel/object.js';
import { pin } from '../src/kernel/pin.js';
import { waitUntil } from '../src/lab/wait.js';
import { attach } from '../src/lifecycle/attach.js';
import { requireInstalled } from '../src/lifecycle/installed.js';
import { detachReceiver } from '../src/receiver/detach.js';
import { RECEIVER } from '../src/receiver/plan.js';
import { encodeSettings } from '../src/receiver/program-data.js';
import type { ReceiverSettings } from '../src/receiver/settings.js';
import { readStats } from '../src/receiver/stats.js';
import { type AttachedStatus, readStatus } from '../src/receiver/status.js';
import { ADDRESSES, type Chain, createChain } from './support/chain.js';
import { allOk, reportOf, serve, startLoad } from './support/load.js';
import { waitUntilNothingRemains } from './support/remains.js';

const COUNT = 20;

let chain: Chain;
before(async () => {
  chain = await createChain();
  chain.tag();
  await serve(chain.backend, 'peername-server', 8000);
});
afterEach(async () => {
  detachReceiver();
  await waitUntilNothingRemains(chain.backend.cgroup);
});
after(() => chain[Symbol.asyncDispose]());

function attachedStatus(): AttachedStatus {
  const status = readStatus();
  assert.ok(status.attached, 'a receiver is attached');
  return status;
}

async function checkClients(port = 8000): Promise<void> {
  assert.deepEqual(await reportOf(startLoad(chain, { family: 'ipv4', port, count: COUNT })), allOk(COUNT));
}

test('attaching again exchanges the programs behind the same links; detaching again does nothing', async () => {
  assert.equal(chain.attach().outcome, 'attached');
  const first = attachedStatus();
  assert.equal(chain.attach().outcome, 'replaced');
  const second = attachedStatus();
  const links = ({ programs }: AttachedStatus) => programs.map(({ name, linkId }) => [name, linkId]);
  assert.deepEqual(links(second), links(first));
  const ids = new Set([...first.programs, ...second.programs].map(({ programId }) => programId));
  assert.equal(ids.size, 2 * RECEIVER.programs.length, 'every program is another one');
  assert.deepEqual(second.since, first.since);
  await checkClients();

  assert.equal(detachReceiver(), true);
  assert.equal(detachReceiver(), false);
});

test('getsockopt can be left out, and taken in again, without detaching', async () => {
  await serve(chain.backend, 'sockopt-probe', 8001);
  const ask = async (): Promise<string | null> => {
    const script = `exec 3<> /dev/tcp/${ADDRESSES.backend.ipv4}/8001; read -r line <&3; echo "$line"`;
    const { stdout } = await chain.forwarder.run('bash', ['-c', script]);
    return JSON.parse(stdout)['tcp/0x5450/72'].errno;
  };
  for (const sockopt of [true, false, false, true]) {
    chain.attach({ sockopt });
    assert.equal(attachedStatus().sockopt, sockopt);
    assert.equal(await ask(), sockopt ? null : 'ENOPROTOOPT');
    await checkClients();
  }
});

test('a receiver with the layout of another version is left as it is', async () => {
  chain.attach();
  {
    using installed = requireInstalled(RECEIVER);
    const path = join(RECEIVER.directory, 'counters');
    unlinkSync(path);
    pin(installed.map('follow_until'), path);
  }
  assert.throws(() => chain.attach(), {
    name: 'AttachedOtherwiseError',
    message: /another version.*`counters` has values of 8 bytes.*run `truepeer receiver detach` first/,
  });
  for (const read of [readStatus, readStats])
    assert.throws(read, { name: 'AttachedOtherwiseError', message: /another version/ });
  unlinkSync(join(RECEIVER.directory, 'counters'));
  for (const read of [readStatus, readStats])
    assert.throws(read, { name: 'AttachedOtherwiseError', message: /it has no map `counters`/ });
  await checkClients();
  assert.equal(detachReceiver(), true);
});

/** Replaces programs, until the third finds nothing to be attached to; the second cannot be put back then. */
function failInTheMiddle(settings: ReceiverSettings): void {
  const [, second, third] = RECEIVER.programs;
  let linkOfSecond: Descriptor | undefined;
  attach(RECEIVER, {
    programs: RECEIVER.programs,
    load: (installed) =>
      LoadedObject.load(objectPath('receiver'), {
        reuse: installed!.maps,
        initial: { '.rodata.settings': encodeSettings(settings) },
      }),
    anchor: {
      isAlive: (link, { pin }) => {
        if (pin === second.pin) linkOfSecond = link;
        if (pin === third.pin) linkOfSecond?.[Symbol.dispose]();
        return pin !== third.pin;
      },
      attach: () => {
        throw new Error('the third cannot be attached');
      },
    },
  });
}

test('a step that cannot be undone keeps no other from it, and does not hide why', () => {
  chain.attach();
  const programId = (name: string) =>
    attachedStatus().programs.find((program) => program.name === name)?.programId;
  const [first, second, , fourth] = RECEIVER.programs.map(({ name }) => ({ name, before: programId(name) }));
  assert.throws(
    () => failInTheMiddle(chain.settings()),
    ({ message, cause }: Error) => {
      assert.equal(message, 'the third cannot be attached');
      assert.ok(cause instanceof AggregateError);
      assert.deepEqual(
        cause.errors.map(({ code }) => code),
        ['EBADF'],
      );
      return true;
    },
  );
  assert.equal(programId(first!.name), first!.before);
  assert.notEqual(programId(second!.name), second!.before);
  assert.equal(programId(fourth!.name), fourth!.before);
});

test('a receiver does not move to another cgroup', async () => {
  chain.attach();
  const before = attachedStatus().programs.map(({ programId }) => programId);
  const elsewhere = chain.backend.cgroupNamed('elsewhere');
  assert.throws(() => chain.attach({ cgroup: elsewhere }), {
    name: 'AttachedOtherwiseError',
    message: /another cgroup than .*\/elsewhere .*run `truepeer receiver detach` first/,
  });
  assert.deepEqual(
    attachedStatus().programs.map(({ programId }) => programId),
    before,
  );
  await checkClients();
});

test('when a service restarts, and its cgroup is made anew, attaching again serves it', async () => {
  const cgroup = chain.backend.cgroupNamed('service');
  chain.attach({ cgroup });
  const service = await serve(chain.backend, 'peername-server', 8002, [], { cgroup: 'service' });
  // Its socket stays the old cgroup's, wherever the process is: that keeps the old links attached.
  await writeFile(join(chain.backend.cgroup, 'cgroup.procs'), String(service.pid));
  await waitUntil('the removal of the cgroup', () =>
    rmdir(cgroup).then(
      () => true,
      () => false,
    ),
  );
  assert.match(attachedStatus().problems.join(), /was removed.*attach again/);

  await serve(chain.backend, 'peername-server', 8003, [], { cgroup: 'service' });
  assert.equal(chain.attach({ cgroup }).outcome, 'replaced');
  assert.deepEqual(attachedStatus().problems, []);
  await checkClients(8003);
});
