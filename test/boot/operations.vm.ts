import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Disk, freshDisk } from './disk.js';
import { PACKAGES, runBy, titleOf } from './guide-blocks.js';
import { Machine } from './machine.js';
import { makeProxy } from './network.js';
import { DEBIAN_13 } from './releases.js';
import { TOA_MODULE } from './toa-module.js';

const CACHE = resolve('dist/boot');

describe('the operations guide, on a Debian with systemd', () => {
  let disk: Disk;
  let machine: Machine;
  before(async () => {
    disk = await freshDisk(DEBIAN_13, CACHE, 'guide');
    machine = await Machine.boot(disk);
    await makeProxy(machine);
  });
  after(async () => {
    await machine?.[Symbol.asyncDispose]();
    await disk?.[Symbol.asyncDispose]();
  });
  for (const block of runBy('guest'))
    test(titleOf(block), async () => {
      // The host that is migrated.
      if (block.text.includes('rmmod toa')) await machine.tell(`insmod ${TOA_MODULE}`);
      const folder = join('/host', PACKAGES, block.tested[1] ?? 'first');
      // Without a registry, the system's own root is the image.
      const text = block.text.replace('localhost/truepeer', '--rootfs /:O');
      await machine.tell(`set -e\nexport DEBIAN_FRONTEND=noninteractive\ncd ${folder}\n${text}`);
    });
});
