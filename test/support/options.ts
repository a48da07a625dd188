/** Bytes from hexadecimal digits; spaces are for the reader. */
export function hex(digits: string): Uint8Array {
  return Buffer.from(digits.replaceAll(' ', ''), 'hex');
}

/** The options of the client that most tests have, 203.0.113.7 or 2001:db8::7, port 4242, as DPVS sends them. */
export const CLIENT = {
  ipv4: hex('fe08 1092 cb007107'),
  ipv6: hex('fe14 1092 20010db8 00000000 00000000 00000007'),
} as const;

/** The option of another client for each number from 0 to 255: 198.51.100.NUMBER, port 4242. */
export function clientNumber(number: number): Uint8Array {
  return Uint8Array.of(0xfe, 8, 0x10, 0x92, 198, 51, 100, number);
}
