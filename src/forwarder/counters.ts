import type { CounterFamily } from './counter-families.js';
import { COUNTERS, type CounterName } from './layout.js';

/** What a counter is about, in the order in which they are shown. */
export const COUNTER_GROUPS = [
  'forwarded',
  'untagged',
  'answered',
  'dropped',
  'connections',
  'icmp',
] as const;
export type CounterGroup = (typeof COUNTER_GROUPS)[number];

/** One of the counters that a family in metrics is made of, told apart by a label where there are several. */
export type Series = readonly [
  family: CounterFamily,
  label?: { readonly [name in 'direction' | 'segment' | 'reason']?: string },
];

/** What a counter means. `next` is what to do about it, where something is to be done. */
export interface Meaning {
  readonly group: CounterGroup;
  /** What it is in metrics. */
  readonly series: Series;
  readonly says: string;
  readonly next?: string;
}

const MEANINGS: Readonly<Record<CounterName, Meaning>> = {
  toBackend: {
    group: 'forwarded',
    series: ['segments', { direction: 'to_backend' }],
    says: 'segments to backends',
  },
  toClient: {
    group: 'forwarded',
    series: ['segments', { direction: 'to_client' }],
    says: 'segments to clients',
  },
  bytesToBackend: {
    group: 'forwarded',
    series: ['bytes', { direction: 'to_backend' }],
    says: 'bytes of IP to backends',
  },
  bytesToClient: {
    group: 'forwarded',
    series: ['bytes', { direction: 'to_client' }],
    says: 'bytes of IP to clients',
  },
  taggedSyn: { group: 'forwarded', series: ['tagged_segments', { segment: 'syn' }], says: 'SYNs with TOA' },
  taggedAck: {
    group: 'forwarded',
    series: ['tagged_segments', { segment: 'ack' }],
    says: 'empty segments with TOA',
  },
  taggedData: {
    group: 'forwarded',
    series: ['tagged_segments', { segment: 'data' }],
    says: 'segments of data with TOA',
  },
  compacted: {
    group: 'forwarded',
    series: ['compacted_segments'],
    says: 'segments whose options were packed to make room for TOA',
  },
  upstream: {
    group: 'forwarded',
    series: ['upstream_clients'],
    says: 'clients taken from the TOA of a trusted upstream',
  },
  scrubbed: {
    group: 'forwarded',
    series: ['scrubbed_segments'],
    says: 'segments on which a client sent TOA itself, which was overwritten',
    next: 'forged, unless it comes from a forwarder of yours: then name that in trustUpstream',
  },

  noKind: {
    group: 'untagged',
    series: ['untagged_segments', { reason: 'no_kind' }],
    says: 'the service has no option for clients of this address family',
    next: 'choose a profile with one, such as bytedance or alibaba-slb for IPv6 clients',
  },
  noRoom: {
    group: 'untagged',
    series: ['untagged_segments', { reason: 'no_room' }],
    says: 'no room among the 40 bytes of TCP options',
    next: 'timestamps: yield makes room for IPv4 clients, onMissing: reset refuses such connections',
  },
  noRoomMtu: {
    group: 'untagged',
    series: ['untagged_segments', { reason: 'no_room_mtu' }],
    says: 'the segment would outgrow the MTU of the route to the backend',
    next: 'a client ignored the MSS; early segments carry TOA too, so seldom anything is lost',
  },
  notTold: {
    group: 'untagged',
    series: ['untagged_segments', { reason: 'not_told' }],
    says: 'segments behind the SYN of a trusted upstream that has not said so far who its client is',
    next: 'an upstream that tags data only is counted here once a connection; one that never does wants no trust',
  },
  timestampsGivenUp: {
    group: 'untagged',
    series: ['timestamps_given_up'],
    says: 'TCP timestamps given up so that TOA fits',
  },

  resetUnknown: {
    group: 'answered',
    series: ['answered_segments', { reason: 'unknown' }],
    says: 'segments of no connection, answered with a RST',
    next: 'clients that slept longer than the timeout `established`, or another forwarder had them before',
  },
  resetFormer: {
    group: 'answered',
    series: ['answered_segments', { reason: 'former' }],
    says: 'segments of a backend that still believes in a connection which had the local port before, answered with a RST',
    next: 'connections ended here without the backend being told: was the forwarder, or its daemon, down for long?',
  },
  resetMissing: {
    group: 'answered',
    series: ['answered_segments', { reason: 'missing' }],
    says: 'connections reset because TOA had no room (onMissing: reset)',
  },
  resetDown: {
    group: 'answered',
    series: ['answered_segments', { reason: 'down' }],
    says: 'SYNs answered with a RST: no backend is up (whenAllDown: reset)',
    next: 'see `truepeer forwarder status` for the backends and why they are down',
  },
  resetAborted: {
    group: 'answered',
    series: ['answered_segments', { reason: 'aborted' }],
    says: 'segments of a connection that was given up here',
  },
  tooBig: {
    group: 'answered',
    series: ['answered_segments', { reason: 'too_big' }],
    says: 'senders told to send smaller packets (path MTU)',
  },

  dropDown: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'down' }],
    says: 'SYNs while no backend is up (whenAllDown: drop)',
    next: 'see `truepeer forwarder status` for the backends and why they are down',
  },
  dropTableFull: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'table_full' }],
    says: 'SYNs for which there was no slot',
    next: 'raise `capacity` (it takes effect after `truepeer forwarder detach`), or shorten the timeouts',
  },
  dropNoPort: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'no_port' }],
    says: 'SYNs for which no local port was free towards the backend',
    next: 'add localAddresses: each makes some 64,000 connections to a backend possible',
  },
  dropNoLocal: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'no_local' }],
    says: 'SYNs for a backend of whose address family there is no local address',
    next: 'add one to localAddresses',
  },
  dropNoRoute: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'no_route' }],
    says: 'segments to where there is no route',
    next: 'look at `ip route get ADDRESS` for the clients and the backends',
  },
  dropNoNeighbour: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'no_neighbour' }],
    says: 'segments whose next hop did not answer ARP or ND yet',
    next: 'look at `ip neigh show nud failed`; the daemon keeps next hops of backends resolved',
  },
  dropElsewhere: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'elsewhere' }],
    says: 'segments whose route leaves by an interface that is not the forwarder’s',
    next: 'add that interface to `interfaces`, or mend the route',
  },
  dropForwardingOff: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'forwarding_off' }],
    says: 'segments that the kernel would not route: forwarding is off',
    next: 'sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
  },
  dropTtl: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'ttl' }],
    says: 'segments whose time to live ran out',
    next: 'a routing loop: look at `traceroute` to the service',
  },
  dropFragment: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'fragment' }],
    says: 'fragments of IP packets',
    next: 'TCP has path MTU discovery instead: look for who filters ICMP',
  },
  dropIpOptions: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'ip_options' }],
    says: 'packets with IP options or IPv6 extension headers',
    next: 'no ordinary client sends them: see who does with `tcpdump -i IFACE "ip[0] & 15 > 5"`',
  },
  dropMalformed: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'malformed' }],
    says: 'packets whose lengths contradict one another, and SYN-ACKs of clients',
    next: 'forged or damaged: nothing, unless a device of yours sends them',
  },
  dropUnknownReset: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'unknown_reset' }],
    says: 'RSTs of no connection',
    next: 'late or forged: nothing',
  },
  misaddressed: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'misaddressed' }],
    says: 'segments of no connection, in frames for the MAC of another host',
    next: 'a switch that sends them everywhere; or a router that still has another MAC for the service',
  },
  dropUnsummed: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'unsummed' }],
    says: 'SYNs and SYN-ACKs whose checksum was left to a network card, over a veth that has none',
    next: 'ethtool -K PEER tx off at the other end of each veth that the forwarder is on',
  },
  dropRace: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'race' }],
    says: 'segments that met a connection being opened or freed',
    next: 'nothing while they are few: TCP sends them again',
  },
  dropNoHeadroom: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'no_headroom' }],
    says: 'packets that the driver left no room in front of',
    next: 'report it, with `ethtool -i` of the interface',
  },
  dropInternal: {
    group: 'dropped',
    series: ['dropped_packets', { reason: 'internal' }],
    says: 'what cannot happen',
    next: 'report it as a bug',
  },

  opened: { group: 'connections', series: ['connections_opened'], says: 'opened: a SYN was sent on' },
  established: { group: 'connections', series: ['connections_established'], says: 'established' },
  expiredEmbryo: {
    group: 'connections',
    series: ['connections_expired', { reason: 'embryonic' }],
    says: 'ended before the handshake was complete',
  },
  expiredEstablished: {
    group: 'connections',
    series: ['connections_expired', { reason: 'established' }],
    says: 'ended after their timeout without a segment',
  },
  evictedEmbryo: {
    group: 'connections',
    series: ['connections_evicted'],
    says: 'half-open ones that made room for newer ones',
    next: 'a SYN flood, or backends that do not answer',
  },
  recycled: {
    group: 'connections',
    series: ['connections_recycled'],
    says: 'closed ones whose slot or port was needed before their time',
    next: 'add localAddresses or raise `capacity` if it goes on',
  },

  icmpToBackend: {
    group: 'icmp',
    series: ['icmp_errors', { direction: 'to_backend' }],
    says: 'errors translated for backends',
  },
  icmpToClient: {
    group: 'icmp',
    series: ['icmp_errors', { direction: 'to_client' }],
    says: 'errors translated for clients',
  },
  icmpPassed: {
    group: 'icmp',
    series: ['icmp_errors_passed'],
    says: 'errors about no connection, left to the host',
  },
};

/** A counter by its name, its number and its meaning. */
export interface Counter extends Meaning {
  readonly name: CounterName;
  readonly number: number;
}

/** All of them, by group. */
export const COUNTER_MEANINGS: readonly Counter[] = COUNTER_GROUPS.flatMap((group) =>
  (Object.keys(MEANINGS) as CounterName[])
    .filter((name) => MEANINGS[name].group === group)
    .map((name) => ({ name, number: COUNTERS.indexOf(name), ...MEANINGS[name] })),
);
