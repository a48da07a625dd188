/** The family of an address in canonical text, in which an IPv4-mapped one is a dotted quad. */
export function familyOfText(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}
