/** Bytes from hexadecimal digits; spaces are for the reader. */
export function hex(digits: string): Uint8Array {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

/** The options of the client that most tests have, 203.0.113.7 or 2001:db8::7, port 4242, as DPVS sends them. */
export const CLIENT = {
  ipv4: hex('fe08 1092 cb007107'),
  ipv6: hex('fe14 1092 20010db8 00000000 00000000 00000007'),
} as const;
