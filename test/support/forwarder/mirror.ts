import type { TcpFrame } from '../packets/frame.js';
import { splitOptions, timestamps } from '../packets/options.js';

const TIMESTAMPS = 8;

/**
 * The frame as the other side would send it: both ends change places, and so do sequence and acknowledgement number,
 * timestamp and echo.
 */
export function mirrored({ ethernet, ip, tcp, ...rest }: TcpFrame): TcpFrame {
  return {
    ...rest,
    ethernet: { ...ethernet, source: ethernet.destination, destination: ethernet.source },
    ip: { ...ip, src: ip.dst, dst: ip.src },
    tcp: {
      ...tcp,
      sport: tcp.dport,
      dport: tcp.sport,
      seq: tcp.ack,
      ack: tcp.seq,
      options: mirroredOptions(tcp.options),
    },
  };
}

function mirroredOptions(options: Uint8Array): Uint8Array {
  const list = splitOptions(options).map((option) => {
    if (option[0] !== TIMESTAMPS || option.length !== 10) return [...option];
    const view = new DataView(option.buffer, option.byteOffset);
    return timestamps(view.getUint32(6), view.getUint32(2));
  });
  return Uint8Array.from(list.flat());
}
