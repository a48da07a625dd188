import { FORMATS, Format, type SomeFormat } from './formats.js';
import { type RuleEntry, type RuleTable, ruleTable } from './rules.js';

/** The segment an option is read from: the one that completes the handshake, or the SYN. */
export type Segment = 'completing' | 'syn';

/** One option a profile reads. */
export interface ProfileEntry {
  readonly kind: number;
  readonly format: SomeFormat;
  readonly on: Segment;
}

/** What one vendor's forwarders send. */
export interface Profile {
  readonly name: string;
  /** Whose forwarders these are, in one line. */
  readonly who: string;
  readonly entries: readonly ProfileEntry[];
  /** What an operator has to know before choosing it. */
  readonly notes: readonly string[];
}

function completing(kind: number, format: SomeFormat): ProfileEntry {
  return { kind, format, on: 'completing' };
}

function syn(kind: number, format: SomeFormat): ProfileEntry {
  return { kind, format, on: 'syn' };
}

/** Every profile: the one table that the receiver, the tagger, the command line and the documents read. */
export const PROFILES: readonly Profile[] = [
  {
    name: 'tencent',
    who: 'Tencent Cloud (Anti-DDoS, GAAP, CLB, EdgeOne), and the first LVS FULLNAT',
    entries: [completing(200, Format.IPV4)],
    notes: [],
  },
  {
    name: 'lvs',
    who: 'LVS FULLNAT and its descendants',
    entries: [completing(254, Format.IPV4), completing(253, Format.IPV6)],
    notes: [],
  },
  {
    name: 'dpvs',
    who: 'DPVS',
    entries: [completing(254, Format.IPV4), completing(254, Format.IPV6)],
    notes: ['With NAT64 an IPv6 client arrives over IPv4: an IPv4 socket shows it through getsockopt only.'],
  },
  {
    name: 'huawei',
    who: 'Huawei Cloud (ELB, AAD)',
    entries: [completing(254, Format.IPV4)],
    notes: [],
  },
  {
    name: 'ucloud',
    who: 'UCloud load balancers, of all ages',
    entries: [
      completing(200, Format.IPV4),
      completing(254, Format.IPV4),
      completing(253, Format.IPV4),
      completing(252, Format.IPV4),
    ],
    notes: [],
  },
  {
    name: 'alibaba-slb',
    who: 'Alibaba Cloud SLB, with VPC tunnels',
    entries: [
      completing(254, Format.IPV4),
      completing(253, Format.IPV6),
      completing(252, Format.VTOA4),
      completing(250, Format.VIP),
      completing(249, Format.VTOA6),
    ],
    notes: ['Kinds 252, 250 and 249 also carry the VIP, and 252 and 249 the tunnel id, for getsockopt.'],
  },
  {
    name: 'bytedance',
    who: 'ByteDance, Volcengine',
    entries: [completing(254, Format.IPV4), completing(254, Format.IPV4_VIP), completing(254, Format.IPV6)],
    notes: [],
  },
  {
    name: 'option28',
    who: 'F5, NetScaler, Akamai: the address-only option',
    entries: [completing(28, Format.ADDRESS4), completing(28, Format.ADDRESS6)],
    notes: ['The option has no port: programs see the client’s address with the forwarder’s port.'],
  },
  {
    name: 'alibaba-cdn',
    who: 'Alibaba Cloud CDN and DCDN',
    entries: [syn(28, Format.ADDRESS4), syn(28, Format.ADDRESS6)],
    notes: [
      'The option has no port: programs see the client’s address with the forwarder’s port.',
      'It is read from the SYN, which SYN cookies forget, and which listeners older than the receiver do not keep.',
      'Listeners go on keeping SYNs, some hundred bytes for each connection, until they close, also after a detach.',
    ],
  },
];

/** What is enabled where nothing is chosen: these agree with one another. */
export const DEFAULT_PROFILES: readonly string[] = ['tencent', 'dpvs', 'lvs'];

/** TencentOS sends these beside 200/8. They carry no client, so no profile reads them. */
const UNREAD: readonly RuleEntry[] = [
  { kind: 201, format: Format.VPC, by: 'TencentOS' },
  { kind: 202, format: Format.VIP, by: 'TencentOS' },
];

/** Every option that anybody is known to send, whether or not a profile reads it. */
export const KNOWN_OPTIONS: readonly RuleEntry[] = [
  ...PROFILES.flatMap(({ name, entries }) =>
    entries.map(({ kind, format }): RuleEntry => ({ kind, format, by: name })),
  ),
  ...UNREAD,
];

/** {@link KNOWN_OPTIONS} as a rules table. */
export const KNOWN_RULES: RuleTable = ruleTable(KNOWN_OPTIONS);

/** The lengths, in ascending order, that this kind is known to have as TOA. */
export function knownLengths(kind: number): number[] {
  const lengths = KNOWN_OPTIONS.filter((option) => option.kind === kind).map(
    ({ format }) => FORMATS[format].length,
  );
  return [...new Set(lengths)].sort((a, b) => a - b);
}
