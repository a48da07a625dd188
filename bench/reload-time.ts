import { createForwarderLab, FORWARDED } from '../test/support/forwarded.js';
import { becomeAllBackends, MANY, manyServices } from '../test/support/forwarder-many.js';
import { type Figure, figure } from './figure.js';
import type { Scale } from './scale.js';

const GOAL_MS = 2_000;

/** How long `truepeer forwarder reload` takes when half of the backends of every one of many services are others. */
export async function measureReloadTime({ forwarder: { reloads } }: Scale): Promise<Figure> {
  await using lab = await createForwarderLab();
  await becomeAllBackends(lab);
  const config = (turn: number) => ({
    services: manyServices(turn % 2 === 0 ? 0 : MANY.backends / 2),
    localAddresses: [FORWARDED.local.ipv4],
  });
  await lab.start(config(0));
  const samples: number[] = [];
  for (let turn = 1; turn <= reloads; turn++) {
    await lab.configure(config(turn));
    const began = performance.now();
    await lab.reloadConfigured();
    samples.push(performance.now() - began);
  }
  return figure({
    group: 'forwarder',
    name: `reload of ${MANY.services} services with ${MANY.backends} backends each`,
    unit: 'ms',
    goal: GOAL_MS,
    samples,
    detail: 'half of all backends change; wall clock of the command, with the start of Node',
  });
}
