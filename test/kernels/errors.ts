/** A kernel cannot be had here, now. */
export class KernelUnavailableError extends Error {
  override readonly name = 'KernelUnavailableError';
}

/** A virtual machine did not start, or did not come to its end. */
export class GuestError extends Error {
  override readonly name = 'GuestError';
}
