import { setImmediate } from 'node:timers/promises';
import { BACKEND, BACKEND_FLAGS } from '../forwarder/layout.js';
import { formatAddress, formatEndpoint } from '../wire/index.js';
import { type Labels, labelTexts } from './label-texts.js';
import { PREFIX } from './prefix.js';

/** The map `backends`, read at one time. */
export interface BackendsImage {
  readonly bytes: Buffer;
  /** Bytes from one to the next. */
  readonly stride: number;
}

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Of a backend whose struct is there. */
  readonly value: (bytes: Buffer, at: number) => number | bigint;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'backend_up',
    type: 'gauge',
    help: 'Whether the backend is well, as far as is known: 1 or 0.',
    value: (bytes, at) => hasFlag(bytes, at, BACKEND_FLAGS.up),
  },
  {
    name: 'backend_draining',
    type: 'gauge',
    help: 'Whether somebody has said that the backend gets no new connections: 1 or 0.',
    value: (bytes, at) => hasFlag(bytes, at, BACKEND_FLAGS.draining),
  },
  {
    name: 'backend_connections',
    type: 'gauge',
    help: 'Connections that hold a slot, closed ones that keep their port for a while among them.',
    value: (bytes, at) => bytes.readUInt32LE(at + BACKEND.active),
  },
  {
    name: 'backend_connections_opened_total',
    type: 'counter',
    help: 'Connections whose SYN was sent on.',
    value: (bytes, at) => bytes.readBigUInt64LE(at + BACKEND.opened),
  },
  {
    name: 'backend_connections_established_total',
    type: 'counter',
    help: 'Connections whose handshake was completed.',
    value: (bytes, at) => bytes.readBigUInt64LE(at + BACKEND.established),
  },
  {
    name: 'backend_connections_unanswered_total',
    type: 'counter',
    help: 'Connections that expired without any answer of the backend.',
    value: (bytes, at) => bytes.readBigUInt64LE(at + BACKEND.unanswered),
  },
  {
    name: 'backend_connections_refused_total',
    type: 'counter',
    help: 'Connections that the backend answered with a RST.',
    value: (bytes, at) => bytes.readBigUInt64LE(at + BACKEND.refused),
  },
];

/** So many lines are written at a time, in about a millisecond, during which nothing else of this process happens. */
const SLICE = 1_000;

/** A configured backend: where its struct is, and what tells it from all others. */
interface Found {
  readonly at: number;
  readonly service: string;
  readonly key: string;
}

/**
 * Writes what is known of each backend that is configured. There may be a hundred thousand, and the library takes seconds
 * for so many; so it writes the labels of each but once, and the lines are put together with those.
 */
export class BackendExposition {
  #labels: ReadonlyMap<string, string> = new Map();

  /** @param services names by number, of those whose backends are told. */
  async *text(image: BackendsImage, services: ReadonlyMap<number, string>): AsyncGenerator<string> {
    const backends = configured(image, services);
    const labels = await this.#label(backends, image.bytes);
    for (const { name, type, help, value } of FAMILIES) {
      yield `# HELP ${PREFIX}${name} ${help}\n# TYPE ${PREFIX}${name} ${type}\n`;
      for (let from = 0; from < backends.length; from += SLICE) {
        let lines = '';
        for (const { at, key } of backends.slice(from, from + SLICE))
          lines += `${PREFIX}${name}${labels.get(key)} ${value(image.bytes, at)}\n`;
        yield lines;
        await setImmediate();
      }
    }
  }

  async #label(backends: readonly Found[], bytes: Buffer): Promise<ReadonlyMap<string, string>> {
    const labels = new Map<string, string>();
    const fresh = new Map<string, Labels>();
    for (const { at, service, key } of backends) {
      const text = this.#labels.get(key);
      if (text === undefined) fresh.set(key, { service, backend: backendAt(bytes, at) });
      else labels.set(key, text);
    }
    const keys = [...fresh.keys()];
    for (let from = 0; from < keys.length; from += SLICE) {
      const some = keys.slice(from, from + SLICE);
      const texts = await labelTexts(some.map((key) => fresh.get(key)!));
      for (const [at, key] of some.entries()) labels.set(key, texts[at]!);
      await setImmediate();
    }
    this.#labels = labels;
    return labels;
  }
}

/** Those that are not, and whose last connections go on, are left out: another may have the same labels by now. */
function configured({ bytes, stride }: BackendsImage, services: ReadonlyMap<number, string>): Found[] {
  const found: Found[] = [];
  for (let at = stride; at < bytes.length; at += stride) {
    const flags = bytes.readUInt32LE(at + BACKEND.flags);
    if ((flags & (BACKEND_FLAGS.used | BACKEND_FLAGS.removed)) !== BACKEND_FLAGS.used) continue;
    const service = services.get(bytes.readUInt16LE(at + BACKEND.service));
    if (service === undefined) continue;
    const endpoint = bytes.toString('latin1', at + BACKEND.address, at + BACKEND.port + 2);
    found.push({ at, service, key: `${service} ${endpoint}` });
  }
  return found;
}

function backendAt(bytes: Buffer, at: number): string {
  const address = formatAddress(bytes.subarray(at + BACKEND.address, at + BACKEND.port));
  return formatEndpoint({ address, port: bytes.readUInt16BE(at + BACKEND.port) });
}

function hasFlag(bytes: Buffer, at: number, flag: number): number {
  return bytes.readUInt32LE(at + BACKEND.flags) & flag ? 1 : 0;
}
