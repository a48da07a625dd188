import { fileURLToPath } from 'node:url';
import { interfaceIndex } from '../src/kernel/interface.js';
import { index, update } from '../src/kernel/map.js';
import { NativeMemory } from '../src/kernel/memory.js';
import { LoadedObject } from '../src/kernel/object.js';
import { runOnPacket } from '../src/kernel/test-run.js';

/** struct step, struct ends and struct course of bench/bpf/feed.bpf.c. */
const STEP = { size: 128, length: 0, fromBackend: 2, answersSyn: 3, bytes: 4 } as const;
const ENDS = { size: 16, client: 0, local: 4, backend: 8, clientPort: 12, localPort: 14 } as const;
const COURSE = { size: 44, steps: 0, connections: 4, at: 8, target: 12, length: 16, isLearning: 24 } as const;

export const FEED_OBJECT = fileURLToPath(new URL('bpf/feed.bpf.o', import.meta.url));
const TARGETS = [
  'nothing',
  'swap_macs',
  'look_up_route',
  'read_line',
  'find_connection',
  'forwarder',
] as const;
export type Target = (typeof TARGETS)[number];

const XDP_ABORTED = 0;
const XDP_DROP = 1;
/** What a test run begins with: any frame, for the first thing to happen is that it is written anew. */
const FRAME = { length: 64, room: 512 } as const;

/** One segment of each connection, as it arrives; addresses and ports are filled in. */
export interface Step {
  readonly frame: Uint8Array;
  readonly fromBackend?: boolean;
  /** The step before was the SYN, and tells where the backend's segments come from. */
  readonly answersSyn?: boolean;
}

/** Both ends of a connection, as numbers in host order. */
export interface Ends {
  readonly client: number;
  readonly clientPort: number;
  readonly local?: number;
  readonly localPort?: number;
  readonly backend?: number;
}

/** Gives a program frames of many connections, in a test run, and tells how long it takes. */
export class Feeder implements Disposable {
  readonly #object: LoadedObject;
  readonly #frame = new NativeMemory(FRAME.room);
  readonly #course = Buffer.alloc(COURSE.size);
  readonly #ifindex: number;

  /**
   * @param connections that it has room for.
   * @param port the interface that frames come in by.
   */
  constructor(forwarder: LoadedObject, connections: number, port: string) {
    this.#object = LoadedObject.load(FEED_OBJECT, {
      maxEntries: { connection_ends: connections, lines: connections },
      reuse: {
        connections: forwarder.map('connections'),
        tuples: forwarder.map('tuples'),
        settings: forwarder.map('settings'),
      },
    });
    this.#ifindex = interfaceIndex(port)!;
    for (const [at, name] of TARGETS.entries()) {
      const { fd } = (name === 'forwarder' ? forwarder : this.#object).program(name);
      update(this.#object.map('targets'), index(at), index(fd));
    }
  }

  /** Which connection is visited when. */
  setEnds(at: number, { client, clientPort, local = 0, localPort = 0, backend = 0 }: Ends): void {
    const value = Buffer.alloc(ENDS.size);
    value.writeUInt32BE(client, ENDS.client);
    value.writeUInt32BE(local, ENDS.local);
    value.writeUInt32BE(backend, ENDS.backend);
    value.writeUInt16BE(clientPort, ENDS.clientPort);
    value.writeUInt16BE(localPort, ENDS.localPort);
    update(this.#object.map('connection_ends'), index(at), value);
  }

  /**
   * What is fed from here on: the steps of one connection, then those of the next.
   *
   * @param isLearning the backend's ends are those that its SYN told, not those set.
   */
  setCourse(steps: readonly Step[], connections: number, isLearning = false): void {
    for (const [at, { frame, fromBackend, answersSyn }] of steps.entries()) {
      const value = Buffer.alloc(STEP.size);
      value.writeUInt16LE(frame.length, STEP.length);
      value[STEP.fromBackend] = Number(fromBackend ?? false);
      value[STEP.answersSyn] = Number(answersSyn ?? false);
      value.set(frame, STEP.bytes);
      update(this.#object.map('steps'), index(at), value);
    }
    this.#course.fill(0);
    this.#course.writeUInt32LE(steps.length, COURSE.steps);
    this.#course.writeUInt32LE(connections, COURSE.connections);
    this.#course.writeUInt32LE(Number(isLearning), COURSE.isLearning);
  }

  /**
   * Feeds frames to a program, going on where the last run ended.
   *
   * @returns nanoseconds for each, feeding included.
   */
  run(target: Target, frames: number): number {
    this.#course.writeUInt32LE(TARGETS.indexOf(target), COURSE.target);
    update(this.#object.map('courses'), index(0), this.#course);
    const { returned, nanoseconds } = runOnPacket(this.#object.program('feed'), this.#frame, {
      length: FRAME.length,
      ifindex: this.#ifindex,
      repeat: frames,
    });
    if (returned === XDP_ABORTED || returned === XDP_DROP)
      throw new Error(`${target} did not get what it wants: it returned ${returned}`);
    const at = this.#course.readUInt32LE(COURSE.at);
    if (target === 'forwarder') this.#course.writeUInt32LE(at + frames, COURSE.at);
    return nanoseconds;
  }

  [Symbol.dispose](): void {
    this.#frame[Symbol.dispose]();
    this.#object[Symbol.dispose]();
  }
}
