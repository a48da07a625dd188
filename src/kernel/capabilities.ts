import { readFileSync } from 'node:fs';

/** Bits of include/uapi/linux/capability.h. */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 } as const;

/**
 * Why this process may not use bpf() as TruePeer does, in a few words; undefined where nothing here says so. It needs
 * CAP_SYS_ADMIN and CAP_NET_ADMIN, and both in the initial user namespace.
 */
export function lackOfPrivilege(
  status = readFileSync('/proc/self/status', 'utf8'),
  uidMap = readFileSync('/proc/self/uid_map', 'utf8'),
): string | undefined {
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const missing = Object.entries(CAPABILITIES)
    .filter(([, bit]) => (held & (1n << BigInt(bit))) === 0n)
    .map(([name]) => name);
  if (missing.length > 0) return `without ${missing.join(' and ')}`;
  if (!/^\s*0\s+0\s+4294967295\s*$/.test(uidMap)) return 'in a user namespace';
  return undefined;
}
