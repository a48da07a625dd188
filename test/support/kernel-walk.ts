import { fileURLToPath } from 'node:url';
import { index, update } from '../../src/kernel/map.js';
import { NativeMemory } from '../../src/kernel/memory.js';
import { LoadedObject } from '../../src/kernel/object.js';
import { runOnPacket } from '../../src/kernel/test-run.js';
import { type Found, MAX_OPTIONS, type RuleTable } from '../../src/wire/index.js';

/** struct record of test/bpf/walk.bpf.c. */
const RECORD = { size: 48, ruleSet: 0, syn: 1, length: 2, vipAt: 3, found: 4, options: 8 } as const;

/** The walk of bpf/toa.h, run in the kernel over a row of option blocks. */
export class KernelWalk implements Disposable {
  /** Option blocks a row. */
  static readonly RECORDS = 72;
  static readonly RULE_SETS = 32;
  /** By block, then by length: making a view takes longer than a walk. */
  readonly #views: readonly (readonly Buffer[])[];
  readonly #object: LoadedObject;
  readonly #packet = new NativeMemory(KernelWalk.RECORDS * RECORD.size);

  constructor() {
    this.#object = LoadedObject.load(fileURLToPath(new URL('../bpf/walk.bpf.o', import.meta.url)));
    this.#views = Array.from({ length: KernelWalk.RECORDS }, (_, record) => {
      const at = record * RECORD.size + RECORD.options;
      return Array.from({ length: MAX_OPTIONS + 1 }, (_, length) =>
        this.#packet.bytes.subarray(at, at + length),
      );
    });
  }

  setRules(ruleSet: number, rules: RuleTable, known: RuleTable): void {
    const value = Buffer.concat([rules, known].map((table) => Buffer.from(table.buffer)));
    update(this.#object.map('rule_sets'), index(ruleSet), value);
  }

  /** The option bytes of one block, to be filled and to be read again: all 40, or as many as it has. */
  options(record: number, length: number = MAX_OPTIONS): Uint8Array {
    return this.#views[record]![length]!;
  }

  /** Says how the block is to be walked. */
  prepare(record: number, ruleSet: number, syn: boolean, length: number): void {
    const at = record * RECORD.size;
    const { bytes } = this.#packet;
    bytes[at + RECORD.ruleSet] = ruleSet;
    bytes[at + RECORD.syn] = Number(syn);
    bytes[at + RECORD.length] = length;
    bytes[at + RECORD.vipAt] = 0;
    bytes.writeUInt32LE(0xffff_ffff, at + RECORD.found);
  }

  /** Walks all blocks. As in a real segment, no byte is readable behind the last one's options. */
  run(): void {
    const last = (KernelWalk.RECORDS - 1) * RECORD.size;
    const length = last + RECORD.options + this.#packet.bytes[last + RECORD.length]!;
    const walked = runOnPacket(this.#object.program('walk_records'), this.#packet, { length }).returned;
    if (walked !== KernelWalk.RECORDS) throw new Error(`only ${walked} option blocks were walked`);
  }

  /** What the walk found in one block: as a packed struct toa_found, and what toa_vip_behind() adds. */
  packed(record: number): number {
    return this.#packet.bytes.readUInt32LE(record * RECORD.size + RECORD.found);
  }

  vipAt(record: number): number {
    return this.#packet.bytes[record * RECORD.size + RECORD.vipAt]!;
  }

  [Symbol.dispose](): void {
    this.#object[Symbol.dispose]();
    this.#packet[Symbol.dispose]();
  }
}

/** toa_pack() of bpf/toa.h. */
export function packFound({ verdict, format, at }: Pick<Found, 'verdict' | 'format' | 'at'>): number {
  return verdict | (format << 8) | (at << 16);
}
