import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Host } from '../../src/lab/host.js';
import { createLab, type Lab } from '../../src/lab/lab.js';
import type { LabProcess } from '../../src/lab/process.js';
import type { Result } from '../../src/lab/run.js';
import { BINARY } from './cli.js';

/** Where clients connect to, and as whom the forwarder connects to backends. */
export const SERVICE = '198.51.100.10';
export const LOCAL = '10.0.0.10';
export const CLIENT = '198.51.100.7';

/** The address of a backend, by its number from 0. */
export function backendAddress(at: number): string {
  return `10.0.${at + 1}.11`;
}

/** A client, a forwarder with two arms and more, and backends, each on a link of its own. */
export interface ForwarderLab extends AsyncDisposable {
  readonly lab: Lab;
  readonly client: Host;
  readonly forwarder: Host;
  readonly backends: readonly Host[];
  /** Runs `truepeer ARGUMENTS` on the forwarder to its end. */
  truepeer(...args: readonly string[]): Promise<Result>;
  /** What a command prints with `--json`, which has exactly the published shape. */
  jsonOf<Shape extends z.ZodType>(shape: Shape, ...args: readonly string[]): Promise<z.output<Shape>>;
  /** Writes the configuration: the section `forwarder:`, as YAML or JSON. */
  configure(section: object): Promise<void>;
  /** Starts the daemon, and waits until it forwards. */
  run(): Promise<LabProcess>;
}

/** Segments as they are on a wire: veth leaves checksums and sizes for hardware to do that is not there. */
const OFFLOAD = { tx: false, gro: true };

export async function createForwarderLab(backendCount: number): Promise<ForwarderLab> {
  const backendNames = Array.from({ length: backendCount }, (_, at) => `backend${at}`);
  const lab = await createLab({
    hosts: {
      client: {},
      forwarder: {
        sysctls: { 'net.ipv4.ip_forward': '1' },
        routes: [`local ${LOCAL} dev lo`, `local ${SERVICE} dev lo`],
      },
      ...Object.fromEntries(
        backendNames.map((name, at) => [name, { routes: [`default via 10.0.${at + 1}.1`] }]),
      ),
    },
    links: [
      { between: ['client', 'forwarder'], ipv4: [`${CLIENT}/24`, '198.51.100.1/24'], offload: OFFLOAD },
      ...backendNames.map((name, at) => ({
        between: ['forwarder', name] as const,
        ipv4: [`10.0.${at + 1}.1/24`, `${backendAddress(at)}/24`] as const,
        offload: OFFLOAD,
      })),
    ],
  });
  const forwarder = lab.host('forwarder');
  const config = join(forwarder.dir, 'truepeer.yaml');
  const truepeer = (...args: readonly string[]) =>
    forwarder.run(process.execPath, [BINARY, ...args], { check: false });
  return {
    lab,
    client: lab.host('client'),
    forwarder,
    backends: backendNames.map((name) => lab.host(name)),
    truepeer,
    async jsonOf(shape, ...args) {
      const { stdout, stderr } = await truepeer(...args, '--json');
      assert.equal(stderr, '');
      return shape.parse(JSON.parse(stdout));
    },
    async configure(section) {
      const own = {
        interfaces: ['eth0', ...backendNames.map((_, at) => `eth${at + 1}`)],
        localAddresses: [LOCAL],
      };
      await writeFile(config, JSON.stringify({ forwarder: { capacity: 10_000, ...own, ...section } }));
    },
    async run() {
      const daemon = forwarder.node(BINARY, ['forwarder', 'run', '--config', config]);
      await daemon.waitForLine(/forwarding"/);
      return daemon;
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}
