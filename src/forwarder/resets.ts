import type { Descriptor } from '../kernel/descriptor.js';
import { NativeMemory } from '../kernel/memory.js';
import { injectFrame } from '../kernel/test-run.js';
import { ENDPOINTS, stateOf } from './connection.js';
import { CONNECTION, CONNECTION_FLAGS, DIRECTION, STATE, WAY } from './layout.js';
import { type RawEndpoint, resetFrame } from './reset-frame.js';
import type { StructArray } from './words.js';

const REPORTED_STATES: ReadonlySet<number> = new Set([STATE.synReceived, STATE.established, STATE.closing]);

/**
 * Ends a connection that nobody has used for too long, at both ends: either is sent a RST as if the other one had. They
 * are handed to the program as arriving frames, which translates them as it does any other.
 *
 * @param program `forwarder`
 * @param connections the map of that name
 * @param portOf the interface that frames of an egress come and go by, as ifindex
 * @returns false where it has come to life again meanwhile, or is gone.
 * @throws {KernelError}
 */
export function resetBothSides(
  program: Descriptor,
  connections: StructArray,
  slot: number,
  portOf: (egress: number) => number,
): boolean {
  const bytes = connections.read(slot);
  const flags = bytes.readUInt32LE(CONNECTION.flags);
  const state = stateOf(flags);
  if (!(flags & CONNECTION_FLAGS.reported) || !REPORTED_STATES.has(state)) return false;
  const end = ({ address, port }: { address: number; port: number }): RawEndpoint => ({
    address: bytes.subarray(address, address + 16),
    port: bytes.readUInt16BE(port),
  });
  const way = (direction: number) => CONNECTION.to + direction * WAY.size;
  const acknowledged = (direction: number) => bytes.readUInt32LE(way(direction) + WAY.acknowledged);
  const cameBy = (direction: number) => portOf(bytes[way(direction) + WAY.egress]!);
  const { toBackend, toClient } = DIRECTION;
  const { sender, listen, local, backend } = ENDPOINTS;
  // What one side has acknowledged is what it expects next of the other; a client whose first acknowledgement has not
  // come expects what follows the SYN-ACK.
  const backendNext =
    state === STATE.synReceived
      ? (bytes.readUInt32LE(CONNECTION.backendIsn) + 1) >>> 0
      : acknowledged(toBackend);
  inject(program, resetFrame(end(sender), end(listen), acknowledged(toClient)), cameBy(toClient));
  inject(program, resetFrame(end(backend), end(local), backendNext), cameBy(toBackend));
  return true;
}

function inject(program: Descriptor, frame: Buffer, ifindex: number): void {
  using memory = new NativeMemory(frame.length);
  frame.copy(memory.bytes);
  injectFrame(program, memory, ifindex);
}
