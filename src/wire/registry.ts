/** A TCP option kind with an owner. */
export interface StandardKind {
  readonly name: string;
  readonly source: string;
  /** The one length it can have, in bytes, where there is only one. */
  readonly length?: number;
}

/**
 * The kinds that IANA's registry of TCP option kinds gives to somebody,
 * obsolete ones included; 253 and 254 are everybody's (RFC 3692) and absent.
 *
 * @see https://www.iana.org/assignments/tcp-parameters
 */
export const STANDARD_KINDS: ReadonlyMap<number, StandardKind> = new Map([
  [0, { name: 'end of options', source: 'RFC 9293' }],
  [1, { name: 'NOP', source: 'RFC 9293' }],
  [2, { name: 'MSS', source: 'RFC 9293', length: 4 }],
  [3, { name: 'window scale', source: 'RFC 7323', length: 3 }],
  [4, { name: 'SACK permitted', source: 'RFC 2018', length: 2 }],
  [5, { name: 'SACK', source: 'RFC 2018' }],
  [6, { name: 'echo', source: 'RFC 1072', length: 6 }],
  [7, { name: 'echo reply', source: 'RFC 1072', length: 6 }],
  [8, { name: 'timestamps', source: 'RFC 7323', length: 10 }],
  [9, { name: 'partial order permitted', source: 'RFC 1693', length: 2 }],
  [10, { name: 'partial order profile', source: 'RFC 1693', length: 3 }],
  [11, { name: 'CC', source: 'RFC 1644' }],
  [12, { name: 'CC.NEW', source: 'RFC 1644' }],
  [13, { name: 'CC.ECHO', source: 'RFC 1644' }],
  [14, { name: 'alternate checksum request', source: 'RFC 1146', length: 3 }],
  [15, { name: 'alternate checksum data', source: 'RFC 1146' }],
  [16, { name: 'Skeeter', source: 'IANA' }],
  [17, { name: 'Bubba', source: 'IANA' }],
  [18, { name: 'trailer checksum', source: 'IANA', length: 3 }],
  [19, { name: 'MD5 signature', source: 'RFC 2385', length: 18 }],
  [20, { name: 'SCPS capabilities', source: 'IANA' }],
  [21, { name: 'selective negative acknowledgements', source: 'IANA' }],
  [22, { name: 'record boundaries', source: 'IANA' }],
  [23, { name: 'corruption experienced', source: 'IANA' }],
  [24, { name: 'SNAP', source: 'IANA' }],
  [26, { name: 'compression filter', source: 'IANA' }],
  [27, { name: 'quick-start response', source: 'RFC 4782', length: 8 }],
  [28, { name: 'user timeout', source: 'RFC 5482', length: 4 }],
  [29, { name: 'TCP-AO', source: 'RFC 5925' }],
  [30, { name: 'MPTCP', source: 'RFC 8684' }],
  [34, { name: 'Fast Open', source: 'RFC 7413' }],
  [69, { name: 'TCP-ENO', source: 'RFC 8547' }],
  [172, { name: 'AccECN0', source: 'RFC 9768' }],
  [174, { name: 'AccECN1', source: 'RFC 9768' }],
]);

/** A protocol that shares kinds 253 and 254, told by the hexadecimal magic behind the length (RFC 6994). */
export const EXPERIMENTS: ReadonlyMap<string, string> = new Map([
  ['f989', 'Fast Open experiment'],
  ['e2d4', 'SMC experiment'],
  ['dee9', 'DeepFlow tracing'],
]);
