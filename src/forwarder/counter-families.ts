/** Families of counters in metrics, and what those of each have in common. */
export const COUNTER_FAMILIES = {
  segments: 'Segments forwarded.',
  bytes: 'Bytes of IP forwarded.',
  tagged_segments: 'Segments sent to backends with TOA.',
  compacted_segments: 'Segments whose options were packed to make room for TOA.',
  upstream_clients: 'Clients taken from the TOA of a trusted upstream.',
  scrubbed_segments: 'Segments on which a client sent TOA itself, which was overwritten.',
  untagged_segments: 'Segments sent to backends without the TOA that they should have carried.',
  timestamps_given_up: 'SYNs whose TCP timestamps were given up so that TOA fits.',
  answered_segments: 'Segments answered instead of forwarded: with a RST, or that they are too big.',
  dropped_packets: 'Packets dropped.',
  connections_opened: 'Connections whose SYN was sent on.',
  connections_established: 'Connections whose handshake was completed.',
  connections_expired: 'Connections ended for want of segments, by how far they had come.',
  connections_evicted: 'Half-open connections that made room for newer ones.',
  connections_recycled: 'Closed connections whose slot or port was needed before their time.',
  icmp_errors: 'ICMP errors translated.',
  icmp_errors_passed: 'ICMP errors about no connection, left to the host.',
} as const;
export type CounterFamily = keyof typeof COUNTER_FAMILIES;
