/** A Debian release that is booted. */
export interface Release {
  /** Its number. */
  readonly name: string;
  readonly suite: string;
}

export const DEBIAN_12: Release = { name: '12', suite: 'bookworm' };
export const DEBIAN_13: Release = { name: '13', suite: 'trixie' };
