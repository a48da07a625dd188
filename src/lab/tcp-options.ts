const EOL = 0;
const NOP = 1;
const TIMESTAMPS = 8;

/** The timestamps option (RFC 7323 section 3) as most stacks send it: two NOPs before it, 12 bytes. */
export function timestampsOption(tsval: number, tsecr: number): Uint8Array {
  const bytes = Uint8Array.of(NOP, NOP, TIMESTAMPS, 10, ...new Array<number>(8).fill(0));
  const view = new DataView(bytes.buffer);
  view.setUint32(4, tsval);
  view.setUint32(8, tsecr);
  return bytes;
}

/** TSval of the timestamps option among well-formed option bytes; undefined when there is none. */
export function tsvalOf(options: Uint8Array): number | undefined {
  const view = new DataView(options.buffer, options.byteOffset, options.length);
  for (let at = 0; at < options.length && options[at] !== EOL; ) {
    if (options[at] === TIMESTAMPS) return view.getUint32(at + 2);
    at += options[at] === NOP ? 1 : Math.max(2, options[at + 1] ?? 0);
  }
  return undefined;
}
