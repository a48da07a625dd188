/** Exit status of forwarder-on-host.js. */
export const REFUSED = 3;

/** This kernel, or its virtual interfaces, cannot do what a forwarder needs. The message says what, and what to do. */
export class ForwarderRefusedError extends Error {
  override readonly name = 'ForwarderRefusedError';
}
