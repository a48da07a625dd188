import { detachReceiver } from '../src/receiver/detach.js';
import { type Bed, jsonOf } from './bed.js';
import { type Figure, figure } from './figure.js';
import type { Scale } from './scale.js';
import { summarize } from './statistics.js';

/** As many-getsockopt prints them. */
const CALLS = {
  SO_ERROR: 'getsockopt(SO_ERROR)',
  TCP_NODELAY: 'getsockopt(TCP_NODELAY)',
  TCP_INFO: 'getsockopt(TCP_INFO)',
  getpeername: 'getpeername()',
} as const;
type Call = keyof typeof CALLS;
type Nanoseconds = Readonly<Record<Call, number>>;

/**
 * What a whole system call on a connection without TOA takes longer than without the receiver: the tax that programs
 * pay which never ask for a client.
 */
export async function measureCallCost(bed: Bed, { rounds, calls }: Scale): Promise<Figure[]> {
  const states = {
    detached: () => detachReceiver(),
    sockoptless: () => bed.chain.attach({ sockopt: false }),
    attached: () => bed.chain.attach(),
  };
  const measured = { detached: [], sockoptless: [], attached: [] } as Record<
    keyof typeof states,
    Nanoseconds[]
  >;
  for (let round = 0; round < rounds; round++)
    for (const state of ['detached', 'sockoptless', 'attached'] as const) {
      states[state]();
      const program = bed.start(bed.chain.backend, 'many-getsockopt', [String(calls)]);
      measured[state].push((await jsonOf<{ ns: Nanoseconds }>(program)).ns);
    }
  return (Object.keys(CALLS) as Call[]).map((call) => {
    const [detached, sockoptless, attached] = (['detached', 'sockoptless', 'attached'] as const).map(
      (state) => Math.round(summarize(measured[state].map((ns) => ns[call])).median),
    );
    return figure({
      group: 'calls',
      name: `${CALLS[call]}, added`,
      unit: 'ns',
      samples: measured.attached.map((ns, round) => ns[call] - measured.detached[round]![call]),
      detail: `${detached} ns detached, ${sockoptless} ns attached with --no-sockopt, ${attached} ns attached`,
    });
  });
}
