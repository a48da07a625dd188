import { index, lookup, update } from '../kernel/map.js';
import { formatAddress, parseAddress } from '../wire/index.js';
import { FORWARDER_SETTINGS, LIMITS } from './layout.js';
import type { Tables } from './tables.js';

const ADDRESS_BYTES = 16;

/** Where each family's local addresses begin in the map `locals`, and where in the settings it stands how many they are. */
const FAMILIES = [
  { first: 0, count: FORWARDER_SETTINGS.locals4 },
  { first: LIMITS.localsMax, count: FORWARDER_SETTINGS.locals6 },
] as const;

/** The local addresses in use, as text, IPv4 first. @throws {KernelError} */
export function readLocals(tables: Tables): string[] {
  const settings = lookup(tables.map('settings'), index(0), FORWARDER_SETTINGS.size)!;
  return FAMILIES.flatMap(({ first, count }) =>
    Array.from({ length: settings.readUInt32LE(count) }, (_, at) =>
      formatAddress(lookup(tables.map('locals'), index(first + at), ADDRESS_BYTES)!),
    ),
  );
}

/** Connections that are open keep the local address that they have. @throws {KernelError} */
export function writeLocals(tables: Tables, locals4: readonly string[], locals6: readonly string[]): void {
  const settings = lookup(tables.map('settings'), index(0), FORWARDER_SETTINGS.size)!;
  [locals4, locals6].forEach((locals, family) => {
    const { first, count } = FAMILIES[family]!;
    locals.forEach((address, at) => {
      update(tables.map('locals'), index(first + at), parseAddress(address));
    });
    settings.writeUInt32LE(locals.length, count);
  });
  update(tables.map('settings'), index(0), settings);
}
