import { readFileSync } from 'node:fs';

/** Byte offsets of a struct's members by name, and its `size` in bytes. */
export type StructLayout = Readonly<Record<string, number>>;

/** What an object's BTF tells of its types. */
export interface Types {
  readonly structs: ReadonlyMap<string, StructLayout>;
  /** The numbers of an enum's names. */
  readonly enums: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** From include/uapi/linux/btf.h: kinds that are read here. */
const STRUCT = 4;
const ENUM = 6;

const TYPE_BYTES = 12;
/** Bytes behind a type: of the kind itself, and for each of its elements. Kinds that have none are left out. */
const TRAILERS: Readonly<Record<number, { readonly fixed?: number; readonly each?: number }>> = {
  1: { fixed: 4 }, // INT
  3: { fixed: 12 }, // ARRAY
  [STRUCT]: { each: 12 },
  5: { each: 12 }, // UNION
  [ENUM]: { each: 8 },
  13: { each: 8 }, // FUNC_PROTO
  14: { fixed: 4 }, // VAR
  15: { each: 12 }, // DATASEC
  17: { fixed: 4 }, // DECL_TAG
  19: { each: 12 }, // ENUM64
};

/**
 * The named structs and enums in the BTF of a compiled object file.
 *
 * @see https://docs.kernel.org/bpf/btf.html
 */
export function readTypes(path: string): Types {
  const btf = section(readFileSync(path), '.BTF');
  const header = btf.readUInt32LE(4);
  const types = btf.subarray(header + btf.readUInt32LE(8)).subarray(0, btf.readUInt32LE(12));
  const strings = btf.subarray(header + btf.readUInt32LE(16));
  const structs = new Map<string, StructLayout>();
  const enums = new Map<string, Record<string, number>>();

  for (let at = 0; at < types.length; ) {
    const name = text(strings, types.readUInt32LE(at));
    const info = types.readUInt32LE(at + 4);
    const kind = (info >> 24) & 0x1f;
    const count = info & 0xffff;
    const { fixed = 0, each = 0 } = TRAILERS[kind] ?? {};
    const elements = Array.from({ length: count }, (_, i) => at + TYPE_BYTES + i * each);
    if (kind === STRUCT) {
      const members = elements.map((member) => [
        text(strings, types.readUInt32LE(member)),
        types.readUInt32LE(member + 8) / 8,
      ]);
      structs.set(name, { ...Object.fromEntries(members), size: types.readUInt32LE(at + 8) });
    } else if (kind === ENUM) {
      const names = elements.map((value) => [
        text(strings, types.readUInt32LE(value)),
        types.readUInt32LE(value + 4),
      ]);
      enums.set(name, Object.fromEntries(names));
    }
    at += TYPE_BYTES + fixed + each * count;
  }
  return { structs, enums };
}

/** A section of a 64-bit little-endian ELF file. */
function section(elf: Buffer, name: string): Buffer {
  const table = Number(elf.readBigUInt64LE(0x28));
  const entry = (number: number) => elf.subarray(table + number * elf.readUInt16LE(0x3a));
  const content = (header: Buffer) => {
    const offset = Number(header.readBigUInt64LE(0x18));
    return elf.subarray(offset, offset + Number(header.readBigUInt64LE(0x20)));
  };
  const names = content(entry(elf.readUInt16LE(0x3e)));
  for (let number = 0; number < elf.readUInt16LE(0x3c); number++)
    if (text(names, entry(number).readUInt32LE(0)) === name) return content(entry(number));
  throw new Error(`no section ${name}: compiled without -g?`);
}

function text(strings: Buffer, at: number): string {
  return strings.toString('latin1', at, strings.indexOf(0, at));
}
