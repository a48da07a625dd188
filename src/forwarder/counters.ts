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

/** What a counter means. `next` is what to do about it, where something is to be done. */
export interface Meaning {
  readonly group: CounterGroup;
  readonly says: string;
  readonly next?: string;
}

const MEANINGS: Readonly<Record<CounterName, Meaning>> = {
  toBackend: { group: 'forwarded', says: 'segments to backends' },
  toClient: { group: 'forwarded', says: 'segments to clients' },
  bytesToBackend: { group: 'forwarded', says: 'bytes of IP to backends' },
  bytesToClient: { group: 'forwarded', says: 'bytes of IP to clients' },
  taggedSyn: { group: 'forwarded', says: 'SYNs with TOA' },
  taggedAck: { group: 'forwarded', says: 'empty segments with TOA' },
  taggedData: { group: 'forwarded', says: 'segments of data with TOA' },
  compacted: { group: 'forwarded', says: 'segments whose options were packed to make room for TOA' },
  upstream: { group: 'forwarded', says: 'clients taken from the TOA of a trusted upstream' },
  scrubbed: {
    group: 'forwarded',
    says: 'segments on which a client sent TOA itself, which was overwritten',
    next: 'forged, unless it comes from a forwarder of yours: then name that in trustUpstream',
  },

  noKind: {
    group: 'untagged',
    says: 'the service has no option for clients of this address family',
    next: 'choose a profile with one, such as bytedance or alibaba-slb for IPv6 clients',
  },
  noRoom: {
    group: 'untagged',
    says: 'no room among the 40 bytes of TCP options',
    next: 'timestamps: yield makes room for IPv4 clients, onMissing: reset refuses such connections',
  },
  noRoomMtu: {
    group: 'untagged',
    says: 'the segment would outgrow the MTU of the route to the backend',
    next: 'a client ignored the MSS; early segments carry TOA too, so seldom anything is lost',
  },
  notTold: {
    group: 'untagged',
    says: 'segments behind the SYN of a trusted upstream that has not said so far who its client is',
    next: 'an upstream that tags data only is counted here once a connection; one that never does wants no trust',
  },
  timestampsGivenUp: { group: 'untagged', says: 'TCP timestamps given up so that TOA fits' },

  resetUnknown: {
    group: 'answered',
    says: 'segments of no connection, answered with a RST',
    next: 'clients that slept longer than the timeout `established`, or another forwarder had them before',
  },
  resetMissing: { group: 'answered', says: 'connections reset because TOA had no room (onMissing: reset)' },
  resetDown: {
    group: 'answered',
    says: 'SYNs answered with a RST: no backend is up (whenAllDown: reset)',
    next: 'see `truepeer forwarder status` for the backends and why they are down',
  },
  resetAborted: { group: 'answered', says: 'segments of a connection that was given up here' },
  tooBig: { group: 'answered', says: 'senders told to send smaller packets (path MTU)' },

  dropDown: {
    group: 'dropped',
    says: 'SYNs while no backend is up (whenAllDown: drop)',
    next: 'see `truepeer forwarder status` for the backends and why they are down',
  },
  dropTableFull: {
    group: 'dropped',
    says: 'SYNs for which there was no slot',
    next: 'raise `capacity` (it takes effect after `truepeer forwarder detach`), or shorten the timeouts',
  },
  dropNoPort: {
    group: 'dropped',
    says: 'SYNs for which no local port was free towards the backend',
    next: 'add localAddresses: each makes some 64,000 connections to a backend possible',
  },
  dropNoLocal: {
    group: 'dropped',
    says: 'SYNs for a backend of whose address family there is no local address',
    next: 'add one to localAddresses',
  },
  dropNoRoute: {
    group: 'dropped',
    says: 'segments to where there is no route',
    next: 'look at `ip route get ADDRESS` for the clients and the backends',
  },
  dropNoNeighbour: {
    group: 'dropped',
    says: 'segments whose next hop did not answer ARP or ND yet',
    next: 'look at `ip neigh show nud failed`; the daemon keeps next hops of backends resolved',
  },
  dropElsewhere: {
    group: 'dropped',
    says: 'segments whose route leaves by an interface that is not the forwarder’s',
    next: 'add that interface to `interfaces`, or mend the route',
  },
  dropForwardingOff: {
    group: 'dropped',
    says: 'segments that the kernel would not route: forwarding is off',
    next: 'sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
  },
  dropTtl: {
    group: 'dropped',
    says: 'segments whose time to live ran out',
    next: 'a routing loop: look at `traceroute` to the service',
  },
  dropFragment: {
    group: 'dropped',
    says: 'fragments of IP packets',
    next: 'TCP has path MTU discovery instead: look for who filters ICMP',
  },
  dropIpOptions: {
    group: 'dropped',
    says: 'packets with IP options or IPv6 extension headers',
    next: 'no ordinary client sends them: see who does with `tcpdump -i IFACE "ip[0] & 15 > 5"`',
  },
  dropMalformed: {
    group: 'dropped',
    says: 'packets whose lengths contradict one another',
    next: 'forged or damaged: nothing, unless a device of yours sends them',
  },
  dropUnknownReset: {
    group: 'dropped',
    says: 'RSTs of no connection',
    next: 'late or forged: nothing',
  },
  dropRace: {
    group: 'dropped',
    says: 'segments that met a connection being opened or freed',
    next: 'nothing while they are few: TCP sends them again',
  },
  dropNoHeadroom: {
    group: 'dropped',
    says: 'packets that the driver left no room in front of',
    next: 'report it, with `ethtool -i` of the interface',
  },
  dropInternal: { group: 'dropped', says: 'what cannot happen', next: 'report it as a bug' },

  opened: { group: 'connections', says: 'opened: a SYN was sent on' },
  established: { group: 'connections', says: 'established' },
  expiredEmbryo: { group: 'connections', says: 'ended before the handshake was complete' },
  expiredEstablished: { group: 'connections', says: 'ended after their timeout without a segment' },
  evictedEmbryo: {
    group: 'connections',
    says: 'half-open ones that made room for newer ones',
    next: 'a SYN flood, or backends that do not answer',
  },
  recycled: {
    group: 'connections',
    says: 'closed ones whose slot or port was needed before their time',
    next: 'add localAddresses or raise `capacity` if it goes on',
  },

  icmpToBackend: { group: 'icmp', says: 'errors translated for backends' },
  icmpToClient: { group: 'icmp', says: 'errors translated for clients' },
  icmpPassed: { group: 'icmp', says: 'errors about no connection, left to the host' },
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
