import assert from 'node:assert/strict';
import { forwarderStatusShape } from '../src/cli/json-shapes/index.js';
import { createForwarderLab, FORWARDED, type ForwarderLab } from './support/forwarded.js';
import { test } from './support/forwarder/test.js';
import { becomeAllBackends, MANY, manyServices } from './support/forwarder-many.js';
import { Steady, serveSteady } from './support/steady.js';

const HELD = 50;

async function openServices(lab: ForwarderLab) {
  const { stdout } = await lab.truepeer('forwarder', 'status', '--json');
  const status = forwarderStatusShape.parse(JSON.parse(stdout));
  assert.ok(status.attached);
  assert.deepEqual(status.problems, []);
  return status.services;
}

test(`${MANY.services} services with ${MANY.backends} backends each are reloaded under load`, async () => {
  await using lab = await createForwarderLab();
  await becomeAllBackends(lab);
  await serveSteady(lab.backend, MANY.backendPort);
  const open = () => Steady.open(lab.client, FORWARDED.listen.ipv4, MANY.port + 40, HELD);
  // Half of the backends of each service are others afterwards.
  const [before, after] = [manyServices(0), manyServices(MANY.backends / 2)];
  await lab.start({ services: before, localAddresses: [FORWARDED.local.ipv4] });
  await using steady = await open();
  await lab.reload({ services: after, localAddresses: [FORWARDED.local.ipv4] });
  await steady.assertUsed('after the reload');

  const addresses = (services: typeof after) =>
    services.map(({ backends }) => backends.map(({ address }) => address));
  const told = (await openServices(lab)).map(({ backends }) =>
    backends.filter(({ removed }) => !removed).map(({ address }) => `${address.address}:${address.port}`),
  );
  assert.deepEqual(
    told.map((one) => one.sort()),
    addresses(after).map((one) => one.sort()),
  );

  const chosen = () =>
    lab
      .connections()
      .filter(({ state }) => state === 'established')
      .map(({ backend }) => `${backend.address}:${backend.port}`);
  const held = new Set(chosen());
  await using fresh = await open();
  await fresh.assertUsed('that were opened after the reload');
  const all = chosen();
  assert.equal(all.length, 2 * HELD);
  const wanted = new Set(addresses(after)[40]);
  assert.ok(all.filter((address) => !held.has(address)).every((address) => wanted.has(address)));
  await steady.assertUsed('after all');
});
